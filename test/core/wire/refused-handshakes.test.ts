import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { Server } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/base/clock.ts';
import { RefusedHandshakes } from '../../../core/wire/refused-handshakes.ts';
import { contextOptions } from '../../../core/wire/tls-material.ts';
import { badCertificates, make } from '../../support/bad-certificates.ts';
import { exchange, MutualServer, pull } from '../../support/mutual-server.ts';
import { Pki, type TestIdentity } from '../../support/pki.ts';

let pki: Pki;
let other: Pki;
let hub: TestIdentity;
let node: TestIdentity;
let server: MutualServer | undefined;

beforeAll(async () => {
  [pki, other] = [await Pki.create(), await Pki.create()];
  hub = await pki.identity('430000', 'hub', ['localhost']);
  node = await pki.identity('430121', 'node');
});
afterEach(() => {
  server?.close();
  server = undefined;
});

/**
 * What OpenSSL says of those that its path check refuses. It goes on after an error and keeps the last one,
 * so a stranger's certificate ends as one without a list; Node has no name for some of its errors.
 */
const words: Readonly<Record<string, string>> = {
  'serverAuth alone': 'INVALID_PURPOSE',
  'codeSigning alone': 'INVALID_PURPOSE',
  'key usage of an authority': 'INVALID_PURPOSE',
  'a secp256k1 key': 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
  expired: 'CERT_HAS_EXPIRED',
  'not yet valid': 'CERT_NOT_YET_VALID',
  'an unknown critical extension': 'FORBIDDEN_BY_PATH_CHECK',
  'the same extension twice': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'signed with SHA-1': 'FORBIDDEN_BY_PATH_CHECK',
  'signed by itself': 'UNKNOWN_AUTHORITY',
  'signed by another authority': 'UNKNOWN_AUTHORITY',
  'signed by a leaf': 'FORBIDDEN_BY_PATH_CHECK',
  'another trust domain': 'FORBIDDEN_BY_PATH_CHECK',
  'a sub-domain': 'FORBIDDEN_BY_PATH_CHECK',
};

async function started(): Promise<MutualServer> {
  server = await MutualServer.start(pki, hub);
  return server;
}

/** A handshake that is to fail, with its options changed. */
async function handshake(port: number, change: ConnectionOptions): Promise<void> {
  const { minVersion: _floor, ...context } = contextOptions(node.material, systemClock.nowMs());
  const socket = connect({ host: 'localhost', port, ...context, ALPNProtocols: ['h2'], ...change });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
}

const first = async () => {
  await expect.poll(() => server?.refusedHandshakes).toHaveLength(1);
  return server?.refusedHandshakes[0];
};

describe('a bad certificate', () => {
  it.each(badCertificates)('with $name is refused with its reason, and reaches no handler', async (bad) => {
    const running = await started();
    const { refusedHandshakes, refused, handled } = running;
    const client = running.client(pki, await make(pki, other, bad));
    const code = bad.refusal === 'path' ? 'TB1340' : 'TB1301';
    expect(await exchange(pull(client))).toMatchObject({ code });
    if (bad.refusal === 'path') {
      expect(await first()).toEqual({
        reason: words[bad.name],
        from: { address: '127.0.0.1', port: expect.any(Number) },
        untold: 0,
      });
      expect(refused).toEqual([]);
    } else {
      expect(refusedHandshakes).toEqual([]);
      expect(refused).toMatchObject([
        {
          error: { code: 'TB1301', parameters: { reason: bad.refusal } },
          fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
          from: { address: '127.0.0.1' },
        },
      ]);
    }
    expect(handled).toEqual([]);
    client.close();
  });

  it('that is revoked is refused as that', async () => {
    await pki.publish([{ serial: node.serial, revokedMs: systemClock.nowMs() }]);
    const running = await started();
    running.credentials.replace({ ...hub.material, lists: pki.lists });
    const client = running.client(pki, node.material);
    expect(await exchange(pull(client))).toMatchObject({ code: 'TB1340' });
    expect(await first()).toMatchObject({ reason: 'CERT_REVOKED' });
    expect(running.handled).toEqual([]);
    client.close();
    await pki.publish([]);
  });
});

describe('a handshake', () => {
  it.each([
    ['of TLS 1.2', { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }, 'ERR_SSL_UNSUPPORTED_PROTOCOL'],
    [
      'without a certificate',
      { cert: undefined, key: undefined },
      'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
    ],
  ] as const)('%s is refused with its reason', async (_name, change, reason) => {
    const { port } = await started();
    await handshake(port, change as ConnectionOptions);
    expect(await first()).toMatchObject({ reason, from: { address: '127.0.0.1' } });
    expect(server?.handled).toEqual([]);
  });

  it('that is none, and one that ends in the middle, are told apart', async () => {
    const running = await started();
    const speaks = connectTcp(running.port, '127.0.0.1');
    speaks.on('error', () => {});
    speaks.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => speaks.once('close', resolve));
    const leaves = connectTcp(running.port, '127.0.0.1', () => leaves.destroy());
    await expect
      .poll(() => running.refusedHandshakes.map(({ reason }) => reason).sort())
      .toEqual(['ERR_SSL_HTTP_REQUEST', 'hung-up']);
  });

  it('that is refused again and again is counted, and does not fill the log', async () => {
    const running = await started();
    const hangUp = () =>
      new Promise<void>((resolve) => {
        const socket = connectTcp(running.port, '127.0.0.1', () => socket.destroy());
        socket.once('close', () => resolve());
      });
    for (let i = 0; i < 40; i += 1) await hangUp();
    await expect.poll(() => running.connections.counts()).toMatchObject({ open: 0, accepted: 40 });
    expect(running.refusedHandshakes).toHaveLength(10);
  });

  it('is heard of through a map that the gRPC library keeps to itself, and its absence is noticed', () => {
    const bare = new Server();
    expect(() => new RefusedHandshakes(bare, systemClock, () => {})).toThrow(/TLS servers in a map/);
    bare.forceShutdown();
  });
});
