import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { generateKeyPair } from '../../../certs/key-pair.ts';
import { systemClock } from '../../../core/base/clock.ts';
import { pem } from '../../../core/base/pem.ts';
import { LiveCredentials } from '../../../core/wire/live-credentials.ts';
import { contextOptions } from '../../../core/wire/tls-material.ts';
import { exchange, MutualServer, pull } from '../../support/mutual-server.ts';
import { opensslAsync, opensslMissing, opensslReason } from '../../support/openssl.ts';
import { Pki, type TestIdentity } from '../../support/pki.ts';

let pki: Pki;
let hub: TestIdentity;
let node: TestIdentity;
let server: MutualServer | undefined;

beforeAll(async () => {
  pki = await Pki.create();
  [hub, node] = await Promise.all([
    pki.identity('430000', 'hub', ['localhost']),
    pki.identity('430121', 'node'),
  ]);
});
afterEach(() => server?.close());

/** A bare handshake as the node, then the first byte or the end; TLS 1.3 servers refuse after it. */
async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { minVersion: _floor, ...context } = contextOptions(node.material, systemClock.nowMs());
  const socket = connect({ host: 'localhost', port, ...context, ALPNProtocols: ['h2'], ...options });
  await new Promise((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
  return socket;
}

const old = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;

describe('live credentials', () => {
  it('refuse TLS 1.2 before and after every one of three context updates, and take TLS 1.3', async () => {
    server = await MutualServer.start(pki, hub);
    for (let update = 0; update <= 3; update += 1) {
      if (update > 0) {
        await pki.publish([]);
        server.credentials.replace((await pki.identity('430000', 'hub', ['localhost'])).material);
      }
      await expect(handshake(server.port, old)).rejects.toThrow(/protocol version|unsupported protocol/i);
      const socket = await handshake(server.port);
      expect(socket.getProtocol()).toBe('TLSv1.3');
      socket.destroy();
    }
  });

  it.skipIf(opensslMissing)(`refuse TLS 1.2 to openssl too, after an update${opensslReason}`, async () => {
    server = await MutualServer.start(pki, hub);
    server.credentials.replace(hub.material);
    const [leaf = Buffer.alloc(0), issuing = Buffer.alloc(0)] = node.material.chain;
    const files = {
      'chain.pem': Buffer.concat([pem('CERTIFICATE', leaf), pem('CERTIFICATE', issuing)]),
      'key.pem': pem('PRIVATE KEY', node.material.privateKey),
      'root.pem': pem('CERTIFICATE', pki.root.certificate),
    };
    const { port } = server;
    const client = (version: string) =>
      opensslAsync(files, [
        's_client',
        '-connect',
        `127.0.0.1:${port}`,
        '-servername',
        'localhost',
        version,
        '-alpn',
        'h2',
        '-cert',
        'chain.pem',
        '-key',
        'key.pem',
        '-CAfile',
        'root.pem',
        '-verify_return_error',
      ]);
    expect((await client('-tls1_2')).text).toMatch(/protocol version|no protocols available|alert/i);
    const modern = (await client('-tls1_3')).text;
    expect(modern).toContain('Verification: OK');
    expect(modern).toContain('TLSv1.3');
  });

  it('throw at a bad update and go on with the good context', async () => {
    server = await MutualServer.start(pki, hub);
    const { credentials, port } = server;
    const bad = [
      [{ privateKey: generateKeyPair().privateKey }, 'TB1320'],
      [{ privateKey: Buffer.from('junk') }, 'TB1320'],
      [{ chain: [Buffer.from('junk')] }, 'TB1320'],
      [{ roots: [Buffer.from('junk')] }, 'TB1320'],
      [{ lists: [{ der: Buffer.from('junk'), authority: 'a', nextUpdateMs: Number.MAX_VALUE }] }, 'TB1320'],
      [{ lists: pki.lists.map((list) => ({ ...list, nextUpdateMs: systemClock.nowMs() - 1 })) }, 'TB1321'],
    ] as const;
    for (const [change, code] of bad) {
      expect(() => credentials.replace({ ...hub.material, ...change })).toThrow(
        expect.objectContaining({ code }),
      );
      const client = server.client(pki, node.material);
      expect(await exchange(pull(client))).toBe('answered');
      client.close();
      (await handshake(port)).destroy();
    }
  });

  it('never trust the roots of the machine or go without lists', () => {
    expect(() => new LiveCredentials({ ...hub.material, roots: [] }, systemClock)).toThrow(/without roots/);
    expect(() => new LiveCredentials({ ...hub.material, lists: [] }, systemClock)).toThrow(/without lists/);
  });

  it('keep live calls across an update', async () => {
    server = await MutualServer.start(pki, hub);
    const client = server.client(pki, node.material);
    const call = pull(client);
    expect(await exchange(call)).toBe('answered');
    server.credentials.replace((await pki.identity('430000', 'hub', ['localhost'])).material);
    expect(await exchange(call)).toBe('answered');
    client.close();
  });

  it('make a full handshake of every connection, also with a saved session', async () => {
    server = await MutualServer.start(pki, hub);
    const sessions: Buffer[] = [];
    const first = await handshake(server.port);
    first.on('session', (session) => sessions.push(session));
    const saved = first.getSession();
    if (saved) sessions.push(saved);
    expect(sessions.length).toBeGreaterThan(0);
    first.destroy();
    for (const session of sessions) {
      const again = await handshake(server.port, { session });
      expect(again.isSessionReused()).toBe(false);
      again.destroy();
    }
  });
});
