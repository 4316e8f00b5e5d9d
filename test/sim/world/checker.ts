import { existsSync } from 'node:fs';
import { equal } from '../../../core/base/bytes.ts';
import { limits } from '../../../core/link/limits.ts';
import type { Frame } from '../../../core/link/messages.ts';
import type { Outcome } from '../../../core/link/receiver-session.ts';
import { type LogName, parseLog, printLog } from '../../../core/log/batch.ts';
import { decodeBundle } from '../../../core/log/bundle.ts';
import { openCheckpoint } from '../../../core/log/checkpoint.ts';
import { decompress } from '../../../core/log/compression.ts';
import { LogStore } from '../../../core/log/log-store.ts';
import type { Delivery } from '../../../core/site/logs/receiving-store.ts';
import { Database, type Statement } from '../../../core/store/database.ts';
import { databaseKey, signerOf } from '../../support/log-setting.ts';
import type { SimLine, Tap } from './line.ts';
import { Truth } from './truth.ts';

/** A property that does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

interface WatchedFile {
  readonly site: string;
  readonly database: Database;
  readonly store: LogStore;
  readonly dataVersion: Statement;
  version: string;
  /** Rows of `taken` that were looked at. */
  rows: number;
}

interface Seen {
  size: number;
  signed: number;
  fence: number;
}

interface Conversation {
  log: LogName | undefined;
  sender: string | undefined;
  /** The next batch must begin here. */
  next: number | undefined;
  inflight: { end: number; bytes: number }[];
}

/**
 * Looks at the world from outside: at the files through connections of its own, at the frames on the wires.
 * It shares no state with any site.
 */
export class Checker implements Tap {
  readonly truth = new Map<string, Truth>();
  readonly #files = new Map<string, WatchedFile>();
  readonly #seen = new Map<string, Seen>();
  readonly #conversations = new Map<number, Conversation>();
  /** The first violation; it ends the run. */
  violation: Violation | undefined;

  truthOf(log: LogName): Truth {
    const line = printLog(log);
    const found = this.truth.get(line) ?? new Truth();
    this.truth.set(line, found);
    return found;
  }

  watchFile(site: string, path: string, rows = 0): void {
    if (this.#files.has(path) || !existsSync(path)) return;
    const database = Database.open({ path, key: databaseKey, mode: 'read', durability: 'full' });
    const store = new LogStore(database);
    const dataVersion = database.prepare('PRAGMA data_version');
    this.#files.set(path, { site, database, store, dataVersion, version: '', rows });
  }

  /** After a crash the file is opened anew: what counts is what it holds under its name. */
  reopen(site: string, path: string): void {
    const rows = this.#files.get(path)?.rows ?? 0;
    this.#files.get(path)?.database.close();
    this.#files.delete(path);
    this.watchFile(site, path, rows);
  }

  close(): void {
    for (const { database } of this.#files.values()) database.close();
  }

  /** After every step. */
  check(): void {
    for (const [path, file] of this.#files) {
      const version = JSON.stringify(file.dataVersion.get());
      if (version === file.version) continue;
      file.version = version;
      for (const state of file.store.all()) this.#checkLog(path, file.site, file.store, state);
      this.#checkFollowers(path, file);
    }
  }

  /** How many entries a site durably holds of a log, from its disk. */
  durable(site: string, log: LogName): number {
    let size = 0;
    for (const file of this.#files.values()) {
      if (file.site !== site) continue;
      size = Math.max(size, file.store.find(log)?.signed ?? 0);
    }
    return size;
  }

  stored(path: string, { log, fence, batch }: Delivery, newestFence: number, outcome: Outcome): void {
    if (outcome.kind !== 'accepted') return;
    this.#that(fence === newestFence, `a fenced session wrote ${printLog(log)} at ${batch.first} in ${path}`);
  }

  said(line: SimLine, by: string, frame: Frame): void {
    const conversation = this.#conversation(line);
    switch (frame.kind) {
      case 'hello':
        conversation.log = frame.log;
        return;
      case 'position':
        conversation.next = frame.size;
        conversation.inflight = [];
        return this.#answered(by, conversation, frame.size);
      case 'ack':
        return this.#answered(by, conversation, frame.size);
      case 'refusal':
        if (frame.size !== undefined) this.#answered(by, conversation, frame.size);
        return;
      case 'batch':
        return this.#sent(conversation, frame);
      case 'heartbeat':
        return;
    }
  }

  arrived(line: SimLine, _at: string, frame: Frame): void {
    const conversation = this.#conversation(line);
    if (frame.kind !== 'ack') return;
    conversation.inflight = conversation.inflight.filter(({ end }) => end > frame.size);
  }

  #conversation(line: SimLine): Conversation {
    const empty: Conversation = { log: undefined, sender: undefined, next: undefined, inflight: [] };
    const found = this.#conversations.get(line.id) ?? empty;
    this.#conversations.set(line.id, found);
    return found;
  }

  #answered(site: string, { log }: Conversation, size: number): void {
    if (!log) return this.#that(false, `${site} answered before the hello`);
    const held = this.durable(site, log);
    this.#that(size <= held, `${site} answered ${size} of ${printLog(log)} and holds ${held}`);
  }

  #sent(conversation: Conversation, frame: Extract<Frame, { kind: 'batch' }>): void {
    const { inflight } = conversation;
    this.#that(
      conversation.next === frame.first,
      `a batch from ${frame.first}, expected ${conversation.next}`,
    );
    conversation.next = frame.first + frame.count;
    const bytes = inflight.reduce((sum, sent) => sum + sent.bytes, 0);
    const fits = inflight.length < limits.windowBatches && bytes < limits.windowBytes;
    this.#that(fits, `${inflight.length} batches of ${bytes} bytes ahead of the last ack`);
    inflight.push({ end: frame.first + frame.count, bytes: frame.entries.length });
  }

  #checkLog(path: string, site: string, store: LogStore, state: ReturnType<LogStore['all']>[number]): void {
    const { name, size, signed, fence, id } = state;
    const what = `${printLog(name)} in ${path.slice(-30)}`;
    const key = `${path} ${printLog(name)}`;
    const seen = this.#seen.get(key) ?? { size: 0, signed: 0, fence: 0 };
    const truth = this.truthOf(name);
    this.#that(size >= seen.size && signed >= seen.signed, `${what} went back from ${seen.size} to ${size}`);
    this.#that(fence >= seen.fence, `the fence of ${what} went back`);
    this.#that(size <= truth.size, `${what} holds ${size} of ${truth.size} that were written`);
    const own = name.origin === site;
    this.#that(
      own ? size === truth.size : size === signed,
      `${what} says ${size}, ${signed} signed, of ${truth.size}`,
    );
    let at = seen.signed;
    while (at < signed) {
      const segment = store.segmentAt(id, at);
      if (!segment || segment.first !== at) return this.#that(false, `a gap at ${at} of ${what}`);
      const entries = decodeBundle(decompress(segment.compression, segment.entries, 1e8));
      const same =
        entries.length === segment.count && entries.every((entry, i) => truth.entries[at + i]?.equals(entry));
      this.#that(same, `entries from ${at} of ${what} are not those that were written`);
      const checkpoint = openCheckpoint(segment.checkpoint, signerOf(name).verifier);
      const root = truth.root(segment.end);
      const fits =
        checkpoint.size === segment.end && equal(checkpoint.root, root) && equal(segment.root, root);
      this.#that(fits, `another root than the origin’s at size ${segment.end} of ${what}`);
      at = segment.end;
    }
    this.#that(at === signed, `${what} ends at ${at}, not at ${signed}`);
    this.#seen.set(key, { size, signed, fence });
    this.#checkReceipts(store, id, name, what);
  }

  #checkReceipts(store: LogStore, id: number, name: LogName, what: string): void {
    const rows = store.database.prepare<{ receiver: string; size: number }>(
      'SELECT receiver, size FROM receipt WHERE log_id = ?',
    );
    for (const { receiver, size } of rows.all(id)) {
      const held = this.durable(receiver.slice(-6), name);
      this.#that(size <= held, `a receipt of ${receiver} for ${size} of ${what}, and it holds ${held}`);
    }
  }

  #checkFollowers(path: string, file: WatchedFile): void {
    const followers = file.database.prepare<{ log: string; size: number }>('SELECT log, size FROM follower');
    const count = file.database.prepare<{ n: number; top: number }>(
      `SELECT count(*) AS n, coalesce(max(idx), -1) + 1 AS top FROM
       (SELECT idx FROM taken WHERE log = ?1 UNION ALL SELECT idx FROM quarantine WHERE log = ?1)`.replaceAll(
        '?1',
        '?',
      ),
    );
    for (const { log, size } of followers.all()) {
      const row = count.get(log, log);
      const exact = row?.n === size && row.top <= size;
      this.#that(exact, `${row?.n} entries were taken of ${log} in ${path.slice(-30)}, position ${size}`);
    }
    const fresh = file.database.prepare<{ rowid: number; log: string; idx: number; entry: Buffer }>(
      'SELECT rowid, log, idx, entry FROM taken WHERE rowid > ? ORDER BY rowid',
    );
    for (const { rowid, log, idx, entry } of fresh.all(file.rows)) {
      file.rows = rowid;
      const name = parseLog(log);
      const written = name && this.truthOf(name).entries[idx];
      this.#that(written?.equals(entry), `entry ${idx} of ${log} was taken as something else`);
    }
  }

  #that(holds: unknown, otherwise: string): void {
    if (!holds) this.violation ??= new Violation(otherwise);
  }
}
