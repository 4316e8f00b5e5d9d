import { readFileSync } from 'node:fs';
import { fault } from '../base/errors.ts';

export interface StartCircumstances {
  /** Node's own arguments (`process.execArgv`), not the program's. */
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Not a demonstration or a test. */
  readonly production: boolean;
}

/** Node lets anybody on the machine read keys, weakens TLS, or writes memory to a file with these. */
const forbiddenOptions = [
  /^--inspect(-|=|$)/,
  /^--(debug|debug-port|debug-brk)(=|$)/,
  /^--experimental-(network-inspection|worker-inspection)$/,
  /^--tls-keylog(=|$)/,
  /^--tls-(min|max)-v1\.[012]$/,
  /^--tls-cipher-list(=|$)/,
  /^--trace-tls$/,
  /^--(openssl-legacy-provider|openssl-shared-config|security-revert|insecure-http-parser)(=|$)/,
  /^--heapsnapshot-(signal|near-heap-limit)(=|$)/,
  /^--(heap-prof|cpu-prof)(-|=|$)/,
  /^--abort-on-uncaught-exception$/,
  /^--report-(on-fatalerror|on-signal|uncaught-exception|signal)(=|$)/,
];

const forbiddenAlways = ['NODE_TLS_REJECT_UNAUTHORIZED', 'SSLKEYLOGFILE'];
/** Traces print request headers, certificates and errors. */
const forbiddenInProduction = [
  'GRPC_TRACE',
  'GRPC_NODE_TRACE',
  'GRPC_NODE_DEBUG_SEND_ERROR_DETAILS',
  'NODE_DEBUG',
  'NODE_DEBUG_NATIVE',
];

/** What Tongbu must not be started with; names only, never a value. */
export function unsafeCircumstances({ execArgv, env, production }: StartCircumstances): string[] {
  // Node takes underscores for dashes in its options.
  const options = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)]
    .map((option) => option.replaceAll(/["']/g, '').replaceAll('_', '-'))
    .filter((option) => forbiddenOptions.some((pattern) => pattern.test(option)));
  const names = production ? [...forbiddenAlways, ...forbiddenInProduction] : forbiddenAlways;
  return [
    ...options.map((option) => option.replace(/=.*/, '')),
    ...names.filter((name) => env[name] !== undefined),
  ];
}

/** Throws TB1326 for the first of them. */
export function refuseUnsafeStart(circumstances: StartCircumstances): void {
  const [what] = unsafeCircumstances(circumstances);
  if (what !== undefined) throw fault('TB1326', { what });
}

/** Without a listener the signal opens the inspector of a running process, and with it all keys. */
export function ignoreInspectorSignal(process: Pick<NodeJS.EventEmitter, 'on'>): void {
  process.on('SIGUSR1', () => {});
}

/** What the process does for itself: files that it makes are its own, and no report describes its memory. */
export function keepPrivate(process: Pick<NodeJS.Process, 'umask' | 'report'>): void {
  process.umask(0o077);
  Object.assign(process.report, {
    reportOnFatalError: false,
    reportOnSignal: false,
    reportOnUncaughtException: false,
    excludeEnv: true,
  });
}

/**
 * Policy for core dumps: `bin/tongbu` and the service unit set the limit to 0, which Node can't do itself. A
 * production site that finds another limit was started in some other way and does not start (TB1931); a
 * demonstration does. Where the system has no /proc nothing is known and nothing is refused.
 */
export function refuseCoreDumps(production: boolean, limits = readLimits()): void {
  const limit = /^Max core file size +(\S+)/m.exec(limits ?? '')?.[1];
  if (production && limit !== undefined && limit !== '0') throw fault('TB1931', { limit });
}

function readLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return undefined;
  }
}
