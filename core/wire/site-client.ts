import type { Client, ClientDuplexStream, ClientReadableStream } from '@grpc/grpc-js';
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Channel, Peer } from '../link/channel.ts';
import type { ExpectedServer } from './client-credentials.ts';
import { ClientGeneration } from './client-generation.ts';
import type { FrameMessage } from './codec.ts';
import { faultOf } from './status.ts';
import { StreamChannel } from './stream-channel.ts';
import type { Examine, Lists, TlsMaterial } from './tls-material.ts';
import { callUnary } from './unary.ts';

export interface Destination extends ExpectedServer {
  readonly host: string;
  readonly port: number;
}

/** One site's connection to another, for any of its services. */
export class SiteClient {
  readonly #destination: Destination;
  readonly #examine: Examine;
  readonly #clock: Clock;
  #material: TlsMaterial;
  #lists: Lists;
  #current: ClientGeneration;
  /** Older ones whose calls have not ended yet. */
  readonly #retiring = new Set<ClientGeneration>();

  /** 'lapsed' is for fetching newer lists, and for nothing else. Throws TB1320, TB1321. */
  constructor(
    material: TlsMaterial,
    destination: Destination,
    examine: Examine,
    clock: Clock,
    lists: Lists = 'checked',
  ) {
    this.#destination = destination;
    this.#examine = examine;
    this.#clock = clock;
    this.#material = material;
    this.#lists = lists;
    this.#current = this.#generation(material, lists);
  }

  /**
   * New calls use this material, on a connection of its own; calls under way end on the old one, which closes
   * after the last of them. Throws TB1320, TB1321 and goes on as before.
   */
  replace(material: TlsMaterial, lists: Lists = 'checked'): void {
    const next = this.#generation(material, lists);
    this.#material = material;
    this.#lists = lists;
    this.#retire(this.#current);
    this.#current = next;
  }

  /**
   * Drops every connection to a server that the policy has begun to refuse, with all calls on it: it was
   * revoked after the handshake. To be asked after every change of what is trusted.
   */
  recheck(): void {
    for (const retiring of this.#retiring) if (this.#isRefused(retiring)) retiring.drop();
    if (!this.#isRefused(this.#current)) return;
    const refused = this.#current;
    this.#current = this.#generation(this.#material, this.#lists);
    refused.drop();
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
    const generation = this.#current;
    const started = (call: { cancel(): void }) => generation.track(call);
    return callUnary(generation.client(file, service), method, request, { deadlineMs, started });
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
    this.#current.close();
    for (const retiring of this.#retiring) retiring.close();
  }

  #generation(material: TlsMaterial, lists: Lists): ClientGeneration {
    return new ClientGeneration(material, this.#destination, this.#examine, this.#clock, lists);
  }

  #retire(generation: ClientGeneration): void {
    this.#retiring.add(generation);
    generation.close(() => this.#retiring.delete(generation));
  }

  #isRefused({ server }: ClientGeneration): boolean {
    return server !== undefined && 'refusal' in this.#examine(server);
  }

  #call<Call extends { cancel(): void }>(
    file: string,
    service: string,
    method: string,
    ...rest: readonly object[]
  ): Call {
    const client: Client = this.#current.client(file, service);
    const open: unknown = Reflect.get(client, method);
    assert(typeof open === 'function', `no method ${method}`);
    const call = open.call(client, ...rest) as Call & NodeJS.EventEmitter;
    this.#current.track(call);
    return call;
  }
}
