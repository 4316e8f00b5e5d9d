import type { Client, ClientDuplexStream, ClientReadableStream } from '@grpc/grpc-js';
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Channel, Peer } from '../link/channel.ts';
import { limits } from '../link/limits.ts';
import { channelOptionsFor, clientCredentials, type ExpectedServer } from './client-credentials.ts';
import type { FrameMessage } from './codec.ts';
import { loadService } from './load-proto.ts';
import { faultOf } from './status.ts';
import { StreamChannel } from './stream-channel.ts';
import type { Examine, TlsMaterial } from './tls-material.ts';
import { callUnary } from './unary.ts';

export interface Destination extends ExpectedServer {
  readonly host: string;
  readonly port: number;
}

const options = {
  'grpc.max_receive_message_length': limits.messageBytes,
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
  // A line that is gone without a word is found out within a heartbeat's silence.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 10_000,
} as const;

/** One site's connection to another, for any of its services. */
export class SiteClient {
  readonly #destination: Destination;
  readonly #clock: Clock;
  readonly #credentials: ReturnType<typeof clientCredentials>;
  readonly #clients = new Map<string, Client>();

  constructor(material: TlsMaterial, destination: Destination, examine: Examine, clock: Clock) {
    this.#destination = destination;
    this.#clock = clock;
    this.#credentials = clientCredentials(material, destination, examine, clock);
  }

  /** Throws faults only. */
  unary<Response>(
    file: string,
    service: string,
    method: string,
    request: object,
    waitMs = 20_000,
  ): Promise<Response> {
    const deadlineMs = this.#clock.nowMs() + waitMs;
    return callUnary(this.#client(file, service), method, request, { deadlineMs });
  }

  async *stream<Response>(
    file: string,
    service: string,
    method: string,
    request: object,
    signal: AbortSignal,
  ): AsyncGenerator<Response> {
    const call = this.#call<ClientReadableStream<Response>>(file, service, method, request);
    const stop = () => call.cancel();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const answer of call) yield answer as Response;
    } catch (error) {
      throw faultOf(error);
    } finally {
      signal.removeEventListener('abort', stop);
      call.cancel();
    }
  }

  /** One answer for each request, in order; `ahead` of them may be under way. */
  async *portions<Request extends object, Response>(
    file: string,
    service: string,
    method: string,
    requests: AsyncIterable<Request>,
    ahead: number,
  ): AsyncGenerator<Response> {
    const call = this.#call<ClientDuplexStream<Request, Response>>(file, service, method);
    const answers = call[Symbol.asyncIterator]();
    // Asked for before it is wanted: an error that comes while nobody listens would end the process.
    const ask = (): ReturnType<typeof answers.next> => {
      const coming = answers.next();
      coming.catch(() => {});
      return coming;
    };
    let coming = ask();
    let waiting = 0;
    const next = async (): Promise<Response> => {
      const answer = await coming;
      assert(!answer.done, 'an answer for each request');
      coming = ask();
      waiting -= 1;
      return answer.value as Response;
    };
    try {
      for await (const request of requests) {
        call.write(request);
        waiting += 1;
        if (waiting >= ahead) yield await next();
      }
      call.end();
      while (waiting > 0) yield await next();
    } catch (error) {
      throw faultOf(error);
    } finally {
      call.cancel();
    }
  }

  /** A conversation for one log; the server's hello decides about it. */
  dial(direction: 'push' | 'pull'): Channel {
    const call = this.#call<ClientDuplexStream<FrameMessage, FrameMessage>>(
      'replication',
      'Replication',
      direction,
    );
    const { site, roles } = this.#destination;
    const peer: Peer = { site, trustDomain: '', role: roles[0] ?? '', name: '', fingerprint: '' };
    return new StreamChannel(call, peer);
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #call<Call>(file: string, service: string, method: string, ...rest: readonly object[]): Call {
    const client = this.#client(file, service);
    const call: unknown = Reflect.get(client, method);
    assert(typeof call === 'function', `no method ${method}`);
    return call.call(client, ...rest) as Call;
  }

  /** Clients of one site share a connection: the first one's channel serves all. */
  #client(file: string, service: string): Client {
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
}
