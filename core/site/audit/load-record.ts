import { Fault } from '../../base/errors.ts';
import type { Peer } from '../../link/channel.ts';
import type { Act, Audit } from './audit.ts';

/** What a call of the intake was given and took; no row, no key. */
export interface RowCounts {
  readonly accepted: number;
  readonly unchanged: number;
  readonly refused: number;
}

/** The act of one call of the intake; at a hub, putting the catalog in force is publishing it. */
export function intakeAct(
  step: 'put' | 'load',
  dataset: string,
  by: Peer,
  { accepted, unchanged, refused }: RowCounts,
  dryRun: boolean,
): Act {
  return {
    kind: dataset === 'catalog' ? 'publish' : 'call',
    step,
    by,
    ...(by.address === undefined ? {} : { from: by.address }),
    subject: dataset,
    detail: `${dryRun ? 'dry run, ' : ''}accepted ${accepted}, unchanged ${unchanged}, refused ${refused}`,
  };
}

/**
 * The audit of one load: an act before its first row and one with all counts at its end, however it ends. A
 * process that is killed in between leaves the first one, and the rows it names by dataset and time.
 */
export class LoadRecord {
  readonly #by: Peer;
  #begun: { readonly audit: Audit; readonly dataset: string; readonly dryRun: boolean } | undefined;
  #counts: RowCounts = { accepted: 0, unchanged: 0, refused: 0 };

  constructor(by: Peer) {
    this.#by = by;
  }

  /** Before the first row is stored. Throws TB1219. */
  begin(audit: Audit, dataset: string, dryRun: boolean): void {
    if (this.#begun) return;
    const act = intakeAct('load', dataset, this.#by, this.#counts, dryRun);
    audit.write({ ...act, step: 'load-begun', detail: dryRun ? 'dry run' : '' });
    this.#begun = { audit, dataset, dryRun };
  }

  count({ accepted, unchanged, refused }: RowCounts): void {
    const sum = this.#counts;
    this.#counts = {
      accepted: sum.accepted + accepted,
      unchanged: sum.unchanged + unchanged,
      refused: sum.refused + refused,
    };
  }

  /** Throws TB1219. */
  end(error: unknown): void {
    if (!this.#begun) return;
    const { audit, dataset, dryRun } = this.#begun;
    const result = error === undefined ? 'ok' : error instanceof Fault ? error.code : 'failed';
    audit.write({ ...intakeAct('load', dataset, this.#by, this.#counts, dryRun), result });
  }
}
