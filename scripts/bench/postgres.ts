import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts';
import type { BenchOptions, Outcome } from './measurement.ts';
import { PostgresCluster, readEnrollmentTable } from './postgres-cluster.ts';
import { findPostgres, type PostgresPrograms } from './postgres-programs.ts';
import { makeTlsFiles } from './tls-files.ts';

/** Rows of a transaction on the publisher: as many as a batch of Tongbu has entries. */
const transactionRows = 10_000;
/** The proxy costs time, so bytes are counted in a run of their own. */
const countedRowsMax = 50_000;

/** A publisher and a subscriber with logical replication over mutual TLS 1.3, and the table on both. */
interface Pair {
  readonly publisher: PostgresCluster;
  readonly subscriber: PostgresCluster;
  /** Connections for statements; loading goes through psql, which has COPY. */
  readonly source: pg.Client;
  readonly target: pg.Client;
  readonly psql: string;
}

/**
 * PostgreSQL's own logical replication with the same rows, durable at the subscriber: how fast it catches up
 * with what was written while it was away, how fast it copies a full table, and bytes on the wire for a row.
 */
export async function measure(options: BenchOptions): Promise<Outcome> {
  const programs = findPostgres();
  if ('missing' in programs) return { skipped: programs.missing };
  const folder = mkdtempSync(join(tmpdir(), 'tongbu-postgres-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  process.once('exit', remove);
  const clusters: PostgresCluster[] = [];
  try {
    // The other user must be able to pass through.
    chmodSync(folder, 0o711);
    const tls = join(folder, 'tls');
    mkdirSync(tls, { mode: 0o700 });
    makeTlsFiles(tls, 'replicator');
    for (const name of ['publisher', 'subscriber']) {
      clusters.push(await PostgresCluster.start(programs, join(folder, name), tls));
    }
    const pair = await prepare(programs, clusters);
    options.note(`PostgreSQL ${programs.version}: catching up`);
    const rowsPerSecond = await catchUp(pair, options);
    options.note(`PostgreSQL ${programs.version}: initial copy`);
    const initialCopyPerSecond = await initialCopy(pair, options.rows);
    options.note(`PostgreSQL ${programs.version}: bytes on the wire`);
    const bytesPerRow = await countBytes(pair, options);
    return { figures: { rowsPerSecond, initialCopyPerSecond, bytesPerRow, version: programs.version } };
  } finally {
    // The subscriber first: it would go on asking for its publisher.
    for (const cluster of clusters.reverse()) await cluster.stop();
    remove();
    process.off('exit', remove);
  }
}

async function prepare(programs: PostgresPrograms, clusters: readonly PostgresCluster[]): Promise<Pair> {
  const [publisher, subscriber] = clusters;
  if (!publisher || !subscriber) throw new Error('two clusters were started');
  const source = await publisher.connect();
  const target = await subscriber.connect();
  for (const client of [source, target]) await client.query(readEnrollmentTable());
  await source.query('CREATE ROLE replicator LOGIN REPLICATION');
  await source.query('GRANT SELECT ON enrollment TO replicator');
  await source.query('CREATE PUBLICATION bench FOR TABLE enrollment');
  return { publisher, subscriber, source, target, psql: join(programs.folder, 'psql') };
}

/** Rows written while the subscriber is away, then the time until the last is flushed there. */
async function catchUp(pair: Pair, { rows, lines }: BenchOptions): Promise<number> {
  await subscribe(pair, { copy: false, enabled: false });
  await load(pair, lines());
  const startMs = performance.now();
  await pair.target.query('ALTER SUBSCRIPTION bench ENABLE');
  await flushed(pair);
  const seconds = (performance.now() - startMs) / 1000;
  await expectRows(pair, rows);
  await unsubscribe(pair);
  return Math.round(rows / seconds);
}

/** The full table through PostgreSQL's initial copy, without the time that the launcher idles before. */
async function initialCopy(pair: Pair, rows: number): Promise<number> {
  await pair.target.query('TRUNCATE enrollment');
  await subscribe(pair, { copy: true, enabled: true });
  await reached(pair, ['d', 'f', 's', 'r']);
  const startMs = performance.now();
  await reached(pair, ['f', 's', 'r']);
  const seconds = (performance.now() - startMs) / 1000;
  await expectRows(pair, rows);
  await unsubscribe(pair);
  return Math.round(rows / seconds);
}

/** TCP payload in both directions for rows that are caught up with, TLS included. */
async function countBytes(pair: Pair, { rows, lines }: BenchOptions): Promise<number> {
  const proxy = await startCountingProxy(pair.publisher.port);
  try {
    for (const client of [pair.source, pair.target]) await client.query('TRUNCATE enrollment');
    const counted = Math.min(rows, countedRowsMax);
    await subscribe(pair, { copy: false, enabled: false, proxy });
    await load(pair, first(lines(), counted + 1));
    const before = proxy.bytes();
    await pair.target.query('ALTER SUBSCRIPTION bench ENABLE');
    await flushed(pair);
    const bytes = proxy.bytes() - before;
    await expectRows(pair, counted);
    await unsubscribe(pair);
    return Math.round((bytes / counted) * 10) / 10;
  } finally {
    await proxy.close();
  }
}

/** Waits for a state of the copy: d begun, f finished, s and r caught up. */
async function reached({ target }: Pair, states: readonly string[]): Promise<void> {
  const query = 'SELECT 1 FROM pg_subscription_rel WHERE srsubstate = ANY($1)';
  while ((await target.query(query, [states])).rowCount === 0) await sleep(10);
}

interface SubscribeOptions {
  readonly copy: boolean;
  readonly enabled: boolean;
  readonly proxy?: CountingProxy;
}

async function subscribe(pair: Pair, { copy, enabled, proxy }: SubscribeOptions): Promise<void> {
  const connection = pair.publisher.connectionFrom(pair.subscriber, proxy?.port);
  // Without synchronous_commit the subscriber would answer before its own flush; binary is the faster form.
  const options = `copy_data = ${copy}, enabled = ${enabled}, create_slot = true, synchronous_commit = 'on', binary = true`;
  await pair.target.query(
    `CREATE SUBSCRIPTION bench CONNECTION '${connection}' PUBLICATION bench WITH (${options})`,
  );
}

async function unsubscribe(pair: Pair): Promise<void> {
  await pair.target.query('DROP SUBSCRIPTION bench');
}

/** Waits until the subscriber has reported as flushed all that the publisher has written up to now. */
async function flushed({ source }: Pair): Promise<void> {
  const { rows } = await source.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn');
  const isFlushed = 'SELECT 1 FROM pg_stat_replication WHERE flush_lsn >= $1::pg_lsn';
  while ((await source.query(isFlushed, [rows[0]?.lsn])).rowCount === 0) await sleep(20);
}

async function expectRows({ target }: Pair, rows: number): Promise<void> {
  const found = await target.query<{ count: string }>('SELECT count(*) FROM enrollment');
  const count = Number(found.rows[0]?.count);
  if (count !== rows) throw new Error(`the subscriber has ${count} rows, not ${rows}`);
}

/** Loads CSV lines, the header first, in transactions of `transactionRows`. */
async function load(pair: Pair, lines: AsyncIterable<string>): Promise<void> {
  const where = ['-h', pair.publisher.socketFolder, '-p', String(pair.publisher.port), '-U', 'postgres'];
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...where, 'postgres'];
  const child = spawn(pair.psql, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    // COPY repeats the row that it refuses: made-up rows, but the habit is kept (I9).
    complaint ||= /ERROR: {2}[^\n]*/.exec(String(chunk))?.[0] ?? '';
  });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => {});
  for await (const text of copyScript(lines)) {
    if (!child.stdin.write(text)) await Promise.race([once(child.stdin, 'drain'), ended]);
  }
  child.stdin.end();
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`psql ended with ${code}: ${complaint}`);
}

async function* copyScript(lines: AsyncIterable<string>): AsyncIterable<string> {
  let header: string | undefined;
  let chunk = '';
  let count = 0;
  for await (const line of lines) {
    if (header === undefined) {
      header = line;
      continue;
    }
    if (count % transactionRows === 0) {
      if (count > 0) chunk += '\\.\n';
      chunk += `COPY enrollment (${header}) FROM STDIN WITH (FORMAT csv);\n`;
    }
    chunk += `${line}\n`;
    count += 1;
    if (chunk.length > 256_000) {
      yield chunk;
      chunk = '';
    }
  }
  yield count > 0 ? `${chunk}\\.\n` : chunk;
}

async function* first(lines: AsyncIterable<string>, count: number): AsyncIterable<string> {
  let given = 0;
  for await (const line of lines) {
    yield line;
    given += 1;
    if (given === count) return;
  }
}
