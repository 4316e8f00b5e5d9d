import { recordOf } from '../../../certs/certificate-record.ts';
import { createRequest } from '../../../certs/certificate-request.ts';
import { checkIssued } from '../../../certs/issued-identity.ts';
import { generateKeyPair } from '../../../certs/key-pair.ts';
import { describeCertificate } from '../../../certs/leaf.ts';
import { requireLists } from '../../../certs/revocation-list.ts';
import { assert } from '../../base/assert.ts';
import { wipe } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault, fault } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Loop } from '../../base/loop.ts';
import type { Random } from '../../base/random.ts';
import type { Peer } from '../../link/channel.ts';
import type { Renewal } from './certificate-desk.ts';
import { type Lifetime, renewalMs, renewalPhase } from './renewal-plan.ts';
import type { OwnIdentity, Trust } from './trust.ts';

/** A certificate of this site that renews itself. */
export interface Renewable {
  /** As it is named in findings. */
  readonly name: 'gate' | 'data' | 'uplink';
  readonly trust: Trust;
  own(): OwnIdentity;
  /** The authority is in this process and renews its own site's certificates after their end too. */
  readonly renewsExpired?: boolean;
  /** Asks the authority with the certificate in use; PKCS#10 DER. Throws faults. */
  ask(request: Uint8Array, self: Peer): Promise<Renewal>;
  /** Durable and in use when it returns; a crash in it leaves the old pair or the new one. */
  install(renewed: OwnIdentity): void;
}

export interface CertificateAgentParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Asked at every look: what must be there before anything can be renewed. Throws faults. */
  before?(): Promise<void>;
  /** What is to be renewed now: a sealed site has its gate alone. */
  renewables(): readonly Renewable[];
  /** Written down before a renewed certificate is installed; what it throws keeps the old one in use. */
  record(name: Renewable['name'], certificate: Lifetime): void;
}

/** The clock is asked this often, so that neither a jump nor a computer that slept is missed. */
const lookMs = 60_000;

interface Watched extends Lifetime {
  /** By monotonic time, as it looked when the certificate was first seen: for a clock that is set back. */
  readonly dueAtMs: number;
}

/**
 * Renews the certificates of the process over the identities that they are. One try after another, never two
 * at a time; what fails is tried again and shows up in the status when a tenth of the life is left.
 */
export class CertificateAgent {
  readonly #parts: CertificateAgentParts;
  readonly #loop: Loop;
  readonly #watched = new Map<Renewable['name'], Watched>();
  /** Monotonic time before which a certificate just renewed is left alone, whatever the clock says. */
  readonly #quietUntilMs = new Map<Renewable['name'], number>();
  readonly #problems = new Map<Renewable['name'], Fault>();

  constructor(parts: CertificateAgentParts) {
    const { clock, random, logger } = parts;
    this.#parts = parts;
    this.#loop = new Loop({
      name: 'certificates',
      clock,
      random,
      intervalMs: lookMs,
      backoffMinMs: 30_000,
      backoffMaxMs: 3_600_000,
      once: () => this.#once(),
      failed: (error, waitMs) =>
        logger.warn('certificate not renewed', { error, waitMs: Math.round(waitMs) }),
    });
  }

  run(): Promise<void> {
    return this.#loop.run();
  }

  stop(): void {
    this.#loop.stop();
  }

  /** Something changed that may let a renewal succeed: the site has been opened, the line is back. */
  wake(): void {
    this.#loop.wake();
  }

  /** Certificates that end soon or have ended. */
  troubles(): Fault[] {
    const nowMs = this.#parts.clock.nowMs();
    return this.#parts.renewables().flatMap((renewable) => {
      const { name } = renewable;
      const certificate = lifetimeOf(renewable);
      const time = new Date(certificate.notAfterMs).toISOString();
      const phase = renewalPhase(certificate, nowMs);
      if (phase === 'expired') return fault('TB1394', { which: name, time });
      const reason = this.#problems.get(name)?.code ?? '-';
      return phase === 'ending' ? fault('TB1393', { which: name, time, reason }) : [];
    });
  }

  /** Renews one certificate now, due or not: for an operator, and for tests of rotation. */
  async renew(renewable: Renewable): Promise<void> {
    const { name, trust } = renewable;
    const { clock, record, logger } = this.#parts;
    const keys = generateKeyPair();
    try {
      const self = selfOf(renewable);
      const request = await createRequest(keys, `${self.site} ${self.role}`);
      const { chain, crls } = await renewable.ask(request, self);
      const renewed = { chain, privateKey: keys.privateKey };
      await this.#check(renewed, self, trust, crls);
      const certificate = describeCertificate(chain[0] ?? new Uint8Array());
      record(name, certificate);
      renewable.install(renewed);
      const lifeMs = certificate.notAfterMs - certificate.notBeforeMs;
      this.#quietUntilMs.set(name, clock.monotonicMs() + lifeMs / 20);
      this.#problems.delete(name);
      const { fingerprint, notAfterMs } = certificate;
      logger.info('certificate renewed', {
        which: name,
        fingerprint,
        until: new Date(notAfterMs).toISOString(),
      });
    } catch (error) {
      wipe(keys.privateKey);
      throw error;
    }
  }

  async #once(): Promise<'idle'> {
    let failed: Fault | undefined;
    await this.#parts.before?.();
    for (const renewable of this.#parts.renewables()) {
      if (!this.#isDue(renewable)) continue;
      try {
        await this.renew(renewable);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        this.#problems.set(renewable.name, error);
        failed = fault('TB1392', { which: renewable.name, reason: error.code }, error);
      }
    }
    if (failed) throw failed;
    return 'idle';
  }

  #isDue(renewable: Renewable): boolean {
    const { clock } = this.#parts;
    const [nowMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
    if (monotonicMs < (this.#quietUntilMs.get(renewable.name) ?? 0)) return false;
    const certificate = lifetimeOf(renewable);
    const phase = renewalPhase(certificate, nowMs);
    if (phase === 'expired') return renewable.renewsExpired === true;
    if (phase === 'due' || phase === 'ending') return true;
    const known = this.#watched.get(renewable.name);
    if (known?.fingerprint === certificate.fingerprint) return monotonicMs >= known.dueAtMs;
    const dueAtMs = monotonicMs + renewalMs(certificate) - nowMs;
    this.#watched.set(renewable.name, { ...certificate, dueAtMs });
    return false;
  }

  /** Nothing is installed that a peer, or this site itself, would refuse. */
  async #check(
    { chain, privateKey }: OwnIdentity,
    self: Peer,
    trust: Trust,
    lists: readonly Uint8Array[],
  ): Promise<void> {
    const [leaf, issuing] = chain;
    if (!leaf || !issuing) throw fault('TB1325', { reason: 'no chain of two' });
    await trust.learn({ issuers: [issuing] });
    await trust.learnLists(lists);
    const root = trust.rootOf(chain);
    if (!root) throw fault('TB1325', { reason: 'the chain does not lead to a trusted root' });
    // It was issued this moment, whatever our own clock says: a wrong one must not keep it out.
    const { notBeforeMs, notAfterMs } = describeCertificate(leaf);
    const nowMs = Math.min(Math.max(this.#parts.clock.nowMs(), notBeforeMs), notAfterMs);
    checkIssued(chain, root, { ...self, privateKey }, nowMs);
    requireLists([issuing, root], trust.lists);
  }
}

function lifetimeOf({ own }: Renewable): Lifetime {
  const [leaf] = own().chain;
  assert(leaf, 'a chain begins with its leaf');
  return describeCertificate(leaf);
}

/** Who asks: also by a clock that is wrong, so its life is not looked at; the authority does that. */
function selfOf({ own, trust: { trustDomain } }: Renewable): Peer {
  const [leaf] = own().chain;
  assert(leaf, 'a chain begins with its leaf');
  const { site, role, name, fingerprint } = recordOf(leaf, trustDomain);
  return { site, trustDomain, role, name, fingerprint };
}
