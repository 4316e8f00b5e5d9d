import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync, type Options } from '@grpc/proto-loader';
import { assert } from '../base/assert.ts';

const folder = fileURLToPath(new URL('../../proto', import.meta.url));

/**
 * int64 as numbers: sizes and times stay below 2^53, and whoever decodes checks that. Absent scalars get
 * their default and absent messages null, so a message always has all of its fields.
 */
const options: Options = {
  longs: Number,
  enums: String,
  defaults: true,
  keepCase: false,
  oneofs: true,
  includeDirs: [folder],
};

const loaded = new Map<string, ServiceClientConstructor>();

/** A service of package tongbu.v1: `loadService('enrolment', 'Enrolment')`; bytes come as Buffers. */
export function loadService(file: string, service: string): ServiceClientConstructor {
  const name = `${file}#${service}`;
  const known = loaded.get(name);
  if (known) return known;
  const definition = loadSync(`tongbu/v1/${file}.proto`, options)[`tongbu.v1.${service}`];
  assert(definition, `no service ${service} in ${file}.proto`);
  const client = loadPackageDefinition({ [service]: definition })[service] as ServiceClientConstructor;
  loaded.set(name, client);
  return client;
}
