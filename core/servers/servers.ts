import type { Clock } from '../base/clock.ts';
import { Fault, fault } from '../base/errors.ts';
import { Loop } from '../base/loop.ts';
import type { Random } from '../base/random.ts';
import { checkedServer, type Server, type StoredServer, serverLimits } from './server.ts';
import { type Administrator, type LoginParts, type PasswordRing, ServerLogin } from './server-login.ts';
import { ServerPool } from './server-pool.ts';

/** Where the site keeps its list of servers: no secret is in it. Each call is durable when it returns. */
export interface ServerTable {
  /** In order of their names. */
  all(): StoredServer[];
  /** Replaces the one of that name. */
  put(server: StoredServer): void;
  remove(name: string): void;
}

export interface ServerAct {
  readonly step: 'adding' | 'added' | 'rotating' | 'rotated' | 'removing' | 'removed' | 'failed';
  readonly server: Pick<Server, 'name' | 'role'>;
  /** `ok`, or an error code. */
  readonly result: string;
}

/** Writes an act down for the one who asked; durable when it returns. What it throws stops the act. */
export type RecordAct = (act: ServerAct) => void;

export interface ServersParts {
  readonly table: ServerTable;
  readonly keys: PasswordRing;
  readonly clock: Clock;
  readonly random: Random;
  /** For what the site does by itself. */
  readonly record: RecordAct;
  /** A change by the schedule did not succeed; it is tried again. */
  readonly failed: (name: string, error: Fault) => void;
  /** The network; a test lets it fail here. */
  readonly connect?: NonNullable<LoginParts['connect']>;
}

export interface ServerView extends StoredServer {
  /** When the password is changed by itself, ms since 1970. */
  readonly dueMs: number;
  /** A change was begun and is not finished; it is carried on by itself. */
  readonly unfinished: boolean;
}

type Work = 'add' | 'rotate' | 'remove';

const dayMs = 86_400_000;
/** Nothing about days is late by a quarter of an hour. */
const roundMs = 15 * 60_000;
/** After a failed change; each attempt is two entries of the audit log. */
const retryMs = 6 * 3_600_000;
/** After a login that failed with every password: whoever asks in a loop must not knock at each turn. */
const settleMs = 60_000;

/**
 * The site's logins at database servers while it is open: at most one change for a server at a time, each
 * written down before and after. A change that was interrupted is carried on by the schedule, or by the first
 * connection that meets the wrong password.
 */
export class Servers {
  readonly #parts: ServersParts;
  readonly #work = new Map<string, { readonly kind: Work; readonly done: Promise<void> }>();
  readonly #pools = new Map<string, ServerPool>();
  readonly #notBeforeMs = new Map<string, number>();
  readonly #settledMs = new Map<string, number>();
  readonly #loop: Loop;
  readonly #closed = new AbortController();
  #running: Promise<void> | undefined;

  constructor(parts: ServersParts) {
    this.#parts = parts;
    this.#loop = new Loop({
      name: 'server passwords',
      clock: parts.clock,
      random: parts.random,
      intervalMs: roundMs,
      backoffMinMs: roundMs,
      backoffMaxMs: roundMs,
      once: () => this.once(),
      failed: () => {},
    });
  }

  list(): ServerView[] {
    return this.#parts.table.all().map((server) => ({
      ...server,
      dueMs: server.rotatedMs + server.rotateDays * dayMs,
      unfinished: this.#login(server).unfinished,
    }));
  }

  /**
   * Sets a password of ours with an administrator's login; the same name and role again repairs a login that
   * was lost. Throws TB1933, TB1934, TB1942 and what `ServerLogin.setUp` does.
   */
  async add(order: Server, administrator: Administrator, record: RecordAct): Promise<ServerView> {
    const server = checkedServer(order);
    this.#refuseTaken(server);
    record({ step: 'adding', server, result: 'ok' });
    await this.#change('add', server, record, async () => {
      const { table, clock } = this.#parts;
      const known = table.all().find(({ name }) => name === server.name);
      if (known?.state !== 'ready') table.put({ ...server, state: 'adding', rotatedMs: 0, failure: '' });
      await this.#login(server).setUp(administrator);
      table.put({ ...server, state: 'ready', rotatedMs: clock.nowMs(), failure: '' });
      this.#closePool(server.name);
      record({ step: 'added', server, result: 'ok' });
    });
    return this.#view(server.name);
  }

  /** A new password now; joins a rotation under way. Throws TB1932, TB1942 and `ServerLogin.rotate`'s. */
  async rotate(name: string, record: RecordAct): Promise<ServerView> {
    const server = this.#find(name);
    record({ step: 'rotating', server, result: 'ok' });
    const work = this.#work.get(name);
    const rotation = async () => {
      await this.#login(server).rotate();
      const { table, clock } = this.#parts;
      table.put({ ...server, state: 'ready', rotatedMs: clock.nowMs(), failure: '' });
      record({ step: 'rotated', server, result: 'ok' });
    };
    await (work?.kind === 'rotate' ? work.done : this.#change('rotate', server, record, rotation));
    return this.#view(name);
  }

  /**
   * Gives a login up. The server forgets the password first, unless it is to be left alone (it is gone for
   * good); a server that knows none of ours needs no forgetting. Throws TB1932, TB1942, TB1935 to TB1937.
   */
  async remove(name: string, leaveServer: boolean, record: RecordAct): Promise<void> {
    const server = this.#find(name);
    record({ step: 'removing', server, result: 'ok' });
    await this.#change('remove', server, record, async () => {
      if (!leaveServer) await this.#login(server).clear().catch(unlessUnknown);
      this.#closePool(name);
      this.#parts.keys.replace((ring) => ring.withoutPassword(server.role));
      this.#parts.table.remove(name);
      record({ step: 'removed', server, result: 'ok' });
    });
  }

  /** For a store: its connections outlive every rotation. Throws TB1932. */
  pool(name: string): ServerPool {
    const known = this.#pools.get(name);
    if (known) return known;
    const server = this.#find(name);
    const password = () => this.#login(server).password();
    const pool = new ServerPool(
      { server, user: server.role, password },
      {
        epoch: () => this.#login(server).epoch,
        settle: (refusedEpoch) => this.#settle(name, refusedEpoch),
      },
    );
    this.#pools.set(name, pool);
    return pool;
  }

  /** The schedule; `failed` resolves with what the site can't go on with. */
  start(failed: (error: unknown) => void): void {
    this.#running = this.#loop.run().catch(failed);
  }

  /** One look at the schedule. */
  async once(): Promise<'idle'> {
    const { clock, record, failed } = this.#parts;
    for (const server of this.list()) {
      const { name } = server;
      const waits = clock.monotonicMs() < (this.#notBeforeMs.get(name) ?? 0);
      if (waits || this.#work.has(name) || !isDue(server, clock.nowMs())) continue;
      try {
        await this.rotate(name, record);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        this.#notBeforeMs.set(name, clock.monotonicMs() + retryMs);
        failed(name, error);
      }
    }
    return 'idle';
  }

  /** A change under way loses its connection; the next opening of the site carries it on. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#loop.stop();
    await Promise.allSettled([...this.#work.values()].map(({ done }) => done));
    await this.#running;
    for (const name of [...this.#pools.keys()]) this.#closePool(name);
  }

  /** One at a time for each server; a failure is written down and kept with the server. */
  #change(kind: Work, server: Server, record: RecordAct, act: () => Promise<void>): Promise<void> {
    const { name } = server;
    if (this.#work.has(name)) throw fault('TB1942', { name });
    const done = act()
      .catch((error: unknown) => {
        if (error instanceof Fault) this.#fail(server, error, record);
        throw error;
      })
      .finally(() => this.#work.delete(name));
    this.#work.set(name, { kind, done });
    return done;
  }

  #fail({ name, role }: Server, { code }: Fault, record: RecordAct): void {
    const { table } = this.#parts;
    const known = table.all().find((server) => server.name === name);
    if (known) table.put({ ...known, failure: code });
    record({ step: 'failed', server: { name, role }, result: code });
  }

  /**
   * A connection met a wrong password: wait for the rotation under way, take the result of one that has just
   * ended, or carry on what was interrupted.
   */
  async #settle(name: string, refusedEpoch: number): Promise<void> {
    const { clock, record } = this.#parts;
    const work = this.#work.get(name);
    if (work) return work.done.catch(() => {});
    const server = this.#find(name);
    const { role } = server;
    if (this.#login(server).epoch !== refusedEpoch) return;
    if (clock.monotonicMs() < (this.#settledMs.get(name) ?? 0)) throw fault('TB1938', { name, role });
    this.#settledMs.set(name, clock.monotonicMs() + settleMs);
    await this.rotate(name, record);
  }

  #closePool(name: string): void {
    const pool = this.#pools.get(name);
    this.#pools.delete(name);
    pool?.close();
  }

  #refuseTaken({ name, role }: Server): void {
    const all = this.#parts.table.all();
    const taken = all.find((server) => (server.name === name) !== (server.role === role));
    if (taken) throw fault('TB1933', { name: taken.name, role: taken.role });
    const isNew = !all.some((server) => server.name === name);
    if (isNew && all.length >= serverLimits.serversMax) {
      throw fault('TB1934', { what: `> ${serverLimits.serversMax}` });
    }
  }

  #find(name: string): StoredServer {
    const server = this.#parts.table.all().find((known) => known.name === name);
    if (!server) throw fault('TB1932', { name: /^[a-z][a-z0-9-]{0,31}$/.test(name) ? name : '?' });
    return server;
  }

  #view(name: string): ServerView {
    const view = this.list().find((server) => server.name === name);
    if (!view) throw fault('TB1932', { name });
    return view;
  }

  #login(server: Server): ServerLogin {
    return new ServerLogin(server, { ...this.#parts, signal: this.#closed.signal });
  }
}

/** A time of the last change that lies ahead was written by a wrong clock. */
function isDue({ state, dueMs, rotatedMs, unfinished }: ServerView, nowMs: number): boolean {
  return state === 'ready' && (unfinished || nowMs >= dueMs || rotatedMs > nowMs + dayMs);
}

function unlessUnknown(error: unknown): void {
  if (!(error instanceof Fault) || error.code !== 'TB1938') throw error;
}
