import type { ActKind } from '../../records/audit.ts';
import type { Database } from '../../store/database.ts';

/** One act as it stands in an audit log. */
export interface StoredAct {
  /** Index of its entry in the log. */
  readonly index: number;
  readonly no: string;
  /** UTC, with milliseconds. */
  readonly time: string;
  readonly kind: string;
  readonly step: string;
  readonly actor: string;
  readonly fingerprint: string;
  readonly from: string;
  readonly subject: string;
  readonly result: string;
  readonly reason: string;
  readonly detail: string;
}

export interface ActFilter {
  /** First entry to look at. */
  readonly from: number;
  /** Acts from this time on, ms since 1970; 0 for all. */
  readonly sinceMs: number;
  /** '' for all. */
  readonly kind: string;
  /** `officer/zhao` or `officer/zhao@430121`; '' for all. */
  readonly actor: string;
  readonly limit: number;
}

export interface ActPage {
  readonly acts: readonly StoredAct[];
  /** What `from` continues with. */
  readonly next: number;
  /** Whether there may be more now. */
  readonly more: boolean;
}

type ActRow = Readonly<Record<string, string | number | null>>;

/** Reads the acts of one site out of the record table of its audit log, in order of the log. */
export class ActList {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  page({ from, sinceMs, kind, actor, limit }: ActFilter): ActPage {
    if (!this.#isThere()) return { acts: [], next: from, more: false };
    const since = sinceMs > 0 ? new Date(sinceMs).toISOString() : '';
    const rows = this.#database
      .prepare<ActRow>(
        `SELECT * FROM audit_act
         WHERE entry_index >= ? AND act_time >= ? AND (? = '' OR act_kind = ?)
           AND (? = '' OR actor = ? OR substr(actor, 1, length(?) + 1) = ? || '@')
         ORDER BY entry_index LIMIT ?`,
      )
      .all(from, since, kind, kind, actor, actor, actor, actor, limit);
    const acts = rows.map(actOf);
    const more = rows.length === limit;
    const last = acts.at(-1)?.index ?? from - 1;
    return { acts, next: more ? last + 1 : Math.max(this.#end(), from), more };
  }

  /** The newest act of a kind, and of a step where one is given. */
  newest(kind: ActKind, step = ''): StoredAct | undefined {
    if (!this.#isThere()) return undefined;
    const row = this.#database
      .prepare<ActRow>(
        `SELECT * FROM audit_act WHERE act_kind = ? AND (? = '' OR act_step = ?)
         ORDER BY entry_index DESC LIMIT 1`,
      )
      .get(kind, step, step);
    return row && actOf(row);
  }

  /** Entries that are in the table or were passed by. */
  #end(): number {
    const row = this.#database
      .prepare<{ last: number | null }>('SELECT max(entry_index) AS last FROM audit_act')
      .get();
    return (row?.last ?? -1) + 1;
  }

  /** A follower makes the table with the first entry. */
  #isThere(): boolean {
    const sql = "SELECT count(*) AS n FROM sqlite_schema WHERE name = 'audit_act'";
    return this.#database.prepare<{ n: number }>(sql).get()?.n === 1;
  }
}

function actOf(row: ActRow): StoredAct {
  const text = (name: string) => String(row[name] ?? '');
  return {
    index: Number(row['entry_index']),
    no: text('act_no'),
    time: text('act_time'),
    kind: text('act_kind'),
    step: text('act_step'),
    actor: text('actor'),
    fingerprint: text('cert_fpr'),
    from: text('from_addr'),
    subject: text('subject'),
    result: text('result'),
    reason: text('reason'),
    detail: text('detail'),
  };
}
