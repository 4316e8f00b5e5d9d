import pg from 'pg';
import { fault } from '../base/errors.ts';
import { clientConfig, type Login, ScramClient, serverFault, WrongPassword } from './scram-client.ts';

/** Connections of one pool: a store's writers and readers; a server allows 100 by default, for everybody. */
const connectionsMax = 10;

/** How often a login is tried again: each time a change of the password came in between. */
const retriesMax = 3;

/** Which password is in force, as the site knows it. */
export interface PoolPassword {
  /** Another number after each change. */
  epoch(): number;
  /** Resolves when it is settled which password is in force, after one of that epoch was refused. */
  settle(refusedEpoch: number): Promise<void>;
}

/**
 * Connections to one server as the site's own role, always with the password in force. A rotation leaves open
 * connections alone, and a new one that meets the old password is tried again with the newest.
 */
export class ServerPool {
  readonly #pool: pg.Pool;
  readonly #login: Login;
  readonly #password: PoolPassword;
  readonly #clients = new Set<ScramClient>();

  constructor(login: Login, password: PoolPassword) {
    this.#login = login;
    this.#password = password;
    const config = clientConfig(login);
    const clients = this.#clients;
    this.#pool = new pg.Pool({
      ...config,
      max: connectionsMax,
      Client: class extends ScramClient {
        constructor() {
          super(config);
          clients.add(this);
          this.once('end', () => clients.delete(this));
        }
      },
    });
    this.#pool.on('error', () => {}); // an idle connection has gone; the next is a new one
  }

  /** The caller releases it. Throws TB1935 to TB1938, TB1940. */
  async connect(): Promise<pg.PoolClient> {
    const { server, user } = this.#login;
    for (let retries = 0; retries <= retriesMax; retries += 1) {
      const epoch = this.#password.epoch();
      try {
        return await this.#pool.connect();
      } catch (error) {
        const known = serverFault(error, server);
        if (!(known instanceof WrongPassword)) throw known;
      }
      if (retries < retriesMax) await this.#password.settle(epoch);
    }
    throw fault('TB1938', { name: server.name, role: user });
  }

  /** One statement on any connection. What the server says against it comes as the driver has it. */
  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = await this.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      client.release();
    }
  }

  /** Cuts every connection, those in use too: a site that is being sealed waits for nobody. */
  close(): void {
    // It would wait for connections that are in use; their users learn it from the cut.
    void this.#pool.end().catch(() => {});
    for (const client of this.#clients) client.connection.stream.destroy();
  }
}
