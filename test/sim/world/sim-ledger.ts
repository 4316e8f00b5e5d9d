import type { Clock } from '../../../core/base/clock.ts';
import {
  type Batch,
  type BatchBounds,
  type LogName,
  type Position,
  printLog,
} from '../../../core/log/batch.ts';
import { cosignatureVerifier, ed25519Verifier } from '../../../core/log/keys.ts';
import type { OriginKey } from '../../../core/site/logs/origin-key.ts';
import { SendingStore } from '../../../core/site/logs/sending-store.ts';
import type { Ledger } from '../../../hub/ledger/ledger.ts';
import type { SiteFile } from './site-file.ts';

/** The ledger's port over the simulated disk: one file an origin, as the embedded ledger has. */
export class SimLedger implements Ledger {
  readonly #files = new Map<string, SiteFile>();
  readonly #make: (origin: string) => SiteFile;
  readonly #clock: Clock;

  constructor(make: (origin: string) => SiteFile, clock: Clock) {
    this.#make = make;
    this.#clock = clock;
  }

  get files(): readonly SiteFile[] {
    return [...this.#files.values()];
  }

  fileOf(origin: string): SiteFile {
    const file = this.#files.get(origin) ?? this.#make(origin);
    this.#files.set(origin, file);
    return file;
  }

  async open(log: LogName) {
    return this.fileOf(log.origin).open(log);
  }

  store(log: LogName, batch: Batch, fence: number, key: OriginKey) {
    const verifier = ed25519Verifier(key.name, key.publicKey);
    return this.fileOf(log.origin).deliver({ log, batch, fence, verifier });
  }

  async head(log: LogName) {
    return this.#sending(log).head();
  }

  async compare(log: LogName, position: Position) {
    return this.#sending(log).compare(position);
  }

  async read(log: LogName, from: number, bounds: BatchBounds) {
    return this.#sending(log).read(from, bounds);
  }

  async keep(
    log: LogName,
    { size, cosignature }: { readonly size: number; readonly cosignature: Uint8Array },
    receiver: OriginKey,
    site: string,
  ): Promise<void> {
    const verifier = cosignatureVerifier(receiver.name, receiver.publicKey);
    this.#sending(log).keep({ kind: 'ack', size, cosignature }, verifier, site);
  }

  async logs(): Promise<never> {
    return unsimulated('logs');
  }

  async verify(log: LogName): Promise<never> {
    return unsimulated(`verify ${printLog(log)}`);
  }

  async prove(log: LogName): Promise<never> {
    return unsimulated(`prove ${printLog(log)}`);
  }

  async export(log: LogName): Promise<void> {
    return unsimulated(`export ${printLog(log)}`);
  }

  async close(): Promise<void> {
    for (const file of this.files) file.close();
  }

  #sending(log: LogName): SendingStore {
    return new SendingStore(this.fileOf(log.origin).store, log, undefined, this.#clock);
  }
}

function unsimulated(what: string): never {
  throw new Error(`${what} is not simulated`);
}
