import { type Client, type ClientDuplexStream, Server, type ServerDuplexStream } from '@grpc/grpc-js';
import { systemClock } from '../../core/base/clock.ts';
import type { Fault } from '../../core/base/errors.ts';
import type { Peer } from '../../core/link/channel.ts';
import { Admission, type RefusedCall } from '../../core/wire/admission.ts';
import {
  channelOptionsFor,
  clientCredentials,
  type ExpectedServer,
} from '../../core/wire/client-credentials.ts';
import { Connections } from '../../core/wire/connections.ts';
import { LiveCredentials } from '../../core/wire/live-credentials.ts';
import { loadService } from '../../core/wire/load-proto.ts';
import { type RefusedHandshake, RefusedHandshakes } from '../../core/wire/refused-handshakes.ts';
import { serverOptions } from '../../core/wire/server-options.ts';
import { faultOf } from '../../core/wire/status.ts';
import type { Examine, TlsMaterial } from '../../core/wire/tls-material.ts';
import type { Pki, TestIdentity } from './pki.ts';

export type Stream = ClientDuplexStream<object, { frame: { kind: string } }>;

export interface MutualServerOptions {
  readonly limits?: { readonly total: number; readonly perAddress: number };
  readonly authorise?: (peer: Peer, method: string) => Fault | undefined;
  readonly examine?: Examine;
}

/** A hub's listener on loopback whose Pull answers each message and stays open. */
export class MutualServer {
  readonly server: Server;
  readonly credentials: LiveCredentials;
  readonly connections: Connections;
  readonly admission: Admission;
  readonly refused: RefusedCall[] = [];
  readonly refusedHandshakes: RefusedHandshake[] = [];
  /** Peers of the handlers that ran, in order. */
  readonly handled: Peer[] = [];
  readonly cancelled: Peer[] = [];
  port = 0;

  constructor(pki: Pki, identity: TestIdentity, options: MutualServerOptions = {}) {
    const {
      limits = { total: 500, perAddress: 500 },
      authorise = () => undefined,
      examine = pki.examine,
    } = options;
    this.admission = new Admission({
      examine,
      authorise,
      admitted: ({ fingerprint }, from, certificate) =>
        this.connections.identify({ fingerprint, certificate }, from),
      refused: (call) => this.refused.push(call),
    });
    this.server = new Server({ ...serverOptions, interceptors: [this.admission.interceptor] });
    this.credentials = new LiveCredentials(identity.material, systemClock);
    this.connections = new Connections(this.server, this.credentials, limits);
    new RefusedHandshakes(this.server, systemClock, (refused) => this.refusedHandshakes.push(refused));
    const handler = (stream: ServerDuplexStream<object, object>) => {
      const peer = this.admission.peerOf(stream);
      this.handled.push(peer);
      stream.on('error', () => {});
      stream.on('cancelled', () => this.cancelled.push(this.admission.peerOf(stream)));
      stream.on('data', () => stream.write({ frame: { heartbeat: {} } }));
      stream.on('end', () => stream.end());
    };
    this.server.addService(loadService('replication', 'Replication').service, {
      push: handler,
      pull: handler,
    });
  }

  static async start(
    pki: Pki,
    identity: TestIdentity,
    options: MutualServerOptions = {},
  ): Promise<MutualServer> {
    const server = new MutualServer(pki, identity, options);
    server.port = await server.connections.listen('127.0.0.1', 0);
    return server;
  }

  /** Drops the connections of one certificate; how many. */
  drop(fingerprint: string): number {
    return this.connections.destroy((owner) => owner.fingerprint === fingerprint);
  }

  client(pki: Pki, material: TlsMaterial, expected?: Partial<ExpectedServer> & { host?: string }): Client {
    const { host = 'localhost', site = '430000', roles = ['hub'] } = expected ?? {};
    const credentials = clientCredentials(material, { site, roles }, pki.examine, systemClock);
    const Replication = loadService('replication', 'Replication');
    return new Replication(`${host}:${this.port}`, credentials, channelOptionsFor(host));
  }

  close(): void {
    this.connections.close();
    this.server.forceShutdown();
  }
}

/** Opens a Pull. Every call needs a listener for errors; `ended` is there before any can come. */
export function pull(
  client: Client,
  deadlineMs = 10_000,
): { readonly stream: Stream; readonly ended: Promise<Fault | undefined> } {
  const open: unknown = Reflect.get(client, 'pull');
  if (typeof open !== 'function') throw new TypeError('no method pull');
  const stream: Stream = open.call(client, { deadline: systemClock.nowMs() + deadlineMs });
  const ended = new Promise<Fault | undefined>((resolve) => {
    stream.on('error', (error) => resolve(faultOf(error)));
    stream.on('end', () => resolve(undefined));
  });
  return { stream, ended };
}

/** One message there and one back; the fault if the call ended instead. */
export async function exchange({
  stream,
  ended,
}: ReturnType<typeof pull>): Promise<Fault | 'answered' | undefined> {
  const answered = new Promise<'answered'>((resolve) => stream.once('data', () => resolve('answered')));
  stream.write({ frame: { heartbeat: {} } });
  return Promise.race([answered, ended]);
}
