import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../core/base/clock.ts';
import { pem } from '../../../../core/base/pem.ts';
import { contextOptions } from '../../../../core/wire/tls-material.ts';
import { DoorSetting } from '../../../support/door-setting.ts';
import { exchange, pull } from '../../../support/mutual-server.ts';
import { opensslAsync, opensslMissing, opensslReason } from '../../../support/openssl.ts';
import { Pki, type TestIdentity } from '../../../support/pki.ts';

let pki: Pki;
let node: TestIdentity;
let setting: DoorSetting;

beforeEach(async () => {
  pki = await Pki.create();
  node = await pki.identity('430121', 'node');
  setting = await DoorSetting.start(pki, await pki.identity('430000', 'hub', ['localhost']));
});
afterEach(() => setting.close());

/** Another certificate and newer lists, as the agent and the registry bring them. */
async function rotate(): Promise<void> {
  const { material } = await pki.identity('430000', 'hub', ['localhost']);
  setting.door.show({ chain: material.chain, privateKey: material.privateKey });
  await pki.publish([]);
  await setting.door.trust.learn({ lists: pki.lists.map(({ der }) => der) });
}

async function revokeSomebody(): Promise<void> {
  const { fingerprint, serial } = await pki.identity('430122', 'node');
  await pki.publish([{ serial, revokedMs: systemClock.nowMs() }]);
  const lists = pki.lists.map(({ der }) => der);
  await setting.door.trust.learn({ revoked: [fingerprint], lists });
}

/** What openssl prints of one connection as the node. */
async function speak(version: string): Promise<string> {
  const [leaf = Buffer.alloc(0), issuing = Buffer.alloc(0)] = node.material.chain;
  const files = {
    'chain.pem': Buffer.concat([pem('CERTIFICATE', leaf), pem('CERTIFICATE', issuing)]),
    'key.pem': pem('PRIVATE KEY', node.material.privateKey),
    'root.pem': pem('CERTIFICATE', pki.root.certificate),
  };
  const where = ['-connect', `127.0.0.1:${setting.port}`, '-servername', 'localhost', '-alpn', 'h2'];
  const how = ['-CAfile', 'root.pem', '-verify_return_error', '-state'];
  const { text } = await opensslAsync(files, ['s_client', ...where, version, ...own, ...how]);
  return text;
}

const own = ['-cert', 'chain.pem', '-key', 'key.pem'];

/** A connection of TLS 1.3, offering a session that was saved. */
async function handshake(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const context = contextOptions({ ...node.material, lists: pki.lists }, systemClock.nowMs());
  const where = { host: 'localhost', port: setting.port, ALPNProtocols: ['h2'] };
  const socket = connect({ ...where, ...context, ...options });
  await new Promise((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
  return socket;
}

describe('the facts of TLS at the door', () => {
  it.skipIf(opensslMissing)(
    `hold for openssl before and after each of three rotations, and after a revocation${opensslReason}`,
    async () => {
      const changes = [async () => {}, rotate, rotate, rotate, revokeSomebody];
      for (const change of changes) {
        await change();
        const modern = await speak('-tls1_3');
        expect(modern).toContain('Verification: OK');
        expect(modern).toMatch(/New, TLSv1\.3, Cipher is TLS_/);
        const older = await Promise.all(['-tls1', '-tls1_1', '-tls1_2'].map((version) => speak(version)));
        for (const text of older) {
          expect(text).toMatch(/protocol version|no protocols available|unsupported protocol/i);
          expect(text).toContain('no peer certificate available');
          expect(text).toContain('Cipher is (NONE)');
        }
        const nobody = { cert: undefined, key: undefined } as ConnectionOptions;
        await expect(handshake(nobody)).rejects.toThrow(/certificate required/i);
      }
      expect(setting.handled).toEqual([]);
    },
    60_000,
  );

  it('a saved session gives a full handshake, also after a rotation and after a revocation', async () => {
    const sessions: Buffer[] = [];
    const first = await handshake();
    first.on('session', (session) => sessions.push(session));
    const saved = first.getSession();
    if (saved) sessions.push(saved);
    expect(sessions.length).toBeGreaterThan(0);
    first.destroy();
    for (const change of [async () => {}, rotate, revokeSomebody]) {
      await change();
      for (const session of sessions) {
        const again = await handshake({ session });
        expect(again.isSessionReused()).toBe(false);
        again.destroy();
      }
    }
  });

  it('a session saved before its certificate was revoked opens nothing', async () => {
    const first = await handshake();
    const session = first.getSession();
    first.destroy();
    await pki.publish([{ serial: node.serial, revokedMs: systemClock.nowMs() }]);
    await setting.door.trust.learn({ lists: pki.lists.map(({ der }) => der) });
    await expect(handshake(session ? { session } : {})).rejects.toThrow();
    await expect.poll(() => setting.handshakes.map(({ reason }) => reason)).toEqual(['CERT_REVOKED']);
  });

  it('a file that can not be used changes nothing, and the next handshake succeeds', async () => {
    const { material } = await pki.identity('430000', 'hub', ['localhost']);
    const bad = { chain: material.chain, privateKey: Buffer.from('no key') };
    expect(() => setting.door.show(bad)).toThrow(expect.objectContaining({ code: 'TB1320' }));
    const client = setting.client(pki, node.material);
    expect(await exchange(pull(client))).toBe('answered');
    client.close();
  });
});
