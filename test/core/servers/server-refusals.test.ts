import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkedServer, type Server } from '../../../core/servers/server.ts';
import type { Administrator } from '../../../core/servers/server-login.ts';
import { makeTlsFiles } from '../../../scripts/bench/tls-files.ts';
import {
  administrator,
  PostgresServer,
  postgresMissing,
  postgresReason,
  scramOverTls,
} from '../../support/postgres-server.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';
import { codeOf, Disk, type Process, serverOf, start } from './setting.ts';

const admin = (): Administrator => ({
  user: administrator.user,
  password: Buffer.from(administrator.password),
});

const started: Process[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ servers }) => servers.close()));
});

function run(disk = new Disk()): Process {
  const process = start(disk);
  started.push(process);
  return process;
}

describe.skipIf(postgresMissing)(`a database server that is not as it should be${postgresReason}`, () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await PostgresServer.start();
  });
  afterAll(() => postgres?.stop());

  const adding = (more: Partial<Server>, who = admin()) => {
    const { servers, record } = run();
    return codeOf(servers.add(serverOf(postgres, more), who, record));
  };

  it('is refused when another authority signed its certificate, before anything is sent', async () => {
    const ca = otherAuthority();
    const before = postgres.log.length;
    expect(await adding({ role: 'wrong_ca', ca })).toBe('TB1936');
    expect(postgres.log.slice(before)).not.toContain('authorized');
    expect(await postgres.ask("SELECT 1 FROM pg_roles WHERE rolname = 'wrong_ca'")).toEqual([]);
  });

  it('is refused when its certificate names another host or address', async () => {
    expect(await adding({ role: 'wrong_host', host: '127.0.0.2' })).toBe('TB1936');
    expect(await adding({ role: 'right_host', host: '127.0.0.1' })).toBe('done');
  });

  it('is refused without SCRAM: let in unasked, password in clear, MD5', async () => {
    const disk = new Disk();
    const { servers, record } = run(disk);
    await servers.add(serverOf(postgres, { role: 'asked' }), admin(), record);
    for (const method of ['trust', 'password']) {
      await postgres.allow(`hostssl all ${administrator.user} 127.0.0.1/32 scram-sha-256
hostssl all all 127.0.0.1/32 ${method}`);
      expect([method, await codeOf(servers.rotate('ledger-1', record))]).toEqual([method, 'TB1937']);
      expect([method, await codeOf(servers.pool('ledger-1').query('SELECT 1'))]).toEqual([method, 'TB1937']);
    }
    await postgres.allow(scramOverTls);
    expect(servers.list()[0]).toMatchObject({ unfinished: true, failure: 'TB1937' });
    await servers.rotate('ledger-1', record);
    expect(servers.list()[0]).toMatchObject({ unfinished: false, failure: '' });
  });

  it('is refused when it has no TLS', async () => {
    await postgres.ask('ALTER SYSTEM SET ssl = off');
    await postgres.ask('SELECT pg_reload_conf()');
    try {
      expect(await adding({ role: 'no_tls' })).toBe('TB1936');
    } finally {
      await postgres.ask('ALTER SYSTEM RESET ssl');
      await postgres.ask('SELECT pg_reload_conf()');
    }
  });

  it('keeps the hands off superusers, the administrator, and roles it has already', async () => {
    await postgres.ask('CREATE ROLE mighty LOGIN SUPERUSER');
    expect(await adding({ role: 'mighty' })).toBe('TB1941');
    expect(await adding({ role: administrator.user })).toBe('TB1941');
    const { servers, record } = run();
    await servers.add(serverOf(postgres, { role: 'taken' }), admin(), record);
    const again = (more: Partial<Server>) =>
      codeOf(servers.add(serverOf(postgres, { role: 'taken', ...more }), admin(), record));
    expect(await again({ name: 'other' })).toBe('TB1933');
    expect(await again({ role: 'free' })).toBe('TB1933');
  });

  it("names a wrong administrator's password as such, and an administrator without the right", async () => {
    const wrong = { user: administrator.user, password: Buffer.from('wrong') };
    expect(await adding({ role: 'nobody_1' }, wrong)).toBe('TB1939');
    await postgres.ask("CREATE ROLE weak LOGIN PASSWORD 'weak weak weak'");
    const weak = { user: 'weak', password: Buffer.from('weak weak weak') };
    expect(await adding({ role: 'nobody_2' }, weak)).toBe('TB1940');
  });
});

describe('the order for a database server', () => {
  const order: Server = {
    name: 'ledger-1',
    host: '/run/postgresql',
    port: 5432,
    database: 'tongbu',
    role: 'tongbu',
    ca: '',
    rotateDays: 30,
  };

  it('may go without TLS over a unix socket and loopback, and nowhere else', () => {
    for (const host of ['/run/postgresql', 'localhost', '127.0.0.1', '::1']) {
      expect(checkedServer({ ...order, host })).toEqual({ ...order, host });
    }
    for (const host of [
      'db.hunan.example',
      '10.0.0.7',
      '::',
      'localhost.evil.example',
      '127.0.0.1.example',
    ]) {
      expect(() => checkedServer({ ...order, host })).toThrow(/TB1934.*--ca/);
    }
  });

  it.each([
    ['--name', { name: 'Ledger' }],
    ['--host', { host: 'a b' }],
    ['--host', { host: '' }],
    ['--port', { port: 0 }],
    ['--port', { port: 65_536 }],
    ['--database', { database: "x'y" }],
    ['--role', { role: 'Role' }],
    ['--role', { role: 'a"; DROP ROLE b; --' }],
    ['--rotate-days', { rotateDays: 0 }],
    ['--rotate-days', { rotateDays: 366 }],
    ['--ca', { host: 'localhost', ca: 'no certificate' }],
  ])('is refused for its %s', (what, wrong) => {
    expect(() => checkedServer({ ...order, ...wrong })).toThrow(new RegExp(`TB1934.*${what}`));
  });
});

describe('an impostor at the port of a database server', () => {
  const request = (code: number, ...rest: number[]) =>
    Buffer.from([0x52, 0, 0, 0, 8 + rest.length, 0, 0, 0, code, ...rest]);
  const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

  it.each([
    ['in clear', request(3)],
    ['as MD5', request(5, 1, 2, 3, 4)],
    ['not at all', Buffer.concat([request(0), ready])],
  ])('that asks for the password %s gets nothing of it', async (_how, answer) => {
    const heard: Buffer[] = [];
    const sockets: Socket[] = [];
    const impostor = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.on('data', (part) => heard.push(part)); // what comes after the greeting
        socket.write(answer);
      });
    }).listen(0, '127.0.0.1');
    await once(impostor, 'listening');
    const { port } = impostor.address() as AddressInfo;
    const { servers, record } = run();
    const order = { name: 'x', host: '127.0.0.1', port, database: 'd', role: 'r', ca: '', rotateDays: 1 };
    expect(await codeOf(servers.add(order, admin(), record))).toBe('TB1937');
    for (const socket of sockets) if (!socket.destroyed) await once(socket, 'close');
    expect(Buffer.concat(heard).toString('latin1')).not.toContain(administrator.password);
    expect(Buffer.concat(heard)).toHaveLength(0);
    impostor.close();
  });
});

function otherAuthority(): string {
  const folder = new TemporaryFolder();
  makeTlsFiles(folder.path, 'nobody');
  const ca = readFileSync(folder.file('ca.crt'), 'utf8');
  folder.remove();
  return ca;
}
