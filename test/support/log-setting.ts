import { Follower } from '../../core/follow/follower.ts';
import type { Batch, LogName } from '../../core/log/batch.ts';
import { batchBytesMax, batchEntriesMax } from '../../core/log/batch.ts';
import { encodeBundle } from '../../core/log/bundle.ts';
import { ChangeLog } from '../../core/log/change-log.ts';
import { signCheckpoint } from '../../core/log/checkpoint.ts';
import { compress } from '../../core/log/compression.ts';
import { cosigner, ed25519Signer, type SignerKey } from '../../core/log/keys.ts';
import { mirrorName, originLine } from '../../core/log/log-origin.ts';
import { LogStore } from '../../core/log/log-store.ts';
import { RightEdge } from '../../core/log/right-edge.ts';
import { Database } from '../../core/store/database.ts';
import { migrate } from '../../core/store/migrate.ts';
import { SimulatedClock } from './simulated-clock.ts';

export const trustDomain = 'tongbu.example';
export const databaseKey = Buffer.alloc(32, 7);
export const bounds = { entriesMax: batchEntriesMax, bytesMax: batchBytesMax } as const;
export const enrollment: LogName = { origin: '430121', dataset: 'enrollment' };

/** Seeds made from what they are for: never a key that anything else uses. */
export function seedOf(purpose: string): Buffer {
  return Buffer.alloc(32, purpose);
}

export function signerOf(log: LogName, seed = seedOf(log.origin)): SignerKey {
  return ed25519Signer(originLine(trustDomain, log), seed);
}

export function mirrorOf(site: string) {
  return cosigner(mirrorName(trustDomain, site), seedOf(`mirror ${site}`), 'mirror');
}

export function openFile(path: string): Database {
  const database = Database.open({ path, key: databaseKey, mode: 'ensure', durability: 'full' });
  migrate(database, [LogStore.schema, Follower.schema]);
  return database;
}

export interface OwnLog {
  readonly database: Database;
  readonly store: LogStore;
  readonly log: ChangeLog;
  readonly clock: SimulatedClock;
}

export function openOwn(path: string, name = enrollment, clock = new SimulatedClock()): OwnLog {
  const database = openFile(path);
  const store = new LogStore(database);
  return { database, store, log: new ChangeLog(store, name, signerOf(name), clock), clock };
}

export function numbered(from: number, end: number): Buffer[] {
  return Array.from({ length: end - from }, (_, i) => Buffer.from(`entry ${from + i} of this log`));
}

/** Appends in one transaction, as intake does. */
export function append(
  { database, log }: Pick<OwnLog, 'database' | 'log'>,
  entries: readonly Uint8Array[],
): void {
  database.transaction(() => void log.append(encodeBundle(entries), entries.length));
}

/** A log as its origin would send it: batches that end where they are told to, of any content. */
export class BatchMaker {
  readonly signer: SignerKey;
  readonly entries: Buffer[] = [];
  readonly #edges: RightEdge[] = [RightEdge.empty()];

  constructor(name: LogName = enrollment, seed?: Buffer) {
    this.signer = signerOf(name, seed);
  }

  grow(entries: readonly Buffer[]): void {
    for (const entry of entries) {
      const edge = this.rightEdge(this.entries.length).clone();
      edge.appendBundle(encodeBundle([entry]), 1);
      this.entries.push(entry);
      this.#edges.push(edge);
    }
  }

  rightEdge(size: number): RightEdge {
    const edge = this.#edges[size];
    if (!edge) throw new RangeError(`no size ${size}`);
    return edge;
  }

  root(size = this.entries.length): Buffer {
    return this.rightEdge(size).root();
  }

  note(size: number, root: Uint8Array = this.root(size), origin = this.signer.name): Buffer {
    return signCheckpoint({ origin, size, root }, this.signer);
  }

  batch(first: number, end: number, changes: Partial<Batch> = {}): Batch {
    const packed = compress(encodeBundle(this.entries.slice(first, end)));
    return {
      first,
      count: end - first,
      compression: packed.compression,
      entries: packed.bytes,
      checkpoint: this.note(end),
      ...changes,
    };
  }
}
