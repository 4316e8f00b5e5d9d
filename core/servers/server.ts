import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { fault } from '../base/errors.ts';

/** Where a site has a login of its own at a PostgreSQL server. The password is in the ring alone. */
export interface Server {
  /** For people and for the store that uses it. */
  readonly name: string;
  /** Host name, address, or the folder of a unix socket (begins with /). */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** The login; no two servers of a site share one, as the ring knows a password by its role. */
  readonly role: string;
  /** PEM of the authority that signs the server's certificate; '' where there is no TLS. */
  readonly ca: string;
  /** The password is changed by itself after so many days. */
  readonly rotateDays: number;
}

/** `adding` until the first login with a password of ours. */
export interface StoredServer extends Server {
  readonly state: 'adding' | 'ready';
  /** Of the newest password, ms since 1970; 0 while adding. */
  readonly rotatedMs: number;
  /** Code of the last failed rotation since then; '' for none. */
  readonly failure: string;
}

export const serverLimits = {
  rotateDaysMax: 365,
  /** A chain of a few certificates. */
  caBytesMax: 64 * 1024,
  /** A site has a handful; more is a mistake (I7). */
  serversMax: 32,
  passwordBytesMax: 1_024,
} as const;

const nameForm = /^[a-z][a-z0-9-]{0,31}$/;
/** PostgreSQL takes more; what needs no quoting and fits the name of a key in the ring is enough. */
const roleForm = /^[a-z][a-z0-9_]{0,62}$/;
const databaseForm = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;
const hostForm = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const socketForm = /^\/[\w./-]{0,90}$/;

/**
 * Throws TB1934 for what can't be used. TLS with a full check of chain and name is demanded of every server
 * but one on this machine: a unix socket has no TLS, and loopback may go without where no CA is given.
 */
export function checkedServer(server: Server): Server {
  const { name, host, port, database, role, ca, rotateDays } = server;
  const refuse = (what: string): never => {
    throw fault('TB1934', { what });
  };
  if (!nameForm.test(name)) refuse('--name');
  if (!socketForm.test(host) && !hostForm.test(host) && isIP(host) === 0) refuse('--host');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) refuse('--port');
  if (!databaseForm.test(database)) refuse('--database');
  if (!roleForm.test(role)) refuse('--role');
  if (!Number.isInteger(rotateDays) || rotateDays < 1 || rotateDays > serverLimits.rotateDaysMax) {
    refuse('--rotate-days');
  }
  if (isSocket(host) ? ca !== '' : ca === '' && !isLoopback(host)) refuse('--ca');
  if (ca !== '' && !isAuthority(ca)) refuse('--ca');
  return { name, host, port, database, role, ca, rotateDays };
}

export function isSocket(host: string): boolean {
  return host.startsWith('/');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function isAuthority(ca: string): boolean {
  if (ca.length > serverLimits.caBytesMax) return false;
  try {
    return new X509Certificate(ca).ca;
  } catch {
    return false;
  }
}
