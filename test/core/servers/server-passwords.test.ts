import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openClient } from '../../../core/servers/scram-client.ts';
import type { ServerPool } from '../../../core/servers/server-pool.ts';
import { ManualClock } from '../../support/cli-world.ts';
import {
  administrator,
  PostgresServer,
  postgresMissing,
  postgresReason,
} from '../../support/postgres-server.ts';
import { until } from '../../support/until.ts';
import { codeOf, Disk, Fuse, type Process, serverOf, start } from './setting.ts';

const admin = () => ({ user: administrator.user, password: Buffer.from(administrator.password) });

describe.skipIf(postgresMissing)(`the password of a role at a PostgreSQL server${postgresReason}`, () => {
  let postgres: PostgresServer;
  let disk: Disk;
  let site: Process;
  let role: string;
  let count = 0;
  const started: Process[] = [];

  beforeAll(async () => {
    postgres = await PostgresServer.start();
  });
  afterAll(() => postgres?.stop());
  beforeEach(() => {
    count += 1;
    role = `tongbu_${count}`;
    disk = new Disk();
    site = run();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map(({ servers }) => servers.close()));
  });

  function run(fuse = new Fuse(), clock?: ManualClock): Process {
    const process = start(disk, fuse, clock);
    started.push(process);
    return process;
  }

  const add = ({ servers, record }: Process) => servers.add(serverOf(postgres, { role }), admin(), record);
  const whoAmI = async (pool: ServerPool) => (await pool.query('SELECT session_user AS me'))[0]?.['me'];

  async function opens(password: string): Promise<boolean> {
    const login = { server: serverOf(postgres, { role }), user: role, password: () => Buffer.from(password) };
    return openClient(login).then(
      async (client) => {
        await client.end();
        return true;
      },
      () => false,
    );
  }

  it('makes the role with a password that only the ring knows, and the pool logs in with it', async () => {
    const view = await add(site);
    expect(view).toMatchObject({ name: 'ledger-1', state: 'ready', unfinished: false, failure: '' });
    expect(await whoAmI(site.servers.pool('ledger-1'))).toBe(role);
    expect(disk.password(role)).toMatch(/^[\w-]{32}$/);
    expect(disk.acts.map(({ step }) => step)).toEqual(['adding', 'added']);
  });

  it('changes the password by itself, after which the one before opens nothing', async () => {
    await add(site);
    const before = disk.password(role);
    await site.servers.rotate('ledger-1', site.record);
    expect(disk.password(role)).not.toBe(before);
    expect(await opens(disk.password(role))).toBe(true);
    expect(await opens(before)).toBe(false);
    expect(disk.acts.map(({ step }) => step)).toEqual(['adding', 'added', 'rotating', 'rotated']);
  });

  it('keeps one older password at most, for a server that was restored from its own backup', async () => {
    await add(site);
    for (let i = 0; i < 3; i += 1) await site.servers.rotate('ledger-1', site.record);
    expect(disk.passwords(role)).toHaveLength(2);
    const [older = ''] = disk.passwords(role);
    await postgres.ask(`ALTER ROLE ${role} PASSWORD '${older}'`);
    expect(await whoAmI(site.servers.pool('ledger-1'))).toBe(role);
    expect(await opens(disk.password(role))).toBe(true);
    expect(await opens(older)).toBe(false);
  });

  it('leaves a login that works wherever a rotation dies, before or after any of its steps', async () => {
    await add(site);
    let deaths = 0;
    for (const when of ['before', 'after'] as const) {
      for (let step = 1; ; step += 1) {
        const fuse = new Fuse(step, when);
        const dying = run(fuse);
        const outcome = await codeOf(dying.servers.rotate('ledger-1', dying.record));
        if (!fuse.blown) break;
        expect(outcome).toBe('Error: dead');
        deaths += 1;
        const next = run();
        expect([when, step, await whoAmI(next.servers.pool('ledger-1'))]).toEqual([when, step, role]);
        await next.servers.once();
        expect([when, step, next.servers.list()[0]?.unfinished]).toEqual([when, step, false]);
        expect([when, step, await opens(disk.password(role))]).toEqual([when, step, true]);
      }
    }
    expect(deaths).toBeGreaterThanOrEqual(16);
  });

  it('can be added again wherever the first set-up died', async () => {
    let deaths = 0;
    for (const when of ['before', 'after'] as const) {
      for (let step = 1; ; step += 1) {
        disk = new Disk();
        count += 1;
        role = `tongbu_${count}`;
        const fuse = new Fuse(step, when);
        await codeOf(add(run(fuse)));
        if (!fuse.blown) break;
        deaths += 1;
        const next = run();
        await add(next);
        expect([when, step, await whoAmI(next.servers.pool('ledger-1'))]).toEqual([when, step, role]);
      }
    }
    expect(deaths).toBeGreaterThanOrEqual(18);
  });

  it('carries the same pending password on, since a change that was sent may still take effect', async () => {
    await add(site);
    const dying = run(new Fuse(4, 'before')); // written down, pending, connected: dies with the ALTER
    await codeOf(dying.servers.rotate('ledger-1', dying.record));
    const pending = disk.passwords(role).at(-1);
    const next = run();
    await next.servers.rotate('ledger-1', next.record);
    expect(disk.password(role)).toBe(pending);
  });

  it('appears in no statement of the log of the server, whole or in part, in any encoding (trap 52)', async () => {
    await add(site);
    const seen = new Set(disk.passwords(role));
    await site.servers.rotate('ledger-1', site.record);
    for (const password of disk.passwords(role)) seen.add(password);
    await site.servers.remove('ledger-1', false, site.record);
    const { log } = postgres;
    expect(log).toContain(`ALTER ROLE CURRENT_USER PASSWORD 'SCRAM-SHA-256$4096:`); // it does log statements
    for (const password of [...seen, administrator.password]) {
      const bytes = Buffer.from(password);
      for (const text of [password, bytes.toString('hex'), bytes.toString('base64')]) {
        for (let i = 0; i + 8 <= text.length; i += 1) expect(log).not.toContain(text.slice(i, i + 8));
      }
    }
    expect(seen.size).toBe(2);
  });

  it('names nothing of a password in what is written down', async () => {
    await add(site);
    await site.servers.rotate('ledger-1', site.record);
    const told = JSON.stringify([disk.acts, site.servers.list(), [...disk.table.values()]]);
    for (const password of disk.passwords(role)) expect(told).not.toContain(password.slice(0, 8));
    expect(told).not.toContain(administrator.password);
  });

  it('lets a pool work on while the password is changed again and again', async () => {
    await add(site);
    const pool = site.servers.pool('ledger-1');
    const held = await pool.connect();
    let isOver = false;
    let answered = 0;
    const busy = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const client = await pool.connect();
        await client.query('SELECT 1');
        client.release(true); // a new login each time
        answered += 1;
      }
    });
    for (let i = 0; i < 6; i += 1) await site.servers.rotate('ledger-1', site.record);
    isOver = true;
    await Promise.all(busy);
    expect(answered).toBeGreaterThan(10);
    expect((await held.query('SELECT session_user AS me')).rows).toEqual([{ me: role }]);
    held.release();
  });

  it('cuts connections that are in use when the site is closed, and waits for nobody', async () => {
    await add(site);
    const held = await site.servers.pool('ledger-1').connect();
    const ended = new Promise((resolve) => held.once('end', resolve));
    const sleeping = held.query('SELECT pg_sleep(60)').catch(() => 'cut');
    await site.servers.close();
    expect(await sleeping).toBe('cut');
    await ended;
    await until('no login of ours', async () => {
      const text = `SELECT count(*)::int AS open FROM pg_stat_activity WHERE usename = '${role}' AND query !~ 'sleep'`;
      return (await postgres.ask(text))[0]?.['open'] === 0;
    });
    await postgres.ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
  });

  it('does two rotations at the same time as one', async () => {
    await add(site);
    await Promise.all([
      site.servers.rotate('ledger-1', site.record),
      site.servers.rotate('ledger-1', site.record),
    ]);
    expect(disk.acts.map(({ step }) => step).slice(2)).toEqual(['rotating', 'rotating', 'rotated']);
    expect(await opens(disk.password(role))).toBe(true);
    expect(disk.passwords(role)).toHaveLength(2);
  });

  it('changes nothing when the act can not be written down', async () => {
    await add(site);
    const before = disk.password(role);
    const refusing = () => {
      throw new Error('no audit');
    };
    await expect(site.servers.rotate('ledger-1', refusing)).rejects.toThrow('no audit');
    await expect(site.servers.remove('ledger-1', false, refusing)).rejects.toThrow('no audit');
    expect(disk.passwords(role)).toEqual([before]);
    expect(await opens(before)).toBe(true);
  });

  it('rotates by the schedule, tries again later when the server is away, and not before', async () => {
    const clock = new ManualClock();
    const scheduled = run(new Fuse(), clock);
    await add(scheduled);
    const first = disk.password(role);
    scheduled.servers.start((error) => {
      throw error;
    });
    await clock.pass(29 * 86_400_000);
    expect(disk.password(role)).toBe(first);
    await clock.pass(86_400_000);
    await until('the scheduled rotation', () => disk.password(role) !== first);
    await until('its end', () => disk.acts.at(-1)?.step === 'rotated');
    await postgres.halt();
    try {
      const second = disk.password(role);
      await clock.pass(30 * 86_400_000);
      await until('a failure', () => scheduled.failures.length > 0);
      expect(scheduled.failures).toEqual(['ledger-1 TB1935']);
      expect(disk.password(role)).toBe(second);
      await clock.pass(3_600_000);
      expect(scheduled.failures).toHaveLength(1);
    } finally {
      await postgres.run();
    }
    await clock.pass(6 * 3_600_000);
    await until('the rotation after all', () => disk.acts.at(-1)?.step === 'rotated');
    expect(await opens(disk.password(role))).toBe(true);
    expect(scheduled.servers.list()[0]).toMatchObject({ failure: '', unfinished: false });
  });

  it('makes the server forget the password when it is removed, and the ring too', async () => {
    await add(site);
    const password = disk.password(role);
    await site.servers.remove('ledger-1', false, site.record);
    expect(await opens(password)).toBe(false);
    expect(disk.passwords(role)).toEqual([]);
    expect(site.servers.list()).toEqual([]);
    expect(await codeOf(site.servers.rotate('ledger-1', site.record))).toBe('TB1932');
  });

  it('gives a login up without its server only when told, and finishes a removal that died', async () => {
    await add(site);
    for (let step = 1; ; step += 1) {
      const fuse = new Fuse(step, 'after');
      const dying = run(fuse);
      await codeOf(dying.servers.remove('ledger-1', false, dying.record));
      if (!fuse.blown) break;
      const next = run();
      if (!disk.table.has('ledger-1')) break;
      await next.servers.remove('ledger-1', false, next.record);
      expect([step, disk.passwords(role), disk.table.size]).toEqual([step, [], 0]);
      await add(run());
    }
    await add(run());
    await postgres.halt();
    try {
      const alone = run();
      expect(await codeOf(alone.servers.remove('ledger-1', false, alone.record))).toBe('TB1935');
      expect(disk.table.size).toBe(1);
      await alone.servers.remove('ledger-1', true, alone.record);
      expect([disk.table.size, disk.passwords(role)]).toEqual([0, []]);
    } finally {
      await postgres.run();
    }
  });

  it('is repaired by adding it again when somebody changed the password at the server', async () => {
    await add(site);
    await postgres.ask(`ALTER ROLE ${role} PASSWORD 'somebody elses'`);
    expect(await codeOf(site.servers.pool('ledger-1').query('SELECT 1'))).toBe('TB1938');
    expect(site.servers.list()[0]?.failure).toBe('TB1938');
    await add(site);
    expect(await whoAmI(site.servers.pool('ledger-1'))).toBe(role);
    expect(site.servers.list()[0]?.failure).toBe('');
  });
});
