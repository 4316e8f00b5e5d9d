import type { SiteKeys } from './enrolment.ts';
import type { StoredToken } from './token-store.ts';

/** How far the second officer's word on an enrolment is. */
export interface EnrolmentApproval {
  /** Quoted to officers and to the new site. */
  readonly id: string;
  /** SHA-256 of what is asked for (`enrolmentDigest`), lower-case hex. */
  readonly digest: string;
  readonly state: 'open' | 'approved' | 'rejected' | 'withdrawn' | 'expired' | 'done';
  readonly expiresMs: number;
}

/** What the second officer is shown, and the act is bound to. */
export interface EnrolmentToApprove {
  readonly token: StoredToken;
  readonly digest: string;
  /** `keyWords` of the digest, which the officer hears from the new site by telephone. */
  readonly words: string;
  /** A role, or role/name for a person or system. */
  readonly grants: readonly string[];
  readonly keys: SiteKeys;
  /** Source address, as the listener saw it. */
  readonly from: string;
}

/** Where requests wait for an officer other than the token's creator; durable at the hub. */
export interface EnrolmentApprovals {
  /** The newest one for a token (its hash). */
  of(token: string): EnrolmentApproval | undefined;
  /** Durable when it returns. Throws TB1219 and opens nothing when it can't be recorded. */
  open(request: EnrolmentToApprove): EnrolmentApproval;
  /** The token has come with other keys than those that wait: two have it. Throws TB1219. */
  contested(waiting: EnrolmentApproval, request: EnrolmentToApprove): void;
  /** Who asked gives up; from now on the token may come with other keys. Throws TB1219. */
  withdraw(id: string, from: string): void;
}
