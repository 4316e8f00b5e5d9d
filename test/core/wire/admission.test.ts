import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { examinePeer } from '../../../certs/peer-policy.ts';
import { systemClock } from '../../../core/base/clock.ts';
import { fault } from '../../../core/base/errors.ts';
import { exchange, MutualServer, pull } from '../../support/mutual-server.ts';
import { Pki, type TestIdentity } from '../../support/pki.ts';

let pki: Pki;
let hub: TestIdentity;
let server: MutualServer;

beforeAll(async () => {
  pki = await Pki.create();
  hub = await pki.identity('430000', 'hub', ['localhost']);
});
afterEach(() => server.close());

const node = (site = '430121') => pki.identity(site, 'node');

describe('admission', () => {
  it('hands every handler its peer, also after the connection is gone', async () => {
    server = await MutualServer.start(pki, hub);
    const { material, fingerprint } = await node();
    const client = server.client(pki, material);
    const call = pull(client);
    expect(await exchange(call)).toBe('answered');
    expect(server.handled).toMatchObject([{ site: '430121', role: 'node', fingerprint }]);
    const { cancelled } = server;
    server.drop(fingerprint);
    expect(await call.ended).toMatchObject({ code: 'TB1340', retry: true });
    await expect.poll(() => cancelled).toMatchObject([{ site: '430121', fingerprint }]);
    expect(server.admission.liveCalls()).toBe(0);
    client.close();
  });

  it('ends the live stream of a revoked site and refuses its next call on the same connection', async () => {
    server = await MutualServer.start(pki, hub);
    const [bad, good] = await Promise.all([node(), node('430122')]);
    const clients = [server.client(pki, bad.material), server.client(pki, good.material)] as const;
    const calls = [pull(clients[0]), pull(clients[1])] as const;
    for (const call of calls) expect(await exchange(call)).toBe('answered');
    pki.revoked.add(bad.fingerprint);
    const reason = fault('TB1302', { fingerprint: bad.fingerprint });
    expect(server.admission.end(bad.fingerprint, reason)).toBe(1);
    expect(await calls[0].ended).toMatchObject({
      code: 'TB1302',
      parameters: { fingerprint: bad.fingerprint },
    });
    const accepted = server.connections.counts().accepted;
    expect(await exchange(pull(clients[0]))).toMatchObject({ code: 'TB1302' });
    expect(server.connections.counts().accepted).toBe(accepted);
    expect(server.drop(bad.fingerprint)).toBe(1);
    await expect.poll(() => exchange(pull(clients[0]))).toMatchObject({ code: 'TB1302' });
    expect(server.connections.counts().accepted).toBe(accepted + 1);
    expect(await exchange(calls[1])).toBe('answered');
    expect(server.handled).toHaveLength(2);
    for (const client of clients) client.close();
  });

  it('lets the handshake of a revoked certificate fail once the new list is in force', async () => {
    server = await MutualServer.start(pki, hub);
    const { material, serial } = await node();
    await pki.publish([{ serial, revokedMs: systemClock.nowMs() }]);
    server.credentials.replace({ ...hub.material, lists: pki.lists });
    const client = server.client(pki, material);
    expect(await exchange(pull(client))).toMatchObject({ code: 'TB1340' });
    expect(server.refused).toEqual([]);
    expect(server.handled).toEqual([]);
    client.close();
    await pki.publish([]);
  });

  it('touches no other stream in 100 revocations under load', async () => {
    server = await MutualServer.start(pki, hub);
    const doomed = await Promise.all(Array.from({ length: 100 }, (_, i) => node(String(430_200 + i))));
    const kept = await Promise.all(Array.from({ length: 10 }, (_, i) => node(String(430_500 + i))));
    const open = ({ material }: TestIdentity) => {
      const client = server.client(pki, material);
      return { client, call: pull(client, 60_000) };
    };
    const [lost, safe] = [doomed.map(open), kept.map(open)];
    for (const { call } of [...lost, ...safe]) expect(await exchange(call)).toBe('answered');
    const traffic = safe.map(async ({ call }) => {
      for (let i = 0; i < 200; i += 1) expect(await exchange(call)).toBe('answered');
    });
    for (const { fingerprint } of doomed) {
      pki.revoked.add(fingerprint);
      server.admission.end(fingerprint, fault('TB1302', { fingerprint }));
      server.drop(fingerprint);
    }
    for (const { call } of lost)
      expect(await call.ended).toMatchObject({ code: expect.stringMatching(/TB13(02|40)/) });
    for (const { client } of lost) {
      expect(await exchange(pull(client))).toMatchObject({ code: expect.stringMatching(/TB13(02|40)/) });
    }
    await Promise.all(traffic);
    expect(server.admission.liveCalls()).toBe(10);
    expect(server.handled).toHaveLength(110);
    for (const { client } of [...lost, ...safe]) client.close();
  });

  it('ends a call that outlives its certificate, and refuses the next', async () => {
    let nowMs = systemClock.nowMs();
    const examine = (der: Uint8Array) =>
      examinePeer(der, { trustDomain: pki.trustDomain, nowMs, revoked: new Set() });
    server = await MutualServer.start(pki, hub, { examine });
    const client = server.client(pki, (await node()).material);
    const call = pull(client);
    expect(await exchange(call)).toBe('answered');
    expect(server.admission.recheck()).toBe(0);
    nowMs += 30 * 86_400_000 + 1;
    expect(server.admission.recheck()).toBe(1);
    expect(await call.ended).toMatchObject({ code: 'TB1303' });
    expect(await exchange(pull(client))).toMatchObject({ code: 'TB1303' });
    client.close();
  });

  it('refuses a call without the right before any handler, with its code and parameters', async () => {
    server = await MutualServer.start(pki, hub, {
      authorise: ({ role }, method) =>
        method.endsWith('Pull') ? fault('TB1305', { role, method }) : undefined,
    });
    const client = server.client(pki, (await node()).material);
    const parameters = { role: 'node', method: '/tongbu.v1.Replication/Pull' };
    expect(await exchange(pull(client))).toMatchObject({ code: 'TB1305', parameters });
    expect(server.handled).toEqual([]);
    expect(server.refused).toMatchObject([{ method: parameters.method, from: { address: '127.0.0.1' } }]);
    client.close();
  });

  it('leaves no live call behind, however a call ends', async () => {
    server = await MutualServer.start(pki, hub);
    const client = server.client(pki, (await node()).material);
    const [ended, cancelled] = [pull(client), pull(client)];
    for (const call of [ended, cancelled]) expect(await exchange(call)).toBe('answered');
    expect(server.admission.liveCalls()).toBe(2);
    ended.stream.end();
    expect(await ended.ended).toBeUndefined();
    cancelled.stream.cancel();
    await cancelled.ended;
    const late = pull(client, 200);
    expect(await exchange(late)).toBe('answered');
    expect(await late.ended).toMatchObject({ code: 'TB1341' });
    await expect.poll(() => server.admission.liveCalls()).toBe(0);
    client.close();
  });

  it('answers an unknown method without a word about anything', async () => {
    server = await MutualServer.start(pki, hub);
    const client = server.client(pki, (await node()).material);
    const identity = (bytes: Buffer) => bytes;
    const error = await new Promise<{ code: number; details: string } | null>((resolve) => {
      client.makeUnaryRequest('/tongbu.v1.Secret/Keys', identity, identity, Buffer.alloc(0), resolve);
    });
    expect(error).toMatchObject({ code: 12 });
    expect(error?.details).not.toMatch(/Replication|430/);
    expect(server.connections.counts()).toMatchObject({ open: 1, accepted: 1 });
    client.close();
  });
});
