import { dirname } from 'node:path';
import { assert } from '../base/assert.ts';
import { fault } from '../base/errors.ts';
import type { FileSystem } from './file-system.ts';
import type { JournalKey } from './journal-key.ts';
import {
  type JournalEntry,
  type JournalRecord,
  journalStart,
  parseRecord,
  printRecord,
  signatureIsValid,
} from './journal-record.ts';
import { sealLimits } from './limits.ts';
import { sealError } from './seal-error.ts';
import { closing, readSecretFile, syncFolder, writeWhole } from './secret-file.ts';

/**
 * What officers did while `audit` could not be written: append-only, each record signed and chained to the
 * one before by its hash. Officers' tools keep the head, so a rewritten file is noticed by the next of them.
 */
export class Journal {
  readonly path: string;
  readonly #files: FileSystem;
  readonly #site: string;
  readonly #key: JournalKey;
  readonly #records: JournalRecord[] = [];
  /** Bytes that belong to #records; what follows them in the file is a torn or refused record. */
  #size = 0;
  #exists = false;

  private constructor(path: string, site: string, key: JournalKey, files: FileSystem) {
    this.path = path;
    this.#files = files;
    this.#site = site;
    this.#key = key;
  }

  /** Reads and checks the whole chain. A last line without its end was never answered for: it is dropped. */
  static open(path: string, site: string, key: JournalKey, files: FileSystem): Journal {
    const journal = new Journal(path, site, key, files);
    const bytes = readSecretFile(files, path, sealLimits.journalBytesMax);
    if (bytes !== undefined) journal.#load(bytes.toString('latin1'));
    return journal;
  }

  /** Hash of the newest record, hex; 64 zeros when there is none. */
  head(): string {
    return this.#records.at(-1)?.hash ?? journalStart;
  }

  /** Whether a head that somebody saw earlier is still part of the chain. */
  contains(head: string): boolean {
    return head === journalStart || this.#records.some((record) => record.hash === head);
  }

  /** The records from an index on, for copying into `audit`. */
  records(from = 0): readonly JournalRecord[] {
    return this.#records.slice(from);
  }

  /** Whether a share set was ever in force here: then a folder without a state has lost it. */
  activated(): boolean {
    return this.#records.some((record) => record.step === 'activated');
  }

  /** Durable when it returns. Throws AUDIT_UNAVAILABLE, and then the act must not happen (T20). */
  append(entry: JournalEntry): JournalRecord {
    const index = this.#records.length;
    if (index >= sealLimits.journalRecordsMax) throw this.#unavailable('full');
    const record = printRecord(entry, index, this.head(), this.#site, this.#key);
    assert(parseRecord(record.line) !== undefined, 'a journal record has the form that is read back');
    try {
      this.#write(Buffer.from(`${record.line}\n`));
    } catch (error) {
      throw this.#unavailable(error);
    }
    this.#records.push(record);
    return record;
  }

  /** Cuts what a failed append left and writes anew, so that pages lost by a failed fsync are replaced. */
  #write(line: Buffer): void {
    const file = this.#files.openSync(this.path, this.#exists ? 'r+' : 'w', 0o600);
    closing(this.#files, file, () => {
      this.#files.ftruncateSync(file, this.#size);
      writeWhole(this.#files, file, line, this.#size);
      this.#files.fsyncSync(file);
    });
    if (!this.#exists) syncFolder(this.#files, dirname(this.path));
    this.#exists = true;
    this.#size += line.length;
  }

  #load(text: string): void {
    const lines = text.split('\n').slice(0, -1);
    for (const line of lines) {
      const record = parseRecord(line);
      const follows = record?.index === this.#records.length && record.previous === this.head();
      if (!follows) throw this.#damaged('journal chain');
      this.#records.push(record);
      this.#size += line.length + 1;
    }
    // every record is hashed into the next, so the newest signature speaks for all
    const newest = this.#records.at(-1);
    const signed = newest === undefined || signatureIsValid(newest, this.#site, this.#key.verifier);
    if (!signed) throw this.#damaged('journal signature');
    this.#exists = true;
  }

  #damaged(reason: string): Error {
    return fault(sealError.stateDamaged, { path: this.path, reason });
  }

  #unavailable(cause: unknown): Error {
    return fault(sealError.auditUnavailable, { path: this.path }, cause);
  }
}
