import { watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { CanaryScan } from '../support/canary-scan.ts';
import { RunningCommand } from '../support/command.ts';
import { TestConstellation } from '../support/constellation.ts';
import {
  administrator,
  PostgresServer,
  postgresMissing,
  postgresReason,
} from '../support/postgres-server.ts';
import { TemporaryFolder } from '../support/temporary-folder.ts';

const officers = ['zhao', 'qian'];
const folder = new TemporaryFolder();

interface ServerDocument {
  readonly server: { readonly name: string; readonly state: string; readonly rotated: string };
}

describe.skipIf(postgresMissing)(`logins at database servers by command${postgresReason}`, () => {
  let postgres: PostgresServer;
  let world: TestConstellation;
  let province: DemoSite;
  const said: string[] = [];

  beforeAll(async () => {
    postgres = await PostgresServer.start();
    world = await TestConstellation.start({ nation: false, counties: [] });
    province = world.all.province;
    writeFileSync(folder.file('ca.pem'), postgres.ca);
  }, 120_000);
  afterAll(async () => {
    await world?.close();
    await postgres?.stop();
    folder.remove();
  });

  async function run<Document>(
    as: string,
    args: readonly string[],
    input = '',
  ): Promise<{ status: number | undefined; document: Document }> {
    const { dataDir } = province.location;
    const command = [
      'hub',
      'server',
      ...args,
      '--data',
      dataDir,
      '--as',
      join(dataDir, 'people', as),
      '--json',
    ];
    const { status, stdout, stderr } = await new RunningCommand(command, {}, input).outcome();
    said.push(stdout, stderr);
    return { status, document: JSON.parse(stdout) as Document };
  }

  const reason = ['--reason', 'a test of the ledger store'];
  const place = ['--host', 'localhost', '--database', 'postgres', '--role', 'tongbu_ledger'];
  const add = (as: string) =>
    run<ServerDocument>(
      as,
      [
        ...['add', 'ledger-1', ...place, '--port', String(postgres.port), '--ca', folder.file('ca.pem')],
        ...['--admin', administrator.user, ...reason],
      ],
      `${administrator.password}\n`,
    );
  const rotate = (as: string) => run<ServerDocument>(as, ['rotate', 'ledger-1', ...reason]);
  const list = async (as: string) =>
    (await run<{ servers: readonly ServerDocument['server'][] }>(as, ['list'])).document.servers;

  /** What the server keeps of the password. */
  async function verifier(): Promise<unknown> {
    const [row] = await postgres.ask("SELECT rolpassword FROM pg_authid WHERE rolname = 'tongbu_ledger'");
    return row?.['rolpassword'];
  }

  test('only an officer adds one; the operator may look and rotate', async () => {
    const refused = await add('operator-demo');
    expect([refused.status, refused.document]).toMatchObject([1, { error: { code: 'TB1606' } }]);
    expect(await verifier()).toBeUndefined();
    const added = await add('officer-zhao');
    expect([added.status, added.document]).toMatchObject([
      0,
      { server: { name: 'ledger-1', state: 'ready' } },
    ]);
    expect(await verifier()).toMatch(/^SCRAM-SHA-256\$4096:/);
    expect(await list('operator-demo')).toMatchObject([{ name: 'ledger-1', tls: true, failure: null }]);
    const before = await verifier();
    expect((await rotate('operator-demo')).status).toBe(0);
    expect(await verifier()).not.toBe(before);
  });

  test('a process that is killed at any moment of a rotation leaves a login that the next one uses', async () => {
    // The ring is replaced twice in a rotation, each time by a file that is written beside it and renamed.
    for (const writes of [1, 2, 3, 4]) {
      const client = await province.client();
      const seen = ringWrites(join(province.location.dataDir, 'seal'), writes);
      const request = { name: 'ledger-1', reason: 'killed in the middle' };
      const rotating = client.unary('servers', 'Servers', 'rotatePassword', request).catch(() => {});
      await seen;
      await province.kill();
      await rotating;
      await world.revive(province);
      const rotated = await rotate('officer-zhao');
      const wanted = [writes, 0, { server: { state: 'ready' } }];
      expect([writes, rotated.status, rotated.document]).toMatchObject(wanted);
      expect(await list('officer-zhao')).toMatchObject([{ unfinished: false, failure: null }]);
    }
  }, 120_000);

  test('what is sealed answers nothing about it, and goes on after the officers have opened it', async () => {
    const client = await province.officer('zhao');
    await client.unary('seal', 'Seal', 'sealSite', { reason: 'a pause' });
    client.close();
    expect(await rotate('officer-zhao')).toMatchObject({ status: 3 });
    await province.unseal(officers);
    expect((await rotate('officer-zhao')).status).toBe(0);
  });

  test("removing needs the name or --yes, and ends the role's password", async () => {
    const asked = await run<{ error: { code: string } }>('officer-zhao', ['remove', 'ledger-1', ...reason]);
    expect(asked.document).toMatchObject({ error: { code: 'TB1021' } });
    expect(await list('officer-zhao')).toHaveLength(1);
    expect((await run('operator-demo', ['remove', 'ledger-1', ...reason, '--yes'])).status).toBe(1);
    expect((await run('officer-zhao', ['remove', 'ledger-1', ...reason, '--yes'])).status).toBe(0);
    expect(await verifier()).toBeNull();
    expect(await list('officer-zhao')).toEqual([]);
    const gone = await rotate('officer-zhao');
    expect([gone.status, gone.document]).toMatchObject([2, { error: { code: 'TB1932' } }]);
  });

  test('every act is in the audit log with the one who did it, from where and why', async () => {
    const client = await province.client();
    const { acts } = await client.unary<{ acts: readonly Record<string, string>[] }>(
      'site',
      'Site',
      'listActs',
      { kind: 'server-password', pageSize: 1_000 },
    );
    const seen = (step: string, actor: string) =>
      acts.find((act) => act['step'] === step && act['actor'] === `${actor}@430000`);
    expect(seen('adding', 'officer/zhao')).toMatchObject({
      subject: 'ledger-1 role tongbu_ledger',
      from: expect.stringContaining('127.0.0.1'),
      reason: 'a test of the ledger store',
    });
    for (const step of ['added', 'rotated', 'removing', 'removed']) {
      expect([step, seen(step, 'officer/zhao')?.['result']]).toEqual([step, 'ok']);
    }
    expect(seen('rotated', 'operator/demo')).toBeDefined();
    // A rotation that was killed before its end is carried on by the site itself.
    expect(acts.some(({ step, actor }) => step === 'rotated' && actor === 'site')).toBe(true);
  });

  test("the administrator's password is in nothing that was printed, logged or stored, nor in the server's log", () => {
    const scan = new CanaryScan([administrator.password]);
    for (const text of [...said, postgres.log]) expect(scan.find(Buffer.from(text))).toEqual([]);
    const { found, files } = scan.findInFolder(world.folder);
    expect(found).toEqual([]);
    expect(files).toContain(province.location.logFile);
  });
});

/** Resolves at the n-th change of the sealed state's file or of the one that is going to replace it. */
function ringWrites(folder: string, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  const watcher = watch(folder, (event, name) => {
    if (event !== 'rename' || !name?.startsWith('seal.state')) return;
    seen += 1;
    if (seen < count) return;
    watcher.close();
    resolve();
  });
  return promise;
}
