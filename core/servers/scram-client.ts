import pg from 'pg';
import { view } from '../base/bytes.ts';
import { Fault, fault } from '../base/errors.ts';
import { isSocket, type Server } from './server.ts';

/** Gives the password when the server has asked for it in a safe way; the client wipes what it got. */
export type GivePassword = () => Uint8Array | Promise<Uint8Array>;

export interface Login {
  readonly server: Server;
  readonly user: string;
  readonly password: GivePassword;
  /** Ends the connection at once. */
  readonly signal?: AbortSignal;
}

const connectMsMax = 10_000;
const queryMsMax = 30_000;

/** Options of the driver for a login; everything that it would take from the environment is given. */
export function clientConfig({ server, user, password }: Login): pg.ClientConfig {
  const { host, port, database, ca, name } = server;
  return {
    host,
    port,
    database,
    user,
    // The driver takes strings alone, so this one copy stays on the heap until it is collected.
    password: async () => {
      const bytes = await password();
      const text = view(bytes).toString('latin1');
      bytes.fill(0);
      return text;
    },
    // Without a `servername` of ours: the driver gives the host, and the check of the name uses it.
    ssl: ca === '' ? false : { ca: [ca], rejectUnauthorized: true, minVersion: 'TLSv1.3' },
    sslnegotiation: 'postgres',
    enableChannelBinding: ca !== '',
    application_name: `tongbu-${name}`,
    connectionTimeoutMillis: connectMsMax,
    query_timeout: queryMsMax,
    keepAlive: !isSocket(host),
    options: '',
    client_encoding: 'UTF8',
  };
}

/**
 * A client that proves the password by SCRAM and by nothing else: a server that wants it in clear or as MD5
 * gets no answer, and one that lets us in without asking is left again, since a login that proves nothing
 * can't tell which of two passwords is in force.
 */
export class ScramClient extends pg.Client {
  constructor(config: pg.ClientConfig) {
    super({ ...config, password: () => this.#give(config.password) });
    let proved = false;
    // Heard before the driver's own listeners, which it adds when it connects.
    this.connection.on('authenticationCleartextPassword', () => this.#refuse('password in clear'));
    this.connection.on('authenticationMD5Password', () => this.#refuse('MD5'));
    this.connection.on('authenticationSASLFinal', () => {
      proved = true;
    });
    this.connection.on('authenticationOk', () => {
      if (!proved) this.#refuse('not asked');
      this.#forget();
    });
    // A server that goes away is heard by whoever asks next; unheard it would end the process.
    this.on('error', () => {});
  }

  #weak = false;

  #refuse(reason: string): void {
    this.#weak = true;
    this.connection.emit('error', fault('TB1937', { name: '?', reason }));
    this.connection.stream.destroy();
  }

  async #give(password: pg.ClientConfig['password']): Promise<string> {
    if (this.#weak || typeof password !== 'function') throw fault('TB1937', { name: '?', reason: 'refused' });
    return password();
  }

  /** The driver keeps what it was given for the life of the connection. */
  #forget(): void {
    Reflect.set(this, 'password', null);
    Reflect.set(Reflect.get(this, 'connectionParameters') as object, 'password', null);
  }
}

/** A connected client; the caller ends it. Throws TB1935 to TB1937, TB1940, or WrongPassword. */
export async function openClient(login: Login): Promise<ScramClient> {
  const client = new ScramClient(clientConfig(login));
  const { signal } = login;
  const cut = () => client.connection.stream.destroy();
  signal?.addEventListener('abort', cut, { once: true });
  client.once('end', () => signal?.removeEventListener('abort', cut));
  try {
    if (signal?.aborted) throw fault('TB1935', { name: login.server.name, reason: 'closed' });
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw serverFault(error, login.server);
  }
}

/** The server refused this password: not a failure while there is another to try. */
export class WrongPassword extends Error {}

const wrongPassword = '28P01';

/**
 * What the driver says as a fault of ours, by its code alone: texts of a server may repeat a statement. A
 * wrong password is an error of its own.
 */
export function serverFault(error: unknown, { name }: Pick<Server, 'name'>): Fault | WrongPassword {
  if (error instanceof WrongPassword) return error;
  if (error instanceof Fault) {
    return error.code === 'TB1937' ? fault('TB1937', { ...error.parameters, name }) : error;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === wrongPassword) return new WrongPassword('refused');
  // 57P01 to 57P03: it stops, starts, or has too many; class 08: the connection itself.
  if (/^(57P0\d|08[0-9A-Z]{3}|53300)$/.test(code)) return fault('TB1935', { name, reason: code });
  if (/^(?=.*\d)[0-9A-Z]{5}$/.test(code)) return fault('TB1940', { name, state: code });
  if (/CERT|SSL|TLS|SIGNATURE|SELF_SIGNED/.test(code)) return fault('TB1936', { name, reason: code });
  const text = error instanceof Error ? error.message : '';
  if (text.includes('does not support SSL')) return fault('TB1936', { name, reason: 'no TLS' });
  if (text.startsWith('SASL')) return fault('TB1937', { name, reason: 'SASL' });
  const reason = /^E[A-Z]{3,20}$/.test(code) ? code : 'closed';
  return fault('TB1935', { name, reason });
}
