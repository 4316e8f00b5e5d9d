import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Channel as GrpcChannel, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRole, nameFits, type Role, roles, serves } from '../../certs/identity.ts';
import { systemClock } from '../../core/base/clock.ts';
import type { Fault } from '../../core/base/errors.ts';
import type { Peer } from '../../core/link/channel.ts';
import { authorise } from '../../core/site/rights/authorise.ts';
import type { Right } from '../../core/site/rights/right.ts';
import { rights } from '../../core/site/rights/rights.ts';
import { channelOptionsFor, clientCredentials } from '../../core/wire/client-credentials.ts';
import type { Handler } from '../../core/wire/handlers.ts';
import { loadService } from '../../core/wire/load-proto.ts';
import { type Services, SiteListener } from '../../core/wire/site-listener.ts';
import { faultOf } from '../../core/wire/status.ts';
import { Pki } from '../support/pki.ts';
import { root } from '../support/tidy/sources.ts';

/** Served on a listener of its own, to strangers. */
const elsewhere = 'Enrolment';

interface Rpc {
  readonly file: string;
  readonly service: string;
  /** Camel case. */
  readonly name: string;
  /** As gRPC calls it. */
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

/** Every rpc of every service, out of the definitions that the listener itself loads. */
function rpcsOfContract(): Rpc[] {
  const folder = join(root, 'proto', 'tongbu', 'v1');
  const files = readdirSync(folder).filter((name) => name.endsWith('.proto'));
  return files.flatMap((name) => {
    const file = name.replace('.proto', '');
    const loaded = loadSync(`tongbu/v1/${name}`, { includeDirs: [join(root, 'proto')] });
    return Object.entries(loaded)
      .filter(([, definition]) => !('format' in definition))
      .map(([full]) => full.replace('tongbu.v1.', ''))
      .filter((service) => service !== elsewhere)
      .flatMap((service) => rpcsOf(file, service));
  });
}

function rpcsOf(file: string, service: string): Rpc[] {
  return Object.values(loadService(file, service).service).map((method) => ({
    file,
    service,
    name: method.originalName ?? method.path,
    path: method.path,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
  }));
}

const rpcs = rpcsOfContract();
/** `fingerprint path` of every call that came to a handler. */
const reached = new Set<string>();

/** Counts whom it lets in, and answers so that the call ends. */
function handlerOf({ path, requestStream, responseStream }: Rpc): Handler {
  const came = ({ fingerprint }: Peer) => void reached.add(`${fingerprint} ${path}`);
  if (requestStream && path.startsWith('/tongbu.v1.Replication/')) {
    return {
      kind: 'frames',
      handle: async (channel) => {
        came(channel.peer);
        channel.close();
      },
    };
  }
  if (requestStream) {
    return {
      kind: 'portions',
      open: (peer) => {
        came(peer);
        return { answer: async () => ({}) };
      },
    };
  }
  const answer = async (_request: object, peer: Peer) => {
    came(peer);
    return {};
  };
  if (!responseStream) return { kind: 'unary', handle: answer };
  return {
    kind: 'stream',
    async *handle(request, peer) {
      yield await answer(request, peer);
    },
  };
}

function servicesOf(): Services {
  const names = [...new Set(rpcs.map(({ service }) => service))];
  return names.map((service) => {
    const methods = rpcs.filter((rpc) => rpc.service === service);
    return [
      methods[0]?.file ?? '',
      service,
      Object.fromEntries(methods.map((rpc) => [rpc.name, handlerOf(rpc)])),
    ];
  });
}

/** Calls once, sends nothing, and says how it ended. */
function ending(client: InstanceType<ServiceClientConstructor>, rpc: Rpc): Promise<Fault | undefined> {
  const deadline = systemClock.nowMs() + 20_000;
  const method = client[rpc.name]?.bind(client) as ((...parts: unknown[]) => unknown) | undefined;
  if (!method) throw new TypeError(`no method ${rpc.name}`);
  return new Promise((resolve) => {
    if (!rpc.requestStream && !rpc.responseStream) {
      method({}, { deadline }, (error: Error | null) => resolve(error ? faultOf(error) : undefined));
      return;
    }
    const stream = (
      rpc.requestStream ? method({ deadline }) : method({}, { deadline })
    ) as NodeJS.ReadStream & {
      end?(): void;
    };
    stream.on('error', (error: Error) => resolve(faultOf(error)));
    stream.on('data', () => {});
    stream.on('end', () => resolve(undefined));
    if (rpc.requestStream) stream.end?.();
  });
}

const tiers = [
  { site: '430121', role: 'node' },
  { site: '430000', role: 'hub' },
  { site: '100000', role: 'hub' },
] as const;

/** Own site, a county of the same city, one of another city, cities in and out of the province, hubs. */
const origins = ['430121', '430122', '430221', '430100', '440100', '430000', '440000', '100000'];

/** Said a second time, from the row alone, and not with the code under test. */
function mayCall(right: Right, site: string, role: Role, origin: string): boolean {
  if (right.any?.includes(role)) return true;
  if (right.own?.includes(role)) return origin === site;
  return right.area?.includes(role) === true && site === '430000' && origin === '430100';
}

let pki: Pki;
const listeners = new Map<string, { readonly listener: SiteListener; readonly port: number }>();

beforeAll(async () => {
  pki = await Pki.create();
  for (const { site, role } of tiers) {
    const { material } = await pki.identity(site, role, ['localhost', '127.0.0.1']);
    const ports = {
      examine: pki.examine,
      authorise: (peer: Peer, method: string) => authorise(site, peer, method),
      refused: () => {},
    };
    const listener = new SiteListener(material, servicesOf(), ports, systemClock);
    listeners.set(site, { listener, port: await listener.listen('127.0.0.1', 0) });
  }
});
afterAll(() => {
  for (const { listener } of listeners.values()) listener.close();
});

/** What went otherwise than the table says, when one certificate calls everything over one connection. */
async function askAll(site: string, role: Role, origin: string): Promise<string[]> {
  const address = `localhost:${listeners.get(site)?.port ?? 0}`;
  const grant = nameFits(role, '') ? role : `${role}/zhou`;
  const hosts = serves(role) ? ['localhost'] : [];
  const { material, fingerprint } = await pki.identity(origin, grant, hosts);
  const credentials = clientCredentials(material, { site, roles: ['node', 'hub'] }, pki.examine, systemClock);
  const channel = new GrpcChannel(address, credentials, channelOptionsFor('localhost'));
  const verdicts = rpcs.map(async (rpc) => {
    const Service = loadService(rpc.file, rpc.service);
    const client = new Service(address, credentials, { channelOverride: channel });
    const error = await ending(client, rpc);
    const right = rights[rpc.path];
    const may = right !== undefined && mayCall(right, site, role, origin);
    const came = reached.has(`${fingerprint} ${rpc.path}`);
    const isRight = may ? came && error === undefined : !came && error?.code === 'TB1606';
    return isRight ? [] : [`${grant} of ${origin}: ${rpc.path} ${error?.code ?? 'answered'}`];
  });
  const wrong = (await Promise.all(verdicts)).flat();
  channel.close();
  return wrong;
}

test('every rpc of the loaded definitions has a row in the table of rights, and every row its rpc', () => {
  expect(rpcs.length).toBeGreaterThan(30);
  expect(Object.keys(rights).sort()).toEqual(rpcs.map(({ path }) => path).sort());
});

describe.each(tiers)('at $site, with real certificates over mutual TLS', ({ site }) => {
  test.each(roles)('%s reaches exactly the handlers of its rows, from every site', async (role) => {
    expect(isRole(role)).toBe(true);
    for (const origin of origins) {
      expect(await askAll(site, role, origin)).toEqual([]);
    }
  });
});

test('the duties are apart: what an officer alone may, no operator or auditor may, and the reverse', () => {
  const rpcsOf = (role: Role) =>
    new Set(Object.keys(rights).filter((path) => rights[path]?.own?.includes(role as never)));
  const [officer, operator, auditor] = [rpcsOf('officer'), rpcsOf('operator'), rpcsOf('auditor')];
  expect([...officer].some((path) => !operator.has(path))).toBe(true);
  expect([...operator].some((path) => !officer.has(path))).toBe(true);
  // An auditor changes nothing: every call of its rows is reading, looking, or an export of acts.
  const changing = [...auditor].filter((path) => {
    const audited = rights[path]?.audited;
    return audited !== 'read' && audited !== 'look' && audited !== 'export';
  });
  expect(changing).toEqual([]);
  expect([...auditor].filter((path) => path.startsWith('/tongbu.v1.Intake/'))).toEqual([]);
});
