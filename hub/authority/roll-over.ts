import { authorityName } from '../../certs/authority.ts';
import { keyIdOf } from '../../certs/certificate-record.ts';
import { checkAuthorityKey, checkGeneration } from '../../certs/check-generation.ts';
import { fingerprintOf } from '../../certs/fingerprint.ts';
import { wipe } from '../../core/base/bytes.ts';
import { fault } from '../../core/base/errors.ts';
import type { Peer } from '../../core/link/channel.ts';
import type { Approval } from '../../core/site/approvals/approvals.ts';
import { printActor } from '../../core/site/audit/audit.ts';
import type { GenerationView, RollOverDone, RollOverOrder } from '../../core/site/trust/certificate-desk.ts';
import type { AuthorityParts } from './authority-parts.ts';
import type { RegisteredCertificate } from './certificate-register.ts';
import type { Generation, GenerationState } from './issuers.ts';
import type { StoredList } from './revocation-lists.ts';

const steps = ['trust', 'issue', 'retire'] as const;
type Step = (typeof steps)[number];

/** Two officers other than the one who asks: an authority is everything. */
const officersRequired = 2;
/** Officers of a province are not always there on the same day. */
const approvalLifeMs = 2 * 86_400_000;
/** Names in a refusal; the count says how many there are. */
const namesMax = 10;

/**
 * The way to the next generation: every site trusts both, then the new one issues, then the old one goes.
 * Each step is one transaction, so a crash leaves it done or not begun; certificates of both are good all the
 * while, because both have their lists in force (trap 31).
 */
export class RollOver {
  readonly #parts: AuthorityParts;
  readonly #enforce: () => Promise<void>;

  /** `enforce` puts what was stored in force in the running hub. */
  constructor(parts: AuthorityParts, enforce: () => Promise<void>) {
    this.#parts = parts;
    this.#enforce = enforce;
  }

  /** Throws TB1360 to TB1364, TB1900 to TB1906, TB1219; the key is wiped whatever happens. */
  async step(order: RollOverOrder, peer: Peer): Promise<RollOverDone> {
    try {
      return await this.#parts.turns.run(() => this.#step(order, peer));
    } finally {
      wipe(order.issuingKey);
    }
  }

  /** Generations as they are, retired ones too. */
  view(): GenerationView[] {
    const { issuers, register, clock } = this.#parts;
    const words: Record<GenerationState, GenerationView['state']> = {
      '1': 'trusted',
      '2': 'issues',
      '3': 'retired',
    };
    return issuers.all().map(({ authorityId, rootFingerprint, issuing, state }) => {
      const accepted = register.accepted(authorityId, clock.nowMs());
      return {
        rootFingerprint,
        name: authorityName(issuing),
        state: words[state],
        valid: accepted.length,
        lastEndsMs: accepted[0]?.notAfterMs ?? 0,
      };
    });
  }

  async #step(order: RollOverOrder, peer: Peer): Promise<RollOverDone> {
    if (order.step === '') return { state: 'done', approvalId: '', authorities: this.view() };
    const step = steps.find((each) => each === order.step);
    if (!step) throw fault('TB1361', { step: '?', reason: 'there is no such step' });
    const target = await this.#target(step, order);
    if (order.approvalId === '') {
      const { id } = this.#ask(step, order, peer, target.subject);
      return { state: 'waiting', approvalId: id, authorities: this.view() };
    }
    const approval = this.#parts.approvals.requireApproved(order.approvalId);
    const { kind, detail, id } = approval;
    if (kind !== 'roll-over' || detail['step'] !== step || detail['subject'] !== target.subject) {
      throw fault('TB1363', { id });
    }
    await target.act(approval, peer);
    this.#parts.grew();
    await this.#enforce();
    return { state: 'done', approvalId: id, authorities: this.view() };
  }

  /** What the step is about, checked, so that officers are not asked for what can't be done. */
  #target(step: Step, order: RollOverOrder): Promise<Target> | Target {
    if (step === 'trust') return this.#trust(order);
    const found = this.#parts.issuers.all().find((each) => each.rootFingerprint === order.rootFingerprint);
    if (!found) throw fault('TB1361', { step, reason: 'this hub does not trust that root yet' });
    return step === 'issue' ? this.#issue(found, order.leaveBehind) : this.#retire(found);
  }

  #ask(step: Step, order: RollOverOrder, peer: Peer, subject: string): Approval {
    return this.#parts.approvals.request({
      kind: 'roll-over',
      subject: `${step} ${subject}`,
      detail: { step, subject },
      reason: order.reason,
      by: peer,
      required: officersRequired,
      lifeMs: approvalLifeMs,
    });
  }

  async #trust({
    root,
    issuing,
    rootList,
    rootFingerprint,
    issuingKey,
    approvalId,
  }: RollOverOrder): Promise<Target> {
    const { issuers, lists, clock, trustDomain, keys } = this.#parts;
    const known = issuers.all();
    if (known.filter(({ state }) => state !== '3').length > 1) {
      throw fault('TB1361', { step: 'trust', reason: 'another roll-over is not finished' });
    }
    checkGeneration({ root, issuing }, trustDomain, known, clock.nowMs());
    if (fingerprintOf(root) !== rootFingerprint) {
      throw fault('TB1360', { domain: trustDomain, reason: 'its fingerprint is another' });
    }
    const listOfRoot = await lists.read(rootList, [root]);
    if (approvalId !== '') checkAuthorityKey(issuing, issuingKey, trustDomain);
    const authorityId = keyIdOf(issuing);
    return {
      subject: `${rootFingerprint} ${fingerprintOf(issuing)}`,
      act: async (approval, peer) => {
        const nowMs = clock.nowMs();
        // The key first: an authority whose key is missing would have no list. Alone it does nothing, and a
        // second attempt finds it.
        if (issuers.epochOf(authorityId) === undefined) {
          keys.replace((ring) => ring.withKey('issuing-authority', issuingKey, nowMs));
        }
        const first = await lists.prepare({ authorityId, issuing });
        this.#store(approval, peer, [listOfRoot, first], () => {
          issuers.add(root, issuing, '1', nowMs);
          return [authorityId];
        });
      },
    };
  }

  async #issue(next: Generation, leaveBehind: boolean): Promise<Target> {
    const { issuers, lists } = this.#parts;
    const old = issuers.current();
    const newest = issuers.trusted().at(-1);
    if (next.state !== '1' || next.authorityId !== newest?.authorityId) {
      throw fault('TB1361', { step: 'issue', reason: 'that authority issues already, or is not the newest' });
    }
    if (!leaveBehind) this.#checkLearned(old, next);
    return {
      subject: `${next.rootFingerprint}${leaveBehind ? ' leave-behind' : ''}`,
      act: async (approval, peer) => {
        const list = await lists.prepare(next);
        this.#store(approval, peer, [list], () => {
          issuers.move(old.authorityId, '1');
          issuers.move(next.authorityId, '2');
          return [old.authorityId, next.authorityId];
        });
      },
    };
  }

  /** Whoever renewed since has the new root with the answer; the others may not have it. */
  #checkLearned(old: Generation, next: Generation): void {
    const { register, clock } = this.#parts;
    const behind = register
      .accepted(old.authorityId, clock.nowMs())
      .filter(({ supersededMs, issuedMs }) => supersededMs === undefined && issuedMs < next.trustedMs);
    if (behind.length === 0) return;
    const time = new Date(next.trustedMs).toISOString();
    throw fault('TB1362', { count: behind.length, time, names: namesOf(behind) });
  }

  #retire(current: Generation): Target {
    const { issuers, register, clock, keys } = this.#parts;
    const old = issuers.trusted().find(({ authorityId }) => authorityId !== current.authorityId);
    if (current.state !== '2' || !old) {
      throw fault('TB1361', {
        step: 'retire',
        reason: 'the new authority does not issue yet, or the old is gone',
      });
    }
    const accepted = register.accepted(old.authorityId, clock.nowMs());
    const [last] = accepted;
    if (last) {
      throw fault('TB1364', {
        authority: authorityName(old.issuing),
        count: accepted.length,
        time: new Date(last.notAfterMs).toISOString(),
        names: namesOf(accepted),
      });
    }
    return {
      subject: current.rootFingerprint,
      act: async (approval, peer) => {
        this.#store(approval, peer, [], () => {
          issuers.move(old.authorityId, '3');
          return [old.authorityId];
        });
        // After the commit: a key that is gone while its authority is trusted could sign no list.
        const epoch = issuers.epochOf(old.authorityId);
        if (epoch !== undefined) keys.replace((ring) => ring.withoutRetired('issuing-authority', epoch));
      },
    };
  }

  /** The step itself: record, states, lists, registry and approval, all or nothing. */
  #store(
    approval: Approval,
    peer: Peer,
    fresh: readonly StoredList[],
    change: () => readonly string[],
  ): void {
    const { database, audit, issuers, lists, registry, approvals } = this.#parts;
    const { id, approvedBy, subject, reason } = approval;
    database.transaction(() => {
      audit.write({
        kind: 'authority',
        step: `roll-over-${String(approval.detail['step'])}`,
        by: peer,
        subject,
        from: peer.address ?? '',
        reason,
        detail: `request ${id}, approved by ${approvedBy.join(', ')}`,
      });
      const changed = change();
      for (const generation of issuers.all()) {
        if (changed.includes(generation.authorityId)) registry.authority(generation);
      }
      for (const list of fresh) {
        lists.store(list);
        registry.list(list);
      }
      approvals.finish(id);
    });
  }
}

interface Target {
  /** What officers approve; the second call must be about the same. */
  readonly subject: string;
  act(approval: Approval, peer: Peer): Promise<void>;
}

/** Who and until when, the last end first. */
function namesOf(certificates: readonly RegisteredCertificate[]): string {
  const shown = certificates.slice(0, namesMax).map((certificate) => {
    return `${printActor(certificate)} ${new Date(certificate.notAfterMs).toISOString()}`;
  });
  return [...shown, ...(certificates.length > namesMax ? ['…'] : [])].join(', ');
}
