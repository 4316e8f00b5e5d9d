import { assert } from '../../base/assert.ts';
import { fromBase64 } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { RecordTable, RecordTables } from '../../intake/record-table.ts';
import { datasetOf } from '../../records/datasets.ts';
import type { Printed } from '../../records/print-value.ts';
import type { Trust } from './trust.ts';

/** What a certificate was revoked for longer ago has ended by itself: none lives longer than 31 days. */
const revokedReadMs = 62 * 86_400_000;
const pageRows = 500;
/** Generations of an authority, and a list for each of its two certificates. */
const authoritiesMax = 100;

/**
 * Teaches a site's trust what stands in a registry: revoked certificates, revocation lists, authorities. The
 * registry's signed log proves where that comes from; the trust proves the rest.
 */
export class RegistryTrust {
  readonly #tables: RecordTables;
  readonly #trust: Trust;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #logger: Logger;
  #reading = false;
  #grown = false;
  /** Entries below are known. */
  #readTo = -1;
  #problem: Fault | undefined;

  constructor(tables: RecordTables, trust: Trust, clock: Pick<Clock, 'nowMs'>, logger: Logger) {
    this.#tables = tables;
    this.#trust = trust;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Why the newest of the registry is not in force, while it is not. */
  problem(): Fault | undefined {
    return this.#problem;
  }

  /** New records have been taken into the tables. Revocations are in force when it returns. */
  grew(): void {
    this.#grown = true;
    if (!this.#reading) void this.read();
  }

  /** Resolves when all that stands in the tables is in force, or was refused. */
  async read(): Promise<void> {
    this.#reading = true;
    try {
      do {
        this.#grown = false;
        await this.#learn();
      } while (this.#grown);
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // The next entry of the registry repeats it; meanwhile the status says it.
      this.#problem = error;
      this.#logger.error('the registry could not be put in force', { error });
    } finally {
      this.#reading = false;
    }
  }

  async #learn(): Promise<void> {
    const revocations = this.#revocations();
    const learning = this.#trust.learn({ revoked: revocations.fingerprints });
    this.#readTo = revocations.readTo;
    await learning;
    const authorities = this.#rows('authority');
    const trusted = authorities.filter((fields) => fields['stas'] !== '3');
    await this.#trust.learn({
      roots: trusted.map((fields) => bytesOf(fields['root_der'])),
      issuers: trusted.map((fields) => bytesOf(fields['issuing_der'])),
      retired: authorities
        .filter((fields) => fields['stas'] === '3')
        .map((fields) => String(fields['root_fpr'])),
    });
    await this.#trust.learnLists(this.#rows('list').map((fields) => bytesOf(fields['der'])));
  }

  #revocations(): { readonly fingerprints: string[]; readonly readTo: number } {
    const table = this.#table('revocation');
    const sinceMs = this.#clock.nowMs() - revokedReadMs;
    const fingerprints: string[] = [];
    let readTo = this.#readTo;
    for (;;) {
      const page = table.changedAfter(readTo, pageRows);
      for (const { index, fields } of page) {
        readTo = index;
        // Written so that a time that is none counts as recent.
        if (!(Date.parse(String(fields['revoked_at'])) < sinceMs))
          fingerprints.push(String(fields['cert_fpr']));
      }
      if (page.length < pageRows) return { fingerprints, readTo };
    }
  }

  #rows(entity: string): Readonly<Record<string, Printed>>[] {
    return this.#table(entity)
      .page([], authoritiesMax, 'shown')
      .map(({ fields }) => fields);
  }

  #table(name: string): RecordTable {
    const entity = datasetOf('registry').entities.find((each) => each.name === name);
    assert(entity, `the registry has ${name}`);
    return this.#tables.of(entity);
  }
}

function bytesOf(value: Printed | undefined): Uint8Array {
  return fromBase64(String(value));
}
