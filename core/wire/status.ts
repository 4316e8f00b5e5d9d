/**
 * Alone knows gRPC status codes. A fault crosses the wire as its TB code and parameters in trailing metadata,
 * so both ends show the same sentence in their own language; the status is for tools that know gRPC only.
 */
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type ErrorCode, entryOf, Fault, type FaultParameters, fault, isErrorCode } from '../base/errors.ts';

/** What ends a call with an error: a server's callback, `destroy` and `sendStatus` take it. */
export interface CallStatus {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

const codeKey = 'tongbu-code';
const parametersKey = 'tongbu-parameters-bin';
/** Parameters are codes, sizes, sites and hashes: far below it. The same bound for what is read. */
const parametersBytesMax = 4_096;

const statusByCode: Partial<Record<ErrorCode, number>> = {
  TB1301: status.UNAUTHENTICATED,
  TB1302: status.UNAUTHENTICATED,
  TB1303: status.UNAUTHENTICATED,
  TB1304: status.UNAUTHENTICATED,
  TB1305: status.PERMISSION_DENIED,
  TB1306: status.UNAUTHENTICATED,
  TB1319: status.RESOURCE_EXHAUSTED,
};

/** Anything but a fault is a bug: the other side learns that much and no word of it (I9). */
export function statusOf(error: unknown): CallStatus {
  const known = error instanceof Fault ? error : fault('TB1005', { kind: 'unexpected' });
  const metadata = new Metadata();
  metadata.set(codeKey, known.code);
  const parameters = Buffer.from(JSON.stringify(known.parameters));
  if (parameters.length <= parametersBytesMax) metadata.set(parametersKey, parameters);
  return { code: statusCode(known.code), details: known.message, metadata };
}

function statusCode(code: ErrorCode): number {
  const { retry, exit } = entryOf(code);
  if (code === 'TB1005') return status.INTERNAL;
  if (statusByCode[code] !== undefined) return statusByCode[code];
  if (retry === true) return status.UNAVAILABLE;
  return exit === 2 ? status.INVALID_ARGUMENT : status.FAILED_PRECONDITION;
}

/** The fault behind whatever a call ended with. A fault stays what it is. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (!isServiceError(error)) return fault('TB1005', { kind: 'unexpected' }, error);
  const sent = error.metadata.get(codeKey)[0];
  if (typeof sent === 'string' && isErrorCode(sent)) return fault(sent, parametersOf(error.metadata), error);
  switch (error.code) {
    case status.UNAVAILABLE:
      return connectionFault(error.details, error);
    case status.DEADLINE_EXCEEDED:
      return fault('TB1341', {}, error);
    case status.CANCELLED:
      return fault('TB1340', { reason: 'cancelled' }, error);
    case status.UNIMPLEMENTED:
      return fault('TB1348', {}, error);
    default:
      return fault('TB1349', { status: status[error.code] ?? error.code }, error);
  }
}

/** What the transport says in words only, most telling first; the texts are OpenSSL's, Node's and ours. */
const connectionFaults: readonly (readonly [RegExp, ErrorCode])[] = [
  [/certificate revoked|CRL (has|is|signature)/i, 'TB1347'],
  [/certificate has expired|certificate is not yet valid/i, 'TB1344'],
  // A chain that is not ours has no list of ours: OpenSSL then misses the list before the root.
  [/self[- ]signed|unable to (get|verify)|untrusted|issuer certificate|signature failure/i, 'TB1345'],
  [/Hostname\/IP does not match|not the expected server/i, 'TB1346'],
  [/ECONNREFUSED/, 'TB1342'],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/i, 'TB1343'],
];

/** A connection that was not made, from what the transport or TLS says about it. */
export function connectionFault(details: string, cause: unknown): Fault {
  const code = connectionFaults.find(([pattern]) => pattern.test(details))?.[1] ?? 'TB1340';
  const reason = /Last error: (?:Error: )?(.{1,200}?)(?:\. Resolution note:.*)?$/s.exec(details)?.[1];
  return fault(code, { reason: reason ?? details.slice(0, 200) }, cause);
}

function parametersOf(metadata: Metadata): FaultParameters {
  const [bytes] = metadata.get(parametersKey);
  if (!Buffer.isBuffer(bytes) || bytes.length > parametersBytesMax) return {};
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
    return Object.fromEntries(Object.entries(value).filter(([, part]) => isParameter(part)));
  } catch {
    return {};
  }
}

function isParameter(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= 1_000);
}

function isServiceError(error: unknown): error is ServiceError {
  if (!(error instanceof Error)) return false;
  const { code, details, metadata } = error as Partial<ServiceError>;
  return typeof code === 'number' && typeof details === 'string' && metadata instanceof Metadata;
}
