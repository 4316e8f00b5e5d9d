import { fault } from '../base/errors.ts';

export interface StartCircumstances {
  /** Node's own arguments (`process.execArgv`), not the program's. */
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly production: boolean;
}

/** Node lets anybody on the machine read keys, weakens TLS, or writes the heap to a file with these. */
const forbiddenOptions = [
  /^--inspect(-|=|$)/,
  /^--tls-keylog(=|$)/,
  /^--tls-(min|max)-v1\.[012]$/,
  /^--trace-tls$/,
  /^--heapsnapshot-(signal|near-heap-limit)(=|$)/,
];

const forbiddenAlways = ['NODE_TLS_REJECT_UNAUTHORIZED'];
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
