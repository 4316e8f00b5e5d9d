import { assert } from '../../base/assert.ts';
import { toHex } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault, fault } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { redactText } from '../../base/redact.ts';
import type { Peer } from '../../link/channel.ts';
import type { Database } from '../../store/database.ts';
import { type Actor, type Audit, printActor } from '../audit/audit.ts';

/** Acts that need more than one person. */
export const approvalKinds = [
  'enrolment',
  'break-glass',
  'rotate-data-keys',
  'roll-over',
  'contract',
] as const;

export type ApprovalKind = (typeof approvalKinds)[number];
export type ApprovalState = 'open' | 'approved' | 'rejected' | 'withdrawn' | 'done' | 'expired';

export interface ApprovalOrder {
  readonly kind: ApprovalKind;
  /** For the approver: site, file, fingerprint; no personal data. */
  readonly subject: string;
  /** What the act is done with, kept until then; no secret, no personal data. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly by: Actor;
  /** Officers other than the asker. */
  readonly required: number;
  readonly lifeMs: number;
}

export interface Approval {
  readonly id: string;
  readonly kind: ApprovalKind;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly askedBy: string;
  readonly askedMs: number;
  readonly expiresMs: number;
  readonly required: number;
  readonly state: ApprovalState;
  /** Officers who approved, as role/name@site, in order. */
  readonly approvedBy: readonly string[];
  readonly rejectedBy: string | undefined;
}

interface ApprovalRow {
  id: string;
  kind: ApprovalKind;
  subject: string;
  detail: string;
  reason: string;
  asked_by: string;
  asked_ms: number;
  expires_ms: number;
  required: number;
  state: 'open' | 'approved' | 'rejected' | 'withdrawn' | 'done';
}

/** Requests that wait at a time (I7): more is somebody who tires the officers out. */
const openMax = 100;
const reasonMin = 5;
const shown = 200;

/**
 * Requests of this site and who approved them. Every step is written into `audit` first. Only officers of
 * this site approve, each once, never the one who asked; the rights table lets nobody else call.
 */
export class Approvals {
  static readonly schema = new URL('./approvals.sql', import.meta.url);
  readonly #database: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #acts = new Map<ApprovalKind, (approval: Approval) => Promise<void>>();
  /** Requests whose act is under way now: a second approval must not begin it again. */
  readonly #running = new Set<string>();

  constructor(database: Database, audit: Audit, clock: Clock, random: Random) {
    this.#database = database;
    this.#audit = audit;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * What happens at once when a request of the kind is approved; without it the asker comes back and calls
   * `use`. It is told in the answer to the last approval whether it succeeded.
   */
  on(kind: ApprovalKind, act: (approval: Approval) => Promise<void>): void {
    this.#acts.set(kind, act);
  }

  /** Throws TB1905, TB1906, TB1219. */
  request(order: ApprovalOrder): Approval {
    const { kind, subject, detail, by, required, lifeMs } = order;
    const reason = redactText(order.reason.trim()).slice(0, 400);
    if ([...reason].length < reasonMin) throw fault('TB1905', { min: reasonMin });
    const open = this.list().filter(({ state }) => state === 'open').length;
    if (open >= openMax) throw fault('TB1906', { open });
    const id = toHex(this.#random.bytes(8));
    const askedMs = this.#clock.nowMs();
    this.#audit.write({
      kind: 'approval',
      step: 'requested',
      by,
      subject: `${kind} ${id} ${subject}`,
      reason,
    });
    this.#database
      .prepare(
        `INSERT INTO approval (id, kind, subject, detail, reason, asked_by, asked_ms, expires_ms, required,
           state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')`,
      )
      .run(
        id,
        kind,
        subject,
        JSON.stringify(detail),
        reason,
        printActor(by),
        askedMs,
        askedMs + lifeMs,
        required,
      );
    return this.get(id);
  }

  /** Throws TB1900. */
  get(id: string): Approval {
    const row = this.#database.prepare<ApprovalRow>('SELECT * FROM approval WHERE id = ?').get(id);
    if (!row) throw fault('TB1900', { id: /^[0-9a-f]{16}$/.test(id) ? id : '?' });
    return this.#approvalOf(row);
  }

  /** The newest first. */
  list(): Approval[] {
    const rows = this.#database
      .prepare<ApprovalRow>('SELECT * FROM approval ORDER BY asked_ms DESC, id LIMIT ?')
      .all(shown);
    return rows.map((row) => this.#approvalOf(row));
  }

  /**
   * The last voice that is needed also does the act. When the act fails the request stays approved: an
   * officer who approves it again, one of the first included, lets it be tried once more until it expires.
   * The same after a process that ended in the middle of the act. Throws TB1900 to TB1903, TB1907, TB1219,
   * and the act's.
   */
  async approve(id: string, officer: Peer): Promise<Approval> {
    const before = this.get(id);
    if (this.#running.has(id)) throw fault('TB1907', { id });
    if (before.state === 'approved' && this.#acts.has(before.kind)) return this.#again(before, officer);
    this.#vote(this.#votable(id, officer), officer, true, '');
    const after = this.get(id);
    if (after.approvedBy.length < after.required) return after;
    this.#decide(id, 'approved', 'open');
    return this.#act(this.get(id), officer);
  }

  #again(approval: Approval, officer: Peer): Promise<Approval> {
    const { id, kind, subject } = approval;
    this.#checkVoice(approval, officer);
    this.#audit.write({
      kind: 'approval',
      step: 'tried-again',
      by: officer,
      subject: `${kind} ${id} ${subject}`,
    });
    return this.#act(approval, officer);
  }

  async #act(approval: Approval, officer: Peer): Promise<Approval> {
    const { id, kind, subject } = approval;
    const act = this.#acts.get(kind);
    if (!act) return approval;
    this.#running.add(id);
    try {
      await act(approval);
    } catch (error) {
      const result = error instanceof Fault ? error.code : 'failed';
      const failed = { kind: 'approval', step: 'act-failed', by: officer, result } as const;
      this.#audit.write({ ...failed, subject: `${kind} ${id} ${subject}` });
      throw error;
    } finally {
      this.#running.delete(id);
    }
    this.finish(id);
    return this.get(id);
  }

  /** One officer's no ends it. Throws TB1900 to TB1903, TB1905, TB1219. */
  reject(id: string, officer: Peer, reason: string): Approval {
    const text = redactText(reason.trim()).slice(0, 400);
    if ([...text].length < reasonMin) throw fault('TB1905', { min: reasonMin });
    this.#vote(this.#votable(id, officer), officer, false, text);
    this.#decide(id, 'rejected', 'open');
    return this.get(id);
  }

  /**
   * Who asked gives up before the act was done; `from` is where that was said. Throws TB1900, TB1901, TB1219.
   */
  withdraw(id: string, from: string): Approval {
    const { kind, subject, state } = this.get(id);
    if (state !== 'open' && state !== 'approved') throw fault('TB1901', { id, state });
    this.#audit.write({
      kind: 'approval',
      step: 'withdrawn',
      by: 'site',
      subject: `${kind} ${id} ${subject}`,
      from,
    });
    this.#decide(id, 'withdrawn', state);
    return this.get(id);
  }

  /** For the act itself: throws TB1904 or TB1901 unless enough officers have approved it in time. */
  requireApproved(id: string): Approval {
    const approval = this.get(id);
    const { state, required, approvedBy } = approval;
    if (state === 'open') throw fault('TB1904', { id, have: approvedBy.length, required });
    if (state !== 'approved') throw fault('TB1901', { id, state });
    return approval;
  }

  /** The act is done, whatever the hour; it can't be done a second time. Throws as `requireApproved`. */
  finish(id: string): void {
    if (!this.#decide(id, 'done', 'approved')) this.requireApproved(id);
  }

  #votable(id: string, officer: Peer): Approval {
    const approval = this.get(id);
    if (approval.state !== 'open') throw fault('TB1901', { id, state: approval.state });
    this.#checkVoice(approval, officer);
    if (approval.approvedBy.includes(printActor(officer)))
      throw fault('TB1903', { id, officer: officer.name });
    return approval;
  }

  /** Names are persons: one name is one voice, whatever roles it has. */
  #checkVoice({ id, askedBy }: Approval, officer: Peer): void {
    assert(officer.role === 'officer', 'the rights table lets officers alone decide');
    const person = (printed: string) => printed.replace(/^[^/]*\//, '');
    if (person(askedBy) === person(printActor(officer))) throw fault('TB1902', { id });
  }

  #vote(approval: Approval, officer: Peer, approves: boolean, reason: string): void {
    const { id, kind, subject } = approval;
    const step = approves ? 'approved' : 'rejected';
    this.#audit.write({ kind: 'approval', step, by: officer, subject: `${kind} ${id} ${subject}`, reason });
    this.#database
      .prepare('INSERT INTO approval_vote (id, officer, approves, at_ms) VALUES (?, ?, ?, ?)')
      .run(id, printActor(officer), approves ? 1 : 0, this.#clock.nowMs());
  }

  /** False when the request is not in the state that it must come from. */
  #decide(
    id: string,
    state: 'approved' | 'rejected' | 'withdrawn' | 'done',
    from: 'open' | 'approved',
  ): boolean {
    const { changes } = this.#database
      .prepare('UPDATE approval SET state = ?, decided_ms = ? WHERE id = ? AND state = ?')
      .run(state, this.#clock.nowMs(), id, from);
    return changes === 1;
  }

  #approvalOf(row: ApprovalRow): Approval {
    const votes = this.#database
      .prepare<{ officer: string; approves: number }>(
        'SELECT officer, approves FROM approval_vote WHERE id = ? ORDER BY at_ms, officer',
      )
      .all(row.id);
    const pending = row.state === 'open' || row.state === 'approved';
    const over = pending && this.#clock.nowMs() >= row.expires_ms;
    return {
      id: row.id,
      kind: row.kind,
      subject: row.subject,
      detail: JSON.parse(row.detail) as Record<string, unknown>,
      reason: row.reason,
      askedBy: row.asked_by,
      askedMs: row.asked_ms,
      expiresMs: row.expires_ms,
      required: row.required,
      state: over ? 'expired' : row.state,
      approvedBy: votes.filter(({ approves }) => approves === 1).map(({ officer }) => officer),
      rejectedBy: votes.find(({ approves }) => approves === 0)?.officer,
    };
  }
}
