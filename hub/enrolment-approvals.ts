import type {
  EnrolmentApproval,
  EnrolmentApprovals,
  EnrolmentToApprove,
} from '../certs/enrolment-approvals.ts';
import { toHex } from '../core/base/bytes.ts';
import type { Clock } from '../core/base/clock.ts';
import type { Approval, Approvals } from '../core/site/approvals/approvals.ts';
import type { Actor, Audit } from '../core/site/audit/audit.ts';
import type { KnownSite } from '../core/site/directory.ts';
import type { SqlTokenStore } from './sql-token-store.ts';

export interface HubApprovalsParts {
  readonly approvals: Approvals;
  readonly audit: Audit;
  readonly tokens: SqlTokenStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Site of this hub. */
  readonly site: string;
  /** The site as the registry has it already; with other keys than those an enrolment replaces them. */
  known(site: string): Pick<KnownSite, 'logKey' | 'mirrorKey'> | undefined;
}

/**
 * Enrolments as requests to the officers of this hub. Whoever made the token is the asker, so it takes
 * another officer to approve. The token's row says which request is its newest.
 */
export class HubEnrolmentApprovals implements EnrolmentApprovals {
  readonly #parts: HubApprovalsParts;

  constructor(parts: HubApprovalsParts) {
    this.#parts = parts;
  }

  of(token: string): EnrolmentApproval | undefined {
    const id = this.#parts.tokens.requestOf(token);
    return id === undefined ? undefined : shown(this.#parts.approvals.get(id));
  }

  /** A crash between the two writes leaves a request that no token leads to: approving it does nothing. */
  open(request: EnrolmentToApprove): EnrolmentApproval {
    const { approvals, audit, tokens, clock, site: hub } = this.#parts;
    const { token, digest, words, grants, keys, from } = request;
    const { site, expiresMs } = token;
    audit.write({ kind: 'enrolment', step: 'asked', by: 'site', subject: `${site} ${words}`, from });
    const opened = approvals.request({
      kind: 'enrolment',
      subject: `${site} ${grants.join(' ')}: ${words}`,
      detail: {
        site,
        name: tokens.descriptionOf(token.hash)?.name ?? site,
        words,
        address: from,
        grants: grants.join(' '),
        keys: this.#changeOf(site, keys),
        digest,
        token: token.hash,
      },
      reason: `enrolment of ${site} with a token`,
      by: creatorOf(token.createdBy, hub),
      required: 1,
      // As long as the token: a later approval would come for nothing.
      lifeMs: expiresMs - clock.nowMs(),
    });
    tokens.requested(token.hash, opened.id);
    return shown(opened);
  }

  /** What the officers have to know above all: whether a site that is admitted gets other keys. */
  #changeOf(site: string, keys: EnrolmentToApprove['keys']): string {
    const known = keys.log.length > 0 ? this.#parts.known(site) : undefined;
    if (!known) return 'new';
    const same = known.logKey === toHex(keys.log) && known.mirrorKey === toHex(keys.mirror);
    return same ? 'those that the site has' : 'replaces the keys of a site that is admitted';
  }

  contested({ id }: EnrolmentApproval, { token, words, from }: EnrolmentToApprove): void {
    this.#parts.audit.write({
      kind: 'enrolment',
      step: 'other-keys',
      by: 'site',
      subject: `${token.site} ${words}`,
      result: 'TB1370',
      from,
      detail: `the token came with other keys than those of request ${id}`,
    });
  }

  withdraw(id: string, from: string): void {
    this.#parts.approvals.withdraw(id, from);
  }
}

function shown({ id, state, expiresMs, detail }: Approval): EnrolmentApproval {
  return { id, state, expiresMs, digest: String(detail['digest']) };
}

/** `officer/zhao`, as the token has it. */
function creatorOf(createdBy: string, site: string): Actor {
  const [role = '', name = ''] = createdBy.split('/');
  return { site, role, name, fingerprint: '' };
}
