import { Server, type ServerUnaryCall } from '@grpc/grpc-js';
import type { Clock } from '../base/clock.ts';
import { AttemptLimit } from './attempt-limit.ts';
import { Connections } from './connections.ts';
import type {
  EnrolmentAnswer,
  EnrolmentRequest,
  EnrolRequestMessage,
  EnrolResponseMessage,
  HubDescription,
  WhyRefusedResponseMessage,
  WithdrawRequestMessage,
} from './enrolment-messages.ts';
import { LiveCredentials } from './live-credentials.ts';
import { loadService } from './load-proto.ts';
import { strangerServerOptions } from './server-options.ts';
import type { TlsMaterial } from './tls-material.ts';
import { unaryHandler } from './unary.ts';

/** What a hub says to strangers; everything else needs a certificate. */
export interface EnrolmentHost {
  describe(): HubDescription;
  /** When the certificate of this fingerprint was revoked, ms since 1970. */
  revokedMs(fingerprint: string): Promise<number | undefined>;
  /** Throws faults; `from` is the source address. */
  enrol(request: EnrolmentRequest, from: string): Promise<EnrolmentAnswer>;
  /** Throws faults. */
  withdraw(token: Uint8Array, requestId: string, from: string): Promise<void>;
}

const connectionLimits = { total: 64, perAddress: 8 } as const;
/** Ten mistakes in a row, then one attempt in half a minute: hopeless for 256 bits, bearable for a person. */
const attemptRate = { burst: 10, refillMs: 30_000, addresses: 10_000 } as const;

/** The second listener: own server, own port, no client certificates, one-time tokens and nothing else. */
export class EnrolmentListener {
  readonly #server = new Server(strangerServerOptions);
  readonly #credentials: LiveCredentials;
  readonly #connections: Connections;

  /** The last certificate of `material.chain` is the root, which the stranger compares with its token. */
  constructor(material: TlsMaterial, host: EnrolmentHost, clock: Clock) {
    this.#credentials = new LiveCredentials(material, clock, 'anybody');
    this.#connections = new Connections(this.#server, this.#credentials, connectionLimits);
    const attempts = new AttemptLimit(attemptRate, clock);
    const counted = <Request, Response>(handle: (request: Request, from: string) => Promise<Response>) =>
      unaryHandler(async (request: Request, call: ServerUnaryCall<Request, Response>) => {
        const from = call.getPeer().replace(/:\d+$/, '');
        attempts.take(from);
        return handle(request, from);
      });
    // Whoever has a good token asks for as long as officers take; only what is refused counts.
    const mistakes = <Request, Response>(handle: (request: Request, from: string) => Promise<Response>) =>
      counted(async (request: Request, from: string): Promise<Response> => {
        const answer = await handle(request, from);
        attempts.giveBack(from);
        return answer;
      });
    this.#server.addService(loadService('enrolment', 'Enrolment').service, {
      describe: counted(async () => host.describe()),
      whyRefused: counted(
        async ({ fingerprint }: { fingerprint: string }): Promise<WhyRefusedResponseMessage> => {
          const revokedMs = await host.revokedMs(fingerprint);
          return { revoked: revokedMs !== undefined, revokedMs: revokedMs ?? 0 };
        },
      ),
      enrol: mistakes(async (message: EnrolRequestMessage, from): Promise<EnrolResponseMessage> => {
        return { waiting: null, ...(await host.enrol(requestOf(message), from)) };
      }),
      withdraw: mistakes(async ({ token, requestId }: WithdrawRequestMessage, from) => {
        await host.withdraw(token, requestId, from);
        return {};
      }),
    });
  }

  /** The port. Throws TB1328. */
  listen(host: string, port: number): Promise<number> {
    return this.#connections.listen(host, port);
  }

  /** Throws TB1320 and changes nothing, or serves the renewed certificate from the next handshake on. */
  replace(material: TlsMaterial): void {
    this.#credentials.replace(material);
  }

  close(): void {
    this.#connections.close();
    this.#server.forceShutdown();
  }
}

function requestOf(message: EnrolRequestMessage): EnrolmentRequest {
  const { token, site, certificates, logKey, mirrorKey, journalKey } = message;
  return { token, site, certificates, keys: { log: logKey, mirror: mirrorKey, journal: journalKey } };
}
