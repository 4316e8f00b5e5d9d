import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { Fault, fault } from '../base/errors.ts';
import type { Peer } from '../link/channel.ts';
import { channelOptionsFor, strangerCredentials } from './client-credentials.ts';
import type {
  EnrolmentAnswer,
  EnrolmentRequest,
  EnrolmentResult,
  EnrolRequestMessage,
  EnrolResponseMessage,
  HubDescription,
  WhyRefusedResponseMessage,
  WithdrawRequestMessage,
} from './enrolment-messages.ts';
import { loadService } from './load-proto.ts';
import { connectionFault } from './status.ts';
import { callUnary } from './unary.ts';

/** Where the token says to go, without the token itself. */
export interface EnrolmentAddress {
  readonly host: string;
  readonly port: number;
  readonly hubSite: string;
  /** SHA-256 of the root's DER, lower-case hex. */
  readonly rootFingerprint: string;
}

/** The peer policy of certs for a certificate under this root. */
export type ExamineUnder = (certificate: Uint8Array, root: Uint8Array) => Peer | { readonly refusal: string };

const answerMs = 20_000;
const chainMax = 8;

/**
 * The stranger's side. Every conversation makes two connections: the first sends nothing and proves nothing,
 * it only fetches the root, which must have the fingerprint of the token; the second trusts that root alone.
 * A token is never given to anything before the second one is verified.
 */
export class EnrolmentClient {
  readonly #address: EnrolmentAddress;
  readonly #examine: ExamineUnder;
  readonly #clock: Clock;

  constructor(address: EnrolmentAddress, examine: ExamineUnder, clock: Clock) {
    this.#address = address;
    this.#examine = examine;
    this.#clock = clock;
  }

  async describe(): Promise<HubDescription> {
    return this.#call('describe', {});
  }

  /** When the certificate was revoked, ms since 1970; undefined when it is not. */
  async revokedMs(fingerprint: string): Promise<number | undefined> {
    const answer = await this.#call<object, WhyRefusedResponseMessage>('whyRefused', { fingerprint });
    return answer.revoked ? answer.revokedMs : undefined;
  }

  /**
   * One question; while the answer is `waiting`, the same may be asked again. Throws TB1318 when another
   * server answers, the hub's faults, and TB134x. Check the result with certs.
   */
  async enrol({ keys, ...request }: EnrolmentRequest): Promise<EnrolmentAnswer> {
    const { log: logKey, mirror: mirrorKey, journal: journalKey } = keys;
    const message = { ...request, logKey, mirrorKey, journalKey };
    const { waiting, ...result } = await this.#call<
      EnrolRequestMessage,
      EnrolmentResult & Pick<EnrolResponseMessage, 'waiting'>
    >('enrol', message);
    return waiting ? { waiting } : result;
  }

  /** Gives the request up. Throws TB1372 when it was decided before, and as `enrol` does. */
  async withdraw(token: Uint8Array, requestId: string): Promise<void> {
    await this.#call<WithdrawRequestMessage, object>('withdraw', { token, requestId });
  }

  async #call<Request, Response>(method: string, request: Request): Promise<Response> {
    const root = await fetchRoot(this.#address, this.#clock);
    const { host, port, hubSite } = this.#address;
    const credentials = strangerCredentials(root, { site: hubSite, roles: ['hub', 'gate'] }, (certificate) =>
      this.#examine(certificate, root),
    );
    const Client = loadService('enrolment', 'Enrolment');
    const target = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
    const client = new Client(target, credentials, channelOptionsFor(host));
    try {
      return await callUnary(client, method, request, { deadlineMs: this.#clock.nowMs() + answerMs });
    } finally {
      client.close();
    }
  }
}

/** The root (DER) that the server shows, if it is the expected one; TB1318 otherwise. Sends nothing. */
export async function fetchRoot(address: EnrolmentAddress, clock: Clock): Promise<Buffer> {
  const root = await lastOfChain(address, clock);
  const found = createHash('sha256').update(root).digest('hex');
  if (found === address.rootFingerprint) return root;
  throw fault('TB1318', { address: `${address.host}:${address.port}`, found });
}

function lastOfChain({ host, port }: EnrolmentAddress, clock: Clock): Promise<Buffer> {
  const answered = new AbortController();
  return new Promise<Buffer>((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ...(isIP(host) > 0 ? {} : { servername: host }),
      // Nothing is believed here but a fingerprint, and nothing is sent.
      rejectUnauthorized: false,
      ca: [],
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['h2'],
    });
    const finish = (outcome: Buffer | Fault) => {
      answered.abort();
      socket.destroy();
      if (outcome instanceof Fault) reject(outcome);
      else resolve(outcome);
    };
    socket.once('secureConnect', () => finish(topOf(socket.getPeerCertificate(true))));
    socket.once('error', (error) => finish(connectionFault(error.message, error)));
    void clock.sleep(answerMs, answered.signal).then(() => finish(fault('TB1341')));
  });
}

function topOf(leaf: DetailedPeerCertificate): Buffer {
  let certificate = leaf;
  for (let i = 0; i < chainMax && certificate.issuerCertificate; i += 1) {
    if (certificate.issuerCertificate === certificate) break;
    certificate = certificate.issuerCertificate;
  }
  return certificate.raw;
}
