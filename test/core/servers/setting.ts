import type { Clock } from '../../../core/base/clock.ts';
import { systemClock } from '../../../core/base/clock.ts';
import { Fault } from '../../../core/base/errors.ts';
import { systemRandom } from '../../../core/base/random.ts';
import { KeyRing } from '../../../core/seal/key-ring.ts';
import { type Login, openClient } from '../../../core/servers/scram-client.ts';
import type { Server, StoredServer } from '../../../core/servers/server.ts';
import type { PasswordRing } from '../../../core/servers/server-login.ts';
import { type ServerAct, Servers } from '../../../core/servers/servers.ts';
import type { PostgresServer } from '../../support/postgres-server.ts';

/** Everything of a site that outlives its process: the ring as bytes, the table, the acts written down. */
export class Disk {
  ring: Buffer = KeyRing.empty().toBytes();
  table = new Map<string, StoredServer>();
  acts: ServerAct[] = [];

  /** The ring as it would be opened now; the caller only looks at it. */
  opened(): KeyRing {
    const ring = KeyRing.fromBytes(this.ring);
    if (!ring) throw new Error('a damaged ring');
    return ring;
  }

  password(role: string): string {
    return Buffer.from(this.opened().key(`password/${role}`)).toString('latin1');
  }

  /** Every password that the ring has for a role, in any state. */
  passwords(role: string): string[] {
    const ring = this.opened();
    return ring
      .list()
      .filter(({ purpose }) => purpose === `password/${role}`)
      .map(({ purpose, epoch }) => Buffer.from(ring.key(purpose, epoch)).toString('latin1'));
  }
}

export class Died extends Error {}

/** Lets a process die at its k-th step, before the step or after it has taken effect; it never recovers. */
export class Fuse {
  readonly #at: number;
  readonly #when: 'before' | 'after';
  #steps = 0;
  #dead = false;

  constructor(at = Number.POSITIVE_INFINITY, when: 'before' | 'after' = 'before') {
    this.#at = at;
    this.#when = when;
  }

  get blown(): boolean {
    return this.#dead;
  }

  async step<T>(act: () => Promise<T>): Promise<T> {
    this.#enter();
    const done = await act();
    this.#leave();
    return done;
  }

  stepSync<T>(act: () => T): T {
    this.#enter();
    const done = act();
    this.#leave();
    return done;
  }

  #enter(): void {
    if (this.#dead) throw new Died('dead');
    this.#steps += 1;
    if (this.#steps === this.#at && this.#when === 'before') this.#die();
  }

  #leave(): void {
    if (this.#steps === this.#at && this.#when === 'after') this.#die();
  }

  #die(): never {
    this.#dead = true;
    throw new Died('dead');
  }
}

export interface Process {
  readonly servers: Servers;
  readonly record: (act: ServerAct) => void;
  readonly failures: string[];
}

/** A process over the disk, as it is now. */
export function start(disk: Disk, fuse = new Fuse(), clock: Clock = systemClock): Process {
  let ring = disk.opened();
  const keys: PasswordRing = {
    ring: () => ring,
    replace: (change) =>
      fuse.stepSync(() => {
        const changed = change(ring);
        disk.ring = changed.toBytes();
        ring.wipe();
        ring = changed;
      }),
  };
  const record = (act: ServerAct) => fuse.stepSync(() => void disk.acts.push(act));
  const failures: string[] = [];
  const servers = new Servers({
    keys,
    clock,
    random: systemRandom,
    record,
    failed: (name, error) => failures.push(`${name} ${error.code}`),
    table: {
      all: () => [...disk.table.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
      put: (server) => fuse.stepSync(() => void disk.table.set(server.name, server)),
      remove: (name) => fuse.stepSync(() => void disk.table.delete(name)),
    },
    connect: async (login: Login) => {
      const client = await fuse.step(() => openClient(login));
      const query = (text: string, values: string[] = []) => fuse.step(() => client.query(text, values));
      return { query: query as typeof client.query, end: () => client.end() };
    },
  });
  return { servers, record, failures };
}

export function serverOf(postgres: PostgresServer, more: Partial<Server> = {}): Server {
  return {
    name: 'ledger-1',
    host: 'localhost',
    port: postgres.port,
    database: 'postgres',
    role: 'tongbu_ledger',
    ca: postgres.ca,
    rotateDays: 30,
    ...more,
  };
}

/** The code that `work` ends with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
  return 'done';
}
