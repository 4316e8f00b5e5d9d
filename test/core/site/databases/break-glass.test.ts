import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault, fault } from '../../../../core/base/errors.ts';
import { seededRandom } from '../../../../core/base/random.ts';
import { Intake } from '../../../../core/intake/intake.ts';
import type { Peer } from '../../../../core/link/channel.ts';
import { ChangeLog } from '../../../../core/log/change-log.ts';
import { LogStore } from '../../../../core/log/log-store.ts';
import { datasetOf } from '../../../../core/records/datasets.ts';
import { Approvals } from '../../../../core/site/approvals/approvals.ts';
import { Audit } from '../../../../core/site/audit/audit.ts';
import { BreakGlass } from '../../../../core/site/databases/break-glass.ts';
import { siteFolder } from '../../../../core/site/site-folder.ts';
import { Database } from '../../../../core/store/database.ts';
import { migrate } from '../../../../core/store/migrate.ts';
import { ManualClock } from '../../../support/cli-world.ts';
import { FaultPlan, failing } from '../../../support/failing-database.ts';
import { databaseKey, signerOf } from '../../../support/log-setting.ts';
import { parentOf, processesNaming } from '../../../support/processes.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';

const site = '430121';
const minuteMs = 60_000;
const endless = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';
const id = '990101199001010019';

function person(role: string, name: string): Peer {
  return {
    site,
    role,
    name,
    trustDomain: 'hunan.example',
    fingerprint: 'ab'.repeat(32),
    address: '10.0.0.7',
  };
}

const operator = person('operator', 'li');
const [zhao, qian, sun] = ['zhao', 'qian', 'sun'].map((name) => person('officer', name)) as [
  Peer,
  Peer,
  Peer,
];

let folder: TemporaryFolder;
let database: Database;
let clock: ManualClock;
let approvals: Approvals;
let glass: BreakGlass;
const logged: string[] = [];
let written = 0;

beforeEach(() => {
  folder = new TemporaryFolder();
  database = Database.open({
    path: folder.file('site.db'),
    key: databaseKey,
    mode: 'create',
    durability: 'full',
  });
  migrate(database, [LogStore.schema, Approvals.schema]);
  clock = new ManualClock();
  approvals = new Approvals(database, auditOn(database), clock, seededRandom(2));
  glass = glassWith(auditOn(database));
  database.execute(`CREATE TABLE person (name TEXT, certno TEXT) STRICT;
    INSERT INTO person VALUES ('name-one', '${id}'), ('name-two', NULL)`);
});
afterEach(() => {
  glass.end();
  database.close();
  folder.remove();
});

function auditOn(file: Database): Audit {
  const name = { origin: site, dataset: 'audit' };
  const log = new ChangeLog(new LogStore(file), name, signerOf(name), clock);
  const random = seededRandom(1);
  const intake = new Intake(file, datasetOf('audit'), log, clock, random);
  // Acts are numbered by their time: one in the same millisecond would have no place in the order.
  const inOrder = {
    nowMs: () => {
      written += 1;
      return clock.nowMs() + written;
    },
  };
  return new Audit({ intake, site, clock: inOrder, random, grew: () => {} });
}

function glassWith(audit: Pick<Audit, 'write'>): BreakGlass {
  return new BreakGlass({
    folder: siteFolder(folder.path),
    audit,
    approvals,
    clock,
    logger: { error: (message: string) => void logged.push(message) },
    databaseKey: () => Uint8Array.from(databaseKey),
  });
}

/** A request of `by` that two others have approved. */
async function approved(by: Peer = operator, minutes = 30): Promise<string> {
  const { id: request } = glass.request({ reason: 'a row is missing', minutes, file: 'site' }, by);
  for (const officer of [zhao, qian, sun].filter(({ name }) => name !== by.name).slice(0, 2)) {
    await approvals.approve(request, officer);
  }
  return request;
}

/** Processes of sessions that this one started. */
function children(): number[] {
  return processesNaming('query-child').filter((pid) => parentOf(pid) === process.pid);
}

type ActRow = Record<
  'act_kind' | 'act_step' | 'actor' | 'subject' | 'result' | 'detail' | 'from_addr',
  string
>;

function acts(): ActRow[] {
  return database
    .prepare<ActRow>("SELECT * FROM audit_act WHERE act_kind = 'break-glass' ORDER BY act_no")
    .all();
}

async function codeOf(work: Promise<unknown> | (() => unknown)): Promise<unknown> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error instanceof Fault ? error.code : error;
  }
  return undefined;
}

describe('a session', () => {
  test('needs two officers other than the asker, and opens once, for the asker alone', async () => {
    const { id: request, required } = glass.request(
      { reason: 'a row is missing', minutes: 30, file: 'site' },
      zhao,
    );
    expect(required).toBe(2);
    expect(await codeOf(approvals.approve(request, zhao))).toBe('TB1902');
    await approvals.approve(request, qian);
    expect(await codeOf(approvals.approve(request, qian))).toBe('TB1903');
    expect(await codeOf(glass.open(request, zhao))).toBe('TB1904');
    await approvals.approve(request, sun);
    for (const other of [operator, qian]) expect(await codeOf(glass.open(request, other))).toBe('TB1911');
    const session = await glass.open(request, zhao);
    expect(session.expiresMs).toBe(clock.nowMs() + 30 * minuteMs);
    expect(await glass.open(request, zhao)).toBe(session);
    for (const other of [operator, qian]) {
      expect(await codeOf(glass.open(request, other))).toBe('TB1911');
      expect(await codeOf(glass.run(request, 'SELECT 1', other))).toBe('TB1911');
      expect(await codeOf(() => glass.close(request, other))).toBe('TB1911');
    }
    glass.close(request, zhao);
    expect(await codeOf(glass.open(request, zhao))).toBe('TB1901');
    expect(glass.list()).toEqual([]);
  });

  test('gives what is in the file, and no more than one answer holds', async () => {
    const request = await approved();
    await glass.open(request, operator);
    const answer = await glass.run(
      request,
      "SELECT name, certno, 1.5 AS r, x'01' AS b, 1 << 60 AS i FROM person",
      operator,
    );
    expect(answer).toEqual({
      columns: ['name', 'certno', 'r', 'b', 'i'],
      rows: [
        [
          { text: 'name-one' },
          { text: id },
          { real: 1.5 },
          { bytes: Buffer.of(1) },
          { integer: String(2n ** 60n) },
        ],
        [
          { text: 'name-two' },
          { null: true },
          { real: 1.5 },
          { bytes: Buffer.of(1) },
          { integer: String(2n ** 60n) },
        ],
      ],
      truncated: false,
    });
    const many = `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 5000) SELECT`;
    const rows = await glass.run(request, `${many} x FROM c`, operator);
    expect([rows.rows.length, rows.truncated]).toEqual([1_000, true]);
    const wide = await glass.run(request, `${many} printf('%.*c', 100000, 'x') FROM c`, operator);
    expect([wide.rows.length, wide.truncated]).toEqual([10, true]);
  });

  test.each([
    ['DELETE FROM person', 'TB1914'],
    ["INSERT INTO person VALUES ('x', 'y') RETURNING *", 'TB1914'],
    ['WITH a AS (SELECT 1) DELETE FROM person RETURNING *', 'TB1914'],
    ['PRAGMA journal_mode = DELETE', 'TB1914'],
    ['ATT' + "ACH 'x' AS y", 'TB1914'],
    ["VACUUM INTO 'copy.db'", 'TB1914'],
    ["SELECT load_extension('x')", 'TB1914'],
    ['SELECT 1; DELETE FROM person', 'TB1915'],
    ['SELECT * FROM nowhere', 'TB1915'],
    ['SELECT FROM', 'TB1915'],
    [`SELECT '${'x'.repeat(20_000)}'`, 'TB1914'],
  ])('runs nothing but one statement that reads: %s', async (sql, code) => {
    const request = await approved();
    await glass.open(request, operator);
    expect(await codeOf(glass.run(request, sql, operator))).toBe(code);
    const { rows } = await glass.run(request, 'SELECT count(*) FROM person', operator);
    expect(rows).toEqual([[{ integer: '2' }]]);
    expect(acts().map(({ act_step, result }) => `${act_step} ${result}`)).toEqual([
      'opened ok',
      'statement ok',
      `result ${code}`,
      'statement ok',
      'result ok',
    ]);
  });

  test('says what was wrong with a statement without repeating what was typed', async () => {
    const request = await approved();
    await glass.open(request, operator);
    for (const sql of [`SELECT * FROM t${id}`, 'SELECT "张三" FROM person', `SELECT ${id}x FROM person`]) {
      const error = await glass.run(request, sql, operator).catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(/TB1915/);
      expect(String(error)).not.toMatch(/\d{6}|张三/);
    }
  });
});

describe('the time of a session', () => {
  test('ends it, in the middle of a statement too, and its process', async () => {
    const request = await approved(operator, 5);
    await glass.open(request, operator);
    await clock.pass(5 * minuteMs - 10_000);
    const running = glass.run(request, endless, operator);
    const ended = expect(running).rejects.toMatchObject({
      code: 'TB1922',
      parameters: { result: 'expired' },
    });
    await clock.pass(9_999);
    expect(glass.list()).toHaveLength(1);
    await clock.pass(1);
    await ended;
    expect(glass.list()).toEqual([]);
    expect(await codeOf(glass.run(request, 'SELECT 1', operator))).toBe('TB1912');
    expect(await codeOf(glass.open(request, operator))).toBe('TB1901');
    expect(acts().map(({ act_step, result }) => `${act_step} ${result}`)).toEqual([
      'opened ok',
      'statement ok',
      'closed expired',
      'result TB1922',
      'open-refused TB1901',
    ]);
    await until('no process is left', () => children().length === 0);
  });

  test('is between one minute and four hours', async () => {
    for (const minutes of [0, 241, 1.5, -1]) {
      expect(
        await codeOf(() => glass.request({ reason: 'a row is missing', minutes, file: 'site' }, zhao)),
      ).toBe('TB1923');
    }
  });

  test('of a statement is limited: it is ended, and the session goes on', async () => {
    const request = await approved();
    await glass.open(request, operator);
    const running = codeOf(glass.run(request, endless, operator));
    expect(await codeOf(glass.run(request, 'SELECT 1', operator))).toBe('TB1913');
    await clock.pass(30_000);
    expect(await running).toBe('TB1917');
    const { rows } = await glass.run(request, 'SELECT count(*) FROM person', operator);
    expect(rows).toEqual([[{ integer: '2' }]]);
  });

  test('of a request that nobody used is over after eight hours', async () => {
    const request = await approved();
    await clock.pass(8 * 60 * minuteMs);
    expect(await codeOf(glass.open(request, operator))).toBe('TB1901');
  });
});

test('closing the site, or the session, ends a statement that runs', async () => {
  for (const how of ['closed', 'sealed'] as const) {
    const request = await approved();
    await glass.open(request, operator);
    const running = glass.run(request, endless, operator);
    const ended = expect(running).rejects.toMatchObject({ code: 'TB1922', parameters: { result: how } });
    if (how === 'closed') glass.close(request, operator);
    else glass.end();
    await ended;
  }
  expect(glass.list()).toEqual([]);
  await until('no process is left', () => children().length === 0);
});

describe('the audit log', () => {
  test('has every statement before it runs, without what stood in it, and with its hash (I9)', async () => {
    const request = await approved();
    await glass.open(request, operator);
    const sql = `SELECT name FROM person WHERE certno = '${id}' OR certno = ${id} -- 张三`;
    await glass.run(request, sql, operator);
    glass.close(request, operator);
    const hash = createHash('sha256').update(sql).digest('hex');
    expect(acts()).toMatchObject([
      {
        act_step: 'opened',
        detail: expect.stringMatching(/^30 min; approved by officer\/\w+@430121, officer\/\w+@430121$/),
      },
      {
        act_step: 'statement',
        detail: expect.stringContaining(`sha256 ${hash} SELECT name FROM person WHERE`),
      },
      { act_step: 'result', detail: `sha256 ${hash} 1 rows` },
      { act_step: 'closed', result: 'closed', detail: '1 statements' },
    ]);
    for (const act of acts()) {
      expect(act).toMatchObject({
        actor: 'operator/li@430121',
        from_addr: '10.0.0.7',
        subject: `${request} site`,
      });
      expect(JSON.stringify(act)).not.toMatch(new RegExp(`${id}|张三`));
    }
  });

  test('that can not be written keeps the session shut and the statement unrun (T20)', async () => {
    const broken = () => {
      const plan = new FaultPlan(0, 'before', () => fault('TB1105', { path: 'site.db' }));
      return auditOn(failing(database, plan));
    };
    const request = await approved();
    const shut = glassWith(broken());
    expect(await codeOf(shut.open(request, operator))).toBe('TB1219');
    expect(shut.list()).toEqual([]);
    let audit: Pick<Audit, 'write'> = auditOn(database);
    glass = glassWith({ write: (...given) => audit.write(...given) });
    await glass.open(request, operator);
    audit = broken();
    expect(await codeOf(glass.run(request, 'SELECT count(*) FROM person', operator))).toBe('TB1219');
    expect(glass.list().map(({ statements }) => statements)).toEqual([0]);
    expect(acts().map(({ act_step }) => act_step)).toEqual(['opened']);
  });
});

test('a file that the site does not have, or that is not its own, can not be asked for', async () => {
  for (const file of ['hub', 'ledger/430121', '../seal/seal.state', '/etc/passwd', '', `x${id}`]) {
    const error = await Promise.resolve()
      .then(() => glass.request({ reason: 'a row is missing', minutes: 5, file }, operator))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TB1918', parameters: { files: 'site' } });
    expect(String(error)).not.toContain(id);
  }
});

test('four sessions are open at most', async () => {
  for (let i = 0; i < 4; i += 1) await glass.open(await approved(), operator);
  const fifth = await approved();
  expect(await codeOf(glass.open(fifth, operator))).toBe('TB1919');
  glass.close(glass.list()[0]?.order.id ?? '', operator);
  await glass.open(fifth, operator);
});
