import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { exchange, MutualServer, pull } from '../../support/mutual-server.ts';
import { Pki, type TestIdentity } from '../../support/pki.ts';

let pki: Pki;
let hub: TestIdentity;
let node: TestIdentity;
let server: MutualServer;
const sockets: Socket[] = [];

beforeAll(async () => {
  pki = await Pki.create();
  [hub, node] = await Promise.all([
    pki.identity('430000', 'hub', ['localhost']),
    pki.identity('430121', 'node'),
  ]);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

function idle(): Promise<'open' | 'closed'> {
  const socket = connect(server.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  const before = server.connections.counts();
  return new Promise((resolve) => {
    socket.once('close', () => resolve('closed'));
    const look = () => {
      const { accepted } = server.connections.counts();
      if (accepted > before.accepted) resolve('open');
      else if (!socket.destroyed) setImmediate(look);
    };
    look();
  });
}

describe('connections', () => {
  it('are refused above the limit of an address, and taken again when one ends', async () => {
    server = await MutualServer.start(pki, hub, { limits: { total: 100, perAddress: 2 } });
    expect([await idle(), await idle(), await idle()]).toEqual(['open', 'open', 'closed']);
    expect(server.connections.counts()).toEqual({ open: 2, accepted: 2, refused: 1 });
    sockets[0]?.destroy();
    await expect.poll(() => server.connections.counts().open).toBe(1);
    const client = server.client(pki, node.material);
    expect(await exchange(pull(client))).toBe('answered');
    client.close();
  });

  it('are refused above the limit in all', async () => {
    server = await MutualServer.start(pki, hub, { limits: { total: 1, perAddress: 100 } });
    expect([await idle(), await idle()]).toEqual(['open', 'closed']);
  });

  it('of one certificate are all dropped and no other is touched', async () => {
    server = await MutualServer.start(pki, hub);
    const other = await pki.identity('430122', 'node');
    const clients = [node, node, other].map(({ material }) => server.client(pki, material));
    const calls = clients.map((client) => pull(client));
    for (const call of calls) expect(await exchange(call)).toBe('answered');
    expect(server.connections.counts().open).toBe(3);
    expect(server.drop(node.fingerprint)).toBe(2);
    expect(await calls[0]?.ended).toMatchObject({ code: 'TB1340' });
    expect(await calls[1]?.ended).toMatchObject({ code: 'TB1340' });
    const [, , kept] = calls;
    if (!kept) throw new Error('no call');
    expect(await exchange(kept)).toBe('answered');
    expect(server.drop(node.fingerprint)).toBe(0);
    for (const client of clients) client.close();
  });

  it('on a port in use are answered with its name', async () => {
    server = await MutualServer.start(pki, hub);
    const second = new MutualServer(pki, hub);
    await expect(second.connections.listen('127.0.0.1', server.port)).rejects.toMatchObject({
      code: 'TB1328',
      parameters: { reason: 'EADDRINUSE' },
    });
    second.close();
  });

  it('that speak no TLS reach no handler and leave nothing behind', async () => {
    server = await MutualServer.start(pki, hub);
    const socket = connect(server.port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    await expect.poll(() => server.connections.counts()).toMatchObject({ open: 0, accepted: 1 });
    expect(server.handled).toEqual([]);
  });
});
