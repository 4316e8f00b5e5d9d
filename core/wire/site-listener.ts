import { Server } from '@grpc/grpc-js';
import type { Clock } from '../base/clock.ts';
import type { Fault } from '../base/errors.ts';
import type { Peer } from '../link/channel.ts';
import { limits } from '../link/limits.ts';
import { Admission, type RefusedCall } from './admission.ts';
import { type ConnectionCounts, Connections, type Owner, type RemoteAddress } from './connections.ts';
import { grpcHandler, type ServiceHandlers } from './handlers.ts';
import { LiveCredentials } from './live-credentials.ts';
import { loadService } from './load-proto.ts';
import { type RefusedHandshake, RefusedHandshakes } from './refused-handshakes.ts';
import { serverOptions } from './server-options.ts';
import type { Examine, Lists, TlsMaterial } from './tls-material.ts';

/** Services by [proto file, service name]. */
export type Services = readonly (readonly [file: string, service: string, handlers: ServiceHandlers])[];

export interface ListenerPorts {
  readonly examine: Examine;
  authorise(peer: Peer, method: string, from: RemoteAddress): Fault | undefined;
  refused(call: RefusedCall): void;
  /** A connection that came to no call, because TLS refused it. */
  handshakeRefused?(refused: RefusedHandshake): void;
  /** A connection is gone. */
  closed?(from: RemoteAddress): void;
}

/** 1,000 connections: 122 counties, their officers and business systems, each with a spare. */
const connectionLimits = { total: 1_000, perAddress: 200 } as const;

/** Time in which the status of an ended call leaves before its connection is destroyed. */
const farewellMs = 200;

/** The mutual TLS listener of a site: replication, intake, operators and officers on one port. */
export class SiteListener {
  readonly #server: Server;
  readonly #credentials: LiveCredentials;
  readonly #connections: Connections;
  readonly #admission: Admission;
  readonly #examine: Examine;
  readonly #clock: Clock;

  constructor(
    material: TlsMaterial,
    services: Services,
    ports: ListenerPorts,
    clock: Clock,
    lists: Lists = 'checked',
  ) {
    this.#examine = ports.examine;
    this.#clock = clock;
    this.#admission = new Admission({
      ...ports,
      admitted: ({ fingerprint }, from, certificate) =>
        this.#connections.identify({ fingerprint, certificate }, from),
    });
    this.#server = new Server({
      ...serverOptions,
      // A 20 Mbit/s line of 200 ms holds 500 KB; 4 MiB leave room for a province's.
      'grpc-node.flow_control_window': 4 * 1024 * 1024,
      interceptors: [this.#admission.interceptor],
    });
    for (const [file, name, handlers] of services) {
      const implementation = Object.fromEntries(
        Object.entries(handlers).map(([method, handler]) => [
          method,
          grpcHandler(handler, (call) => this.#admission.peerOf(call)),
        ]),
      );
      this.#server.addService(loadService(file, name).service, implementation);
    }
    this.#credentials = new LiveCredentials(material, clock, 'with-certificate', lists);
    this.#connections = new Connections(this.#server, this.#credentials, connectionLimits, (from) =>
      ports.closed?.(from),
    );
    new RefusedHandshakes(this.#server, clock, (refused) => ports.handshakeRefused?.(refused));
  }

  /** The port, which is a free one for 0. Throws TB1328. */
  listen(host: string, port: number): Promise<number> {
    return this.#connections.listen(host, port);
  }

  /** New certificate or revocation lists for the next handshakes; live calls go on. Throws TB1320, TB1321. */
  replace(material: TlsMaterial, lists: Lists = 'checked'): void {
    this.#credentials.replace(material, lists);
  }

  /**
   * Ends every live call of one certificate with status 16 and this reason, then its connections. The caller
   * has made sure that `examine` refuses it by now: what it tries in between gets nowhere.
   */
  revoke(fingerprint: string, reason: Fault): void {
    this.#admission.end(fingerprint, reason);
    this.#farewell((owner) => owner.fingerprint === fingerprint);
  }

  /**
   * Ends live calls and connections of those who would not be let in any more: revoked or run out. To be
   * asked after every change of what is trusted, and with every heartbeat. Returns how many calls ended.
   */
  recheck(): number {
    const ended = this.#admission.recheck();
    this.#farewell(({ certificate }) => 'refusal' in this.#examine(certificate));
    return ended;
  }

  /** A socket that is destroyed at once takes the status of its calls with it. */
  #farewell(isMeant: (owner: Owner) => boolean): void {
    void this.#clock.sleep(farewellMs).then(() => this.#connections.destroy(isMeant));
  }

  counts(): ConnectionCounts & { readonly liveCalls: number } {
    return { ...this.#connections.counts(), liveCalls: this.#admission.liveCalls() };
  }

  close(): void {
    this.#connections.close();
    this.#server.forceShutdown();
  }
}

/** How often `recheck` is asked. */
export const recheckMs = limits.heartbeatMs;
