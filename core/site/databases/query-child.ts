import { writeFileSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { wipe } from '../../base/bytes.ts';
import { Fault, fault } from '../../base/errors.ts';
import { Database, type Value } from '../../store/database.ts';
import type { QueryCell } from './query-cell.ts';
import { queryLimits } from './query-limits.ts';
import type { QueryAnswer, QueryOrder, QueryReply } from './query-process.ts';
import { refusalOfSql } from './sql-text.ts';

/** How often the second thread looks whether the site is still there. */
const lookMs = 1_000;

if (isMainThread) serve();
else watch();

/** Runs statements until the site ends this process, or is itself no more. */
function serve(): void {
  // Where memory runs out it is this process that goes, not the site.
  if (process.platform === 'linux') tryTo(() => writeFileSync('/proc/self/oom_score_adj', '1000'));
  process.on('disconnect', endNow);
  new Worker(new URL(import.meta.url), { workerData: { site: process.ppid } }).unref();
  let database: Database | undefined;
  process.on('message', (order: QueryOrder) => {
    reply(() => {
      if (order.kind === 'open') database = open(order);
      else if (database) return run(database, order.sql);
      return undefined;
    });
  });
}

/** A statement that never ends keeps the first thread from hearing that the site was killed. */
function watch(): void {
  const { site } = workerData as { site: number };
  const bell = new Int32Array(new SharedArrayBuffer(4));
  while (process.ppid === site) Atomics.wait(bell, 0, 0, lookMs);
  endNow();
}

function endNow(): void {
  process.kill(process.pid, 'SIGKILL');
}

function open({ path, databaseKey }: QueryOrder & { kind: 'open' }): Database {
  try {
    const database = Database.open({ path, key: databaseKey, mode: 'read', durability: 'full' });
    database.execute('PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -8192');
    return database;
  } finally {
    wipe(databaseKey);
  }
}

/** Checked a second time by the database itself: it must be a statement that returns rows and only reads. */
function run(database: Database, sql: string): QueryAnswer {
  const refusal = refusalOfSql(sql);
  if (refusal) throw fault('TB1914', refusal);
  const statement = database.prepare(sql);
  if (!statement.reader || !statement.readonly) {
    throw fault('TB1914', { reason: 'it would change something', reasonZh: '语句会修改数据' });
  }
  const columns = statement.columns().map(({ name }) => name.slice(0, 200));
  const rows: QueryCell[][] = [];
  let bytes = 0;
  for (const values of statement.raw().safeIntegers().iterate() as IterableIterator<Value[]>) {
    const cells = values.map(cellOf);
    bytes += cells.reduce((sum, cell) => sum + sizeOf(cell), 0);
    if (rows.length === queryLimits.rows || bytes > queryLimits.bytes)
      return { columns, rows, truncated: true };
    rows.push(cells);
  }
  return { columns, rows, truncated: false };
}

function cellOf(value: Value): QueryCell {
  if (value === null) return { null: true };
  if (typeof value === 'bigint') return { integer: String(value) };
  if (typeof value === 'number') return { real: value };
  return typeof value === 'string' ? { text: value } : { bytes: value };
}

function sizeOf(cell: QueryCell): number {
  if ('text' in cell) return 8 + Buffer.byteLength(cell.text);
  return 'bytes' in cell ? 8 + cell.bytes.length : 16;
}

function reply(work: () => QueryAnswer | undefined): void {
  process.send?.(outcome(work));
}

function outcome(work: () => QueryAnswer | undefined): QueryReply {
  try {
    const answer = work();
    return answer ? { kind: 'answer', answer } : { kind: 'answer' };
  } catch (error) {
    const { code, parameters } =
      error instanceof Fault ? error : fault('TB1915', { reason: reasonOf(error) });
    return { kind: 'fault', code, parameters };
  }
}

/** What SQLite says, as far as it repeats nothing but plain names. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (/more than one statement/.test(message)) return 'more than one statement';
  const [, known = '', name = ''] =
    /^(no such (?:table|column|function)|ambiguous column name)(?:: ([\w.]{1,64}))?$/.exec(message) ?? [];
  if (known !== '') return /\d{6}/.test(name) || name === '' ? known : `${known}: ${name}`;
  if (/syntax error|incomplete input|unrecognized token/.test(message)) return 'syntax error';
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return /^[A-Z_]{3,60}$/.test(code) ? code : 'unknown';
}

function tryTo(work: () => void): void {
  try {
    work();
  } catch {
    // A system that does not have it does without.
  }
}
