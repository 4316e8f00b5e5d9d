import pg from 'pg';
import { fault } from '../base/errors.ts';
import { clientConfig, type Login, ScramClient, serverFault, WrongPassword } from './scram-client.ts';

/** Connections of one pool: a store's writers and readers; a server allows 100 by default, for everybody. */
const connectionsMax = 10;

/**
 * Connections to one server as the site's own role, always with the password in force. A rotation leaves open
 * connections alone, and a new one that meets the old password is tried once more with the newest.
 */
export class ServerPool {
  readonly #pool: pg.Pool;
  readonly #login: Login;
  readonly #renewed: () => Promise<void>;

  /** `renewed` resolves when it is settled which password is in force. */
  constructor(login: Login, renewed: () => Promise<void>) {
    this.#login = login;
    this.#renewed = renewed;
    const config = clientConfig(login);
    this.#pool = new pg.Pool({
      ...config,
      max: connectionsMax,
      Client: class extends ScramClient {
        constructor() {
          super(config);
        }
      },
    });
    this.#pool.on('error', () => {}); // an idle connection has gone; the next is a new one
  }

  /** The caller releases it. Throws TB1935 to TB1938, TB1940. */
  async connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      const known = serverFault(error, this.#login.server);
      if (!(known instanceof WrongPassword)) throw known;
    }
    await this.#renewed();
    try {
      return await this.#pool.connect();
    } catch (error) {
      const { server, user } = this.#login;
      const known = serverFault(error, server);
      throw known instanceof WrongPassword ? fault('TB1938', { name: server.name, role: user }) : known;
    }
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

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
