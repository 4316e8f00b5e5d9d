import type { Client } from '@grpc/grpc-js';
import type { Clock } from '../base/clock.ts';
import { limits } from '../link/limits.ts';
import {
  channelOptionsFor,
  clientCredentials,
  clientCredentialsForRegistry,
  type ExpectedServer,
} from './client-credentials.ts';
import { loadService } from './load-proto.ts';
import type { Examine, Lists, TlsMaterial } from './tls-material.ts';

const options = {
  'grpc.max_receive_message_length': limits.messageBytes,
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
  // A line that is gone without a word is found out within a heartbeat's silence.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 10_000,
} as const;

/** A call of a client; it is over with `status`, whatever ended it. */
type Call = { cancel(): void } & Partial<NodeJS.EventEmitter>;

/**
 * The clients, one for each service, of one certificate and set of lists. Credentials of a client can't be
 * changed, so other material means another generation.
 */
export class ClientGeneration {
  readonly #credentials: ReturnType<typeof clientCredentials>;
  readonly #destination: ExpectedServer & { readonly host: string; readonly port: number };
  readonly #clients = new Map<string, Client>();
  readonly #calls = new Set<Call>();
  #server: Uint8Array | undefined;
  #ended: (() => void) | undefined;

  /** Throws TB1320, TB1321. */
  constructor(
    material: TlsMaterial,
    destination: ExpectedServer & { readonly host: string; readonly port: number },
    examine: Examine,
    clock: Pick<Clock, 'nowMs'>,
    lists: Lists,
  ) {
    this.#destination = destination;
    const seen: Examine = (certificate) => {
      this.#server = certificate;
      return examine(certificate);
    };
    this.#credentials =
      lists === 'checked'
        ? clientCredentials(material, destination, seen, clock)
        : clientCredentialsForRegistry(material, destination, seen);
  }

  /** Certificate of the server as it was last seen in a handshake, DER. */
  get server(): Uint8Array | undefined {
    return this.#server;
  }

  /** Clients of one generation share a connection: the first one's channel serves all. */
  client(file: string, service: string): Client {
    const name = `${file}#${service}`;
    const known = this.#clients.get(name);
    if (known) return known;
    const { host, port } = this.#destination;
    const [first] = this.#clients.values();
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const shared = first ? { channelOverride: first.getChannel() } : {};
    const Service = loadService(file, service);
    const client: Client = new Service(address, this.#credentials, {
      ...options,
      ...channelOptionsFor(host),
      ...shared,
    });
    this.#clients.set(name, client);
    return client;
  }

  track(call: Call): void {
    this.#calls.add(call);
    call.once?.('status', () => {
      this.#calls.delete(call);
      if (this.#calls.size === 0) this.#ended?.();
    });
  }

  /** Takes no new call; those under way go on, and their connection closes after the last one. */
  close(ended?: () => void): void {
    this.#ended = ended;
    for (const client of this.#clients.values()) client.close();
    if (this.#calls.size === 0) ended?.();
  }

  /** Ends every call at once. */
  drop(): void {
    for (const call of [...this.#calls]) call.cancel();
    this.close(this.#ended);
  }
}
