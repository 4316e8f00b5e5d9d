import { Server } from '@grpc/grpc-js';
import type { Clock } from '../base/clock.ts';
import type { Fault } from '../base/errors.ts';
import type { Peer } from '../link/channel.ts';
import { limits } from '../link/limits.ts';
import { Admission, type RefusedCall } from './admission.ts';
import { type ConnectionCounts, Connections } from './connections.ts';
import { grpcHandler, type ServiceHandlers } from './handlers.ts';
import { LiveCredentials } from './live-credentials.ts';
import { loadService } from './load-proto.ts';
import { serverOptions } from './server-options.ts';
import type { Examine, TlsMaterial } from './tls-material.ts';

/** Services by [proto file, service name]. */
export type Services = readonly (readonly [file: string, service: string, handlers: ServiceHandlers])[];

export interface ListenerPorts {
  readonly examine: Examine;
  authorise(peer: Peer, method: string): Fault | undefined;
  refused(call: RefusedCall): void;
}

/** 1,000 connections: 122 counties, their officers and business systems, each with a spare. */
const connectionLimits = { total: 1_000, perAddress: 200 } as const;

/** The mutual TLS listener of a site: replication, intake, operators and officers on one port. */
export class SiteListener {
  readonly #server: Server;
  readonly #credentials: LiveCredentials;
  readonly #connections: Connections;
  readonly #admission: Admission;

  constructor(material: TlsMaterial, services: Services, ports: ListenerPorts, clock: Clock) {
    this.#admission = new Admission({
      ...ports,
      admitted: (peer, from) => this.#connections.identify(peer.fingerprint, from),
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
    this.#credentials = new LiveCredentials(material, clock);
    this.#connections = new Connections(this.#server, this.#credentials, connectionLimits);
  }

  /** The port, which is a free one for 0. Throws TB1328. */
  listen(host: string, port: number): Promise<number> {
    return this.#connections.listen(host, port);
  }

  /** New certificate or revocation lists for the next handshakes; live calls go on. Throws TB1320, TB1321. */
  replace(material: TlsMaterial): void {
    this.#credentials.replace(material);
  }

  /** Ends every live call and connection of one certificate. */
  revoke(fingerprint: string, reason: Fault): void {
    this.#admission.end(fingerprint, reason);
    this.#connections.destroy(fingerprint);
  }

  /** Ends live calls whose certificate has run out; ask it with every heartbeat. */
  recheck(): number {
    return this.#admission.recheck();
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
