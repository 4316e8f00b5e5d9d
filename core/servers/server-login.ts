import { assert } from '../base/assert.ts';
import { secretCopy, wipe } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { KeyPurpose, KeyRing } from '../seal/key-ring.ts';
import { type Login, openClient, type ScramClient, serverFault, WrongPassword } from './scram-client.ts';
import type { Server } from './server.ts';
import { newServerPassword, scramVerifier } from './server-password.ts';

/** The opened ring. After `replace` and after sealing what an earlier answer held is zeros. */
export interface PasswordRing {
  ring(): KeyRing;
  /** Durable when it returns. */
  replace(change: (ring: KeyRing) => KeyRing): void;
}

export interface Administrator {
  readonly user: string;
  /** Used for one connection and wiped. */
  readonly password: Uint8Array;
}

export interface LoginParts {
  readonly keys: PasswordRing;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly random: Random;
  /** Ends connections at once. */
  readonly signal?: AbortSignal;
  /** The network; a test lets it fail here. */
  readonly connect?: (login: Login) => Promise<Pick<ScramClient, 'query' | 'end'>>;
}

type Which = 'pending' | 'active' | 'retired';

/**
 * The login of one role. A new password is durable in the ring as pending before the server hears of it, and
 * in use only after a login with it; so wherever this stops, one of the ring's passwords opens the server. A
 * pending password is carried on and never replaced by another: a change that was sent and whose answer was
 * lost may still take effect, at any time.
 */
export class ServerLogin {
  readonly #server: Server;
  readonly #parts: LoginParts;
  readonly #purpose: KeyPurpose;

  constructor(server: Server, parts: LoginParts) {
    this.#server = server;
    this.#parts = parts;
    this.#purpose = `password/${server.role}`;
  }

  /** A copy of the password in use, which the caller wipes. Throws TB1226 where there is none yet. */
  password(): Uint8Array {
    return secretCopy(this.#parts.keys.ring().key(this.#purpose));
  }

  /** Of the password in use; 0 where there is none yet. */
  get epoch(): number {
    return this.#epochOf('active') ?? 0;
  }

  /** Whether a change was begun and not finished. */
  get unfinished(): boolean {
    return this.#parts.keys.ring().pendingKey(this.#purpose) !== undefined;
  }

  /**
   * Gives the role a password of ours with an administrator's login, and makes the role where it is missing.
   * Throws TB1935 to TB1937, TB1939 to TB1941; after any of them it may be called again.
   */
  async setUp({ user, password }: Administrator): Promise<void> {
    if (user === this.#server.role) throw this.#protected();
    this.#prepare();
    const admin = await this.#open(user, () => secretCopy(password)).catch((error: unknown) => {
      throw error instanceof WrongPassword ? fault('TB1939', { name: this.#server.name }) : error;
    });
    try {
      await this.#takeOver(admin);
    } finally {
      await admin.end().catch(() => {});
    }
    await this.#finish();
  }

  /**
   * The role changes its own password. Throws TB1935 to TB1938, TB1940; what is left to do then is done when
   * it is called again.
   */
  async rotate(): Promise<void> {
    const begun = this.unfinished;
    this.#prepare();
    const { client, which } = await this.#signIn(
      begun ? ['pending', 'active', 'retired'] : ['active', 'retired'],
    );
    try {
      if (which !== 'pending') await this.#alter(client, 'ALTER ROLE CURRENT_USER');
    } finally {
      await client.end().catch(() => {});
    }
    await this.#finish();
  }

  /** The server forgets the password: nobody logs in with a copy of the ring. Throws as `rotate`. */
  async clear(): Promise<void> {
    const { client } = await this.#signIn(['pending', 'active', 'retired']);
    try {
      await this.#run(client, 'ALTER ROLE CURRENT_USER PASSWORD NULL');
    } finally {
      await client.end().catch(() => {});
    }
  }

  #prepare(): void {
    if (this.unfinished) return;
    const { keys, random, clock } = this.#parts;
    const password = newServerPassword(random);
    try {
      keys.replace((ring) => ring.withPending(this.#purpose, password, clock.nowMs()));
    } finally {
      wipe(password);
    }
  }

  /** The pending password opens the server: from now on it is the one in use. One older one is kept. */
  async #finish(): Promise<void> {
    const { client } = await this.#signIn(['pending']);
    await client.end().catch(() => {});
    this.#parts.keys.replace((ring) => pruned(ring.activated(this.#purpose), this.#purpose));
  }

  async #takeOver(admin: Pick<ScramClient, 'query'>): Promise<void> {
    const { role } = this.#server;
    const text = 'SELECT rolsuper OR rolreplication AS powerful FROM pg_roles WHERE rolname = $1';
    const { rows } = await this.#run(admin, text, [role]);
    const [found] = rows as { readonly powerful: boolean }[];
    if (found?.powerful) throw this.#protected();
    await this.#alter(admin, found ? `ALTER ROLE "${role}" LOGIN` : `CREATE ROLE "${role}" LOGIN`);
  }

  /** The verifier goes to the server, never the password: statements are what a server logs (trap 52). */
  async #alter(client: Pick<ScramClient, 'query'>, statement: string): Promise<void> {
    const password = this.#copy('pending');
    assert(password !== undefined, 'a password is pending before the server hears of it');
    const verifier = scramVerifier(password, this.#parts.random);
    wipe(password);
    await this.#run(client, `${statement} PASSWORD '${verifier}'`);
  }

  async #signIn(order: readonly Which[]): Promise<{
    readonly client: Pick<ScramClient, 'query' | 'end'>;
    readonly which: Which;
  }> {
    const { name, role } = this.#server;
    for (const which of order) {
      if (!this.#has(which)) continue;
      try {
        const give = () => this.#copy(which) ?? new Uint8Array();
        return { client: await this.#open(role, give), which };
      } catch (error) {
        if (!(error instanceof WrongPassword)) throw error;
      }
    }
    throw fault('TB1938', { name, role });
  }

  #open(user: string, password: () => Uint8Array): Promise<Pick<ScramClient, 'query' | 'end'>> {
    const { connect = openClient, signal } = this.#parts;
    return connect({ server: this.#server, user, password, ...(signal && { signal }) });
  }

  /** A statement's own error is told by its code alone: the text of a server may repeat the statement. */
  async #run(client: Pick<ScramClient, 'query'>, text: string, values: string[] = []) {
    try {
      return await client.query(text, values);
    } catch (error) {
      throw serverFault(error, this.#server);
    }
  }

  #has(which: Which): boolean {
    return this.#epochOf(which) !== undefined;
  }

  #copy(which: Which): Uint8Array | undefined {
    const epoch = this.#epochOf(which);
    if (epoch === undefined) return undefined;
    return secretCopy(this.#parts.keys.ring().key(this.#purpose, epoch));
  }

  /** The newest of a state. */
  #epochOf(which: Which): number | undefined {
    return this.#parts.keys
      .ring()
      .list()
      .findLast(({ purpose, state }) => purpose === this.#purpose && state === which)?.epoch;
  }

  #protected(): Error {
    const { name, role } = this.#server;
    return fault('TB1941', { name, role });
  }
}

/** The newest retired password stays: a server that was restored from its own backup still knows that one. */
function pruned(ring: KeyRing, purpose: KeyPurpose): KeyRing {
  const retired = ring.list().filter((key) => key.purpose === purpose && key.state === 'retired');
  return retired.slice(0, -1).reduce((before, { epoch }) => {
    const after = before.withoutRetired(purpose, epoch);
    before.wipe();
    return after;
  }, ring);
}
