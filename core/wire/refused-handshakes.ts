import type { TLSSocket, Server as TlsServer } from 'node:tls';
import type { Server } from '@grpc/grpc-js';
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import { AttemptLimit } from './attempt-limit.ts';
import type { RemoteAddress } from './connections.ts';

/** A connection that never became one: nobody behind it could make a call. */
export interface RefusedHandshake {
  /**
   * OpenSSL's word for what is wrong with the certificate (CERT_HAS_EXPIRED, CERT_REVOKED,
   * UNKNOWN_AUTHORITY …), Node's code where there was none or TLS failed before it, or `hung-up`.
   */
  readonly reason: string;
  /** `address` is '' where the transport no longer knew it. */
  readonly from: RemoteAddress;
  /** Refusals since the last one that was reported, which were too many to be told. */
  readonly untold: number;
}

/** Ten at once from an address, then one in six seconds: a scanner fills no log, a person is told. */
const tellRate = { burst: 10, refillMs: 6_000, addresses: 1_000 } as const;

/**
 * Hears of every handshake that a gRPC server refuses. The transport drops them without a word: TLS 1.3 ends
 * on the client's side before the server has looked at the certificate, so only this side knows the reason.
 */
export class RefusedHandshakes {
  readonly #limit: AttemptLimit;
  readonly #tell: (refused: RefusedHandshake) => void;
  #untold = 0;

  constructor(server: Server, clock: Pick<Clock, 'monotonicMs'>, tell: (refused: RefusedHandshake) => void) {
    this.#limit = new AttemptLimit(tellRate, clock);
    this.#tell = tell;
    const heard = (error: NodeJS.ErrnoException, socket: TLSSocket) => this.#hear(error, socket);
    for (const secure of secureServersOf(server)) secure.on('tlsClientError', heard);
  }

  #hear(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const from = addressOf(socket);
    try {
      this.#limit.take(from.address);
    } catch (limited) {
      if (!(limited instanceof Fault)) throw limited;
      this.#untold += 1;
      return;
    }
    const untold = this.#untold;
    this.#untold = 0;
    this.#tell({ reason: reasonOf(error, socket), from, untold });
  }
}

/**
 * The TLS servers inside a gRPC server that takes injected connections. The library shows them to nobody; the
 * assertion fails at the first start with a version of it that keeps them elsewhere.
 */
function secureServersOf(server: Server): TlsServer[] {
  const servers: unknown = Reflect.get(server, 'http2Servers');
  assert(servers instanceof Map && servers.size > 0, 'the gRPC server has its TLS servers in a map');
  return [...servers.keys()] as TlsServer[];
}

/**
 * OpenSSL looks for the authority's list before it looks for the authority: as every authority of ours has
 * its list here, a missing list is a stranger's. Node has no name for name constraints, weak keys and
 * signatures, unknown critical extensions and issuers that may not issue.
 */
const words: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_CRL: 'UNKNOWN_AUTHORITY',
  UNSPECIFIED: 'FORBIDDEN_BY_PATH_CHECK',
};

function reasonOf(error: NodeJS.ErrnoException, { authorizationError }: TLSSocket): string {
  // Declared as an error, set as its code.
  const ofCertificate: unknown = authorizationError;
  if (typeof ofCertificate === 'string') return words[ofCertificate] ?? ofCertificate;
  if (error.code === undefined || error.code === 'ECONNRESET') return 'hung-up';
  return error.code;
}

/** The TLS socket forgets its address when it is destroyed; the one below it does not. */
function addressOf(socket: TLSSocket): RemoteAddress {
  const below = Reflect.get(socket, '_parent') as Partial<TLSSocket> | undefined;
  return {
    address: socket.remoteAddress ?? below?.remoteAddress ?? '',
    port: socket.remotePort ?? below?.remotePort ?? 0,
  };
}
