import type { Clock } from '../../core/base/clock.ts';
import type { Random } from '../../core/base/random.ts';
import type { Approvals } from '../../core/site/approvals/approvals.ts';
import type { Audit } from '../../core/site/audit/audit.ts';
import type { RingAccess } from '../../core/site/seal/ring-access.ts';
import type { Lesson } from '../../core/site/trust/trust.ts';
import type { Database } from '../../core/store/database.ts';
import type { CertificateRegister } from './certificate-register.ts';
import type { Issuers } from './issuers.ts';
import type { RevocationLists } from './revocation-lists.ts';
import type { TrustRegistry } from './trust-registry.ts';
import type { Turns } from './turns.ts';

/** How what is durable is put in force in the running hub. Repeating it changes nothing. */
export interface Enforcement {
  /** Revoked certificates count when it returns, the rest when it resolves: new handshakes see it. */
  learn(lesson: Lesson): Promise<void>;
  /** Ends live calls of these certificates with status 16, then destroys their connections. */
  cut(fingerprints: readonly string[]): void;
}

/** What the acts of the authority are made of. */
export interface AuthorityParts {
  readonly site: string;
  readonly trustDomain: string;
  /** Life of a certificate. */
  readonly days: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly database: Database;
  readonly keys: RingAccess;
  readonly audit: Audit;
  readonly approvals: Approvals;
  readonly register: CertificateRegister;
  readonly issuers: Issuers;
  readonly lists: RevocationLists;
  readonly registry: TrustRegistry;
  readonly turns: Turns;
  readonly enforcement: Enforcement;
  /** Entries of the registry have been appended: wakes those who send it. */
  grew(): void;
}

/** Everything that is trusted now, DER, as the hub gives it away and learns it itself. */
export function trustNow({ issuers, lists }: Pick<AuthorityParts, 'issuers' | 'lists'>) {
  const trusted = issuers.trusted();
  return {
    roots: trusted.map(({ root }) => root),
    issuers: trusted.map(({ issuing }) => issuing),
    crls: lists.newest().map(({ der }) => der),
  };
}
