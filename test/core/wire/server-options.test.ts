import { compressionAlgorithms } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/base/clock.ts';
import { channelOptionsFor, clientCredentials } from '../../../core/wire/client-credentials.ts';
import { loadService } from '../../../core/wire/load-proto.ts';
import { exchange, MutualServer, pull, type Stream } from '../../support/mutual-server.ts';
import { Pki, type TestIdentity } from '../../support/pki.ts';

let pki: Pki;
let node: TestIdentity;
let server: MutualServer;

beforeAll(async () => {
  pki = await Pki.create();
  node = await pki.identity('430121', 'node');
  server = await MutualServer.start(pki, await pki.identity('430000', 'hub', ['localhost']));
});
afterAll(() => server.close());

function client(options = {}) {
  const credentials = clientCredentials(
    node.material,
    { site: '430000', roles: ['hub'] },
    pki.examine,
    systemClock,
  );
  const Replication = loadService('replication', 'Replication');
  return new Replication(`localhost:${server.port}`, credentials, {
    ...channelOptionsFor('localhost'),
    ...options,
  });
}

const send = (stream: Stream, entries: Buffer) => stream.write({ frame: { batch: { first: 0, entries } } });

describe('the limits of a connection', () => {
  it('answer a message of 50 KB that unfolds to 50 MB with a refusal and go on', async () => {
    const caller = client({ 'grpc.default_compression_algorithm': compressionAlgorithms.gzip });
    const bomb = Buffer.alloc(50 * 1_024 * 1_024);
    const call = pull(caller);
    send(call.stream, bomb);
    expect(await call.ended).toMatchObject({ code: 'TB1349', parameters: { status: 'RESOURCE_EXHAUSTED' } });
    expect(await exchange(pull(caller))).toBe('answered');
    caller.close();
  });

  it('refuse a message above the limit before it is read and take one below it', async () => {
    const caller = client();
    const call = pull(caller);
    send(call.stream, Buffer.alloc(9 * 1_024 * 1_024));
    expect(await call.ended).toMatchObject({ code: 'TB1349', parameters: { status: 'RESOURCE_EXHAUSTED' } });
    const below = pull(caller);
    const answered = new Promise((resolve) => below.stream.once('data', resolve));
    send(below.stream, Buffer.alloc(8 * 1_024 * 1_024));
    await answered;
    caller.close();
  });
});
