import { createServer, type Server as NetServer, type Socket } from 'node:net';
import type { ConnectionInjector, Server, ServerCredentials } from '@grpc/grpc-js';
import { assert } from '../base/assert.ts';
import { fault } from '../base/errors.ts';

export interface RemoteAddress {
  readonly address: string;
  readonly port: number;
}

export interface ConnectionLimits {
  /** Open connections in all; a 122-county province with clinics and officers needs some hundreds. */
  readonly total: number;
  /** Open connections of one address; several machines share one behind a translating router. */
  readonly perAddress: number;
}

/** Whose certificate a connection was made with. */
export interface Owner {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** DER. */
  readonly certificate: Uint8Array;
}

export interface ConnectionCounts {
  readonly open: number;
  readonly accepted: number;
  /** Closed at once for a limit. */
  readonly refused: number;
}

/**
 * Accepts the sockets of a gRPC server itself, because the transport neither bounds nor names them: it knows
 * every open socket, whose it is once a call was admitted on it, and can end it.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #closed: (from: RemoteAddress) => void;
  readonly #listener: NetServer;
  readonly #injector: ConnectionInjector;
  readonly #sockets = new Map<string, Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #owners = new Map<string, Owner>();
  #accepted = 0;
  #refused = 0;

  /** `closed` is told of every connection that was taken and is gone. */
  constructor(
    server: Server,
    credentials: ServerCredentials,
    limits: ConnectionLimits,
    closed: (from: RemoteAddress) => void = () => {},
  ) {
    this.#limits = limits;
    this.#closed = closed;
    this.#injector = server.createConnectionInjector(credentials);
    this.#listener = createServer((socket) => this.#accept(socket));
    // Once it listens, errors are of single sockets (too many open files); unheard, they end the process.
    this.#listener.on('error', () => {
      this.#refused += 1;
    });
  }

  /** The port, which is a free one for 0. Throws TB1328. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', (error: NodeJS.ErrnoException) => {
        reject(fault('TB1328', { address: `${host}:${port}`, reason: error.code ?? 'unknown' }, error));
      });
      this.#listener.listen(port, host, () => {
        const address = this.#listener.address();
        assert(typeof address === 'object' && address !== null, 'a TCP listener has an address');
        resolve(address.port);
      });
    });
  }

  /** Told by the admission; from then on `destroy` finds the socket. */
  identify(owner: Owner, from: RemoteAddress): void {
    const key = keyOf(from.address, from.port);
    if (this.#sockets.has(key)) this.#owners.set(key, owner);
  }

  /**
   * Drops every connection on which such a certificate was admitted: without it the same connection could
   * open a new call, which would be refused each time but go on. One that never made a call has no owner; its
   * first call is refused.
   */
  destroy(isMeant: (owner: Owner) => boolean): number {
    const keys = [...this.#owners].filter(([, owner]) => isMeant(owner)).map(([key]) => key);
    for (const key of keys) this.#sockets.get(key)?.destroy();
    return keys.length;
  }

  counts(): ConnectionCounts {
    return { open: this.#sockets.size, accepted: this.#accepted, refused: this.#refused };
  }

  /** Takes no new connection; live calls go on. */
  stopListening(): void {
    this.#listener.close();
  }

  /** Ends everything at once; a graceful stop ends its calls first. */
  close(): void {
    this.stopListening();
    this.#injector.destroy();
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #accept(socket: Socket): void {
    // A socket that is gone before it is looked at has no address, and nobody behind it.
    socket.on('error', () => socket.destroy());
    const { remoteAddress: address, remotePort: port } = socket;
    if (address === undefined || port === undefined) return void socket.destroy();
    const ofAddress = this.#perAddress.get(address) ?? 0;
    if (this.#sockets.size >= this.#limits.total || ofAddress >= this.#limits.perAddress) {
      this.#refused += 1;
      return void socket.destroy();
    }
    const key = keyOf(address, port);
    this.#accepted += 1;
    this.#sockets.set(key, socket);
    this.#perAddress.set(address, ofAddress + 1);
    socket.once('close', () => {
      this.#forget(key, address);
      this.#closed({ address, port });
    });
    socket.setNoDelay(true);
    this.#injector.injectConnection(socket);
  }

  #forget(key: string, address: string): void {
    this.#sockets.delete(key);
    this.#owners.delete(key);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}
