import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { Fault, fault } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Peer } from '../../link/channel.ts';
import type { Approval, Approvals } from '../approvals/approvals.ts';
import { type Act, type Actor, type Audit, printActor } from '../audit/audit.ts';
import type { SiteFolder } from '../site-folder.ts';
import { type DatabaseFile, databaseFiles } from './database-files.ts';
import { queryLimits } from './query-limits.ts';
import type { QueryAnswer } from './query-process.ts';
import { QuerySession, type SessionEnd } from './query-session.ts';
import { maskSql, refusalOfSql } from './sql-text.ts';

export interface BreakGlassParts {
  readonly folder: SiteFolder;
  readonly audit: Pick<Audit, 'write'>;
  readonly approvals: Pick<Approvals, 'request' | 'get' | 'requireApproved' | 'finish'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  /** A copy of the keys that open the databases. Throws SEALED. */
  databaseKey(): Uint8Array;
}

export interface AccessOrder {
  readonly reason: string;
  /** 1 to 240. */
  readonly minutes: number;
  /** As `databaseFiles` names it. */
  readonly file: string;
}

/**
 * The only way to a database beside the program: read-only, approved by two officers, for a time, and written
 * down. Whatever is written into `audit` comes first: what can't be recorded does not happen (T20). Sessions
 * live in memory alone, so that no restart brings one back.
 */
export class BreakGlass {
  readonly #parts: BreakGlassParts;
  readonly #sessions = new Map<string, QuerySession>();
  #opening = 0;
  #ended = false;

  constructor(parts: BreakGlassParts) {
    this.#parts = parts;
  }

  /** Throws TB1918, TB1923, and what `Approvals.request` throws. */
  request({ reason, minutes, file }: AccessOrder, by: Peer): Approval {
    const max = queryLimits.sessionMinutes;
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > max) throw fault('TB1923', { max });
    const { name } = this.#file(file);
    return this.#parts.approvals.request({
      kind: 'break-glass',
      subject: `${name} ${minutes} min`,
      detail: { file: name, minutes },
      reason,
      by,
      required: 2,
      lifeMs: queryLimits.requestMs,
    });
  }

  /**
   * Opens what was approved, once; for the asker alone, who may come back to it while it is open. Throws
   * TB1900, TB1901, TB1904, TB1911, TB1918, TB1919, TB1219, and what opening a database throws.
   */
  async open(id: string, peer: Peer): Promise<QuerySession> {
    if (this.#sessions.has(id)) return this.#owned(id, peer);
    const { approvals, clock } = this.#parts;
    const approval = this.#usable(id, peer);
    const open = this.#sessions.size + this.#opening;
    if (open >= queryLimits.sessions) throw fault('TB1919', { open });
    const { file, minutes } = approval.detail as { file: string; minutes: number };
    const { name, path } = this.#file(file);
    const subject = `${id} ${name}`;
    const detail = `${minutes} min; approved by ${approval.approvedBy.join(', ')}`;
    this.#write('opened', peer, { subject, reason: approval.reason, detail });
    // Used up before there is a session: a crash in between costs a request, never gives two sessions.
    approvals.finish(id);
    const databaseKey = this.#parts.databaseKey();
    return this.#start({ id, file: name, path, minutes, owner: peer, databaseKey, clock });
  }

  /** Throws TB1911 to TB1915, TB1917, TB1922, TB1219. */
  async run(id: string, sql: string, peer: Peer): Promise<QueryAnswer> {
    const session = this.#owned(id, peer);
    if (session.busy) throw fault('TB1913', { id });
    const subject = `${id} ${session.order.file}`;
    const hash = `sha256 ${createHash('sha256').update(sql).digest('hex')}`;
    const masked = maskSql(sql.slice(0, queryLimits.sqlCharacters));
    this.#write('statement', peer, { subject, detail: `${hash} ${masked}` });
    session.statements += 1;
    let answer: QueryAnswer;
    try {
      const refusal = tooLong(sql) ?? refusalOfSql(sql);
      if (refusal) throw fault('TB1914', refusal);
      answer = await session.run(sql);
    } catch (error) {
      this.#write('result', peer, { subject, result: resultOf(error), detail: hash });
      throw error;
    }
    const more = answer.truncated ? ' and more' : '';
    this.#write('result', peer, { subject, detail: `${hash} ${answer.rows.length} rows${more}` });
    return answer;
  }

  /** By the asker. Throws TB1911, TB1912. */
  close(id: string, peer: Peer): void {
    this.#end(this.#owned(id, peer), 'closed');
  }

  list(): QuerySession[] {
    return [...this.#sessions.values()];
  }

  /** The site closes, and with it every session. */
  end(): void {
    this.#ended = true;
    for (const session of this.list()) this.#end(session, 'sealed');
  }

  /** Who tries to use what is not approved, or not the own, is written down. */
  #usable(id: string, peer: Peer): Approval {
    const { kind } = this.#parts.approvals.get(id);
    if (kind !== 'break-glass') throw fault('TB1912', { id });
    try {
      const approval = this.#parts.approvals.requireApproved(id);
      if (approval.askedBy !== printActor(peer)) throw fault('TB1911', { id });
      return approval;
    } catch (error) {
      this.#write('open-refused', peer, { subject: id, result: resultOf(error) });
      throw error;
    }
  }

  async #start(order: QuerySession['order']): Promise<QuerySession> {
    const { id, file, owner } = order;
    this.#opening += 1;
    try {
      const session = await QuerySession.open(order);
      this.#sessions.set(id, session);
      if (this.#ended) this.#end(session, 'sealed');
      void session.expiry().then((how) => {
        if (how === 'expired') this.#end(session, how);
      });
      return session;
    } catch (error) {
      this.#write('open-failed', owner, { subject: `${id} ${file}`, result: resultOf(error) });
      throw error;
    } finally {
      this.#opening -= 1;
    }
  }

  /** First it ends, then it is written down: a full disk must keep no session open. */
  #end(session: QuerySession, result: SessionEnd): void {
    const { id, file, owner } = session.order;
    if (!this.#sessions.delete(id)) return;
    session.end(result);
    const detail = `${session.statements} statements`;
    try {
      this.#write('closed', owner, { subject: `${id} ${file}`, result, detail });
    } catch (error) {
      this.#parts.logger.error('the end of a database session is not in audit', { id, result, error });
    }
  }

  #owned(id: string, peer: Peer): QuerySession {
    const session = this.#sessions.get(id);
    if (!session) throw fault('TB1912', { id: /^[0-9a-f]{16}$/.test(id) ? id : '?' });
    if (printActor(session.order.owner) !== printActor(peer)) throw fault('TB1911', { id });
    if (!session.overdue) return session;
    this.#end(session, 'expired');
    throw fault('TB1912', { id });
  }

  #file(name: string): DatabaseFile {
    const files = databaseFiles(this.#parts.folder);
    const found = files.find((file) => file.name === name);
    if (found) return found;
    const known = /^[a-z]{1,10}(\/[\w.-]{1,60})?$/.test(name) && !/\d{7}/.test(name) ? name : '?';
    throw fault('TB1918', { file: known, files: files.map((file) => file.name).join(', ') });
  }

  #write(step: string, by: Actor & { address?: string }, act: Omit<Act, 'kind' | 'step' | 'by'>): void {
    const { address } = by;
    this.#parts.audit.write({ kind: 'break-glass', step, by, ...(address ? { from: address } : {}), ...act });
  }
}

function resultOf(error: unknown): string {
  return error instanceof Fault ? error.code : 'failed';
}

function tooLong(sql: string): { reason: string; reasonZh: string } | undefined {
  const max = queryLimits.sqlCharacters;
  if (sql.length <= max) return undefined;
  return { reason: `it has more than ${max} characters`, reasonZh: `语句超过 ${max} 个字符` };
}
