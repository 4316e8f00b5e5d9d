import type { Peer } from '../../link/channel.ts';

/** What is trusted now. DER throughout. */
export interface TrustNow {
  readonly roots: readonly Uint8Array[];
  /** The issuing authorities below them. */
  readonly issuers: readonly Uint8Array[];
  /** The newest list of every authority of every trusted chain. */
  readonly crls: readonly Uint8Array[];
}

/** A renewed certificate and what came with it. */
export interface Renewal extends TrustNow {
  /** The leaf, then its issuing authority. */
  readonly chain: readonly Uint8Array[];
}

export type CertificateState = 'valid' | 'superseded' | 'expired' | 'revoked';

/** One issued certificate as the hub recorded it. */
export interface CertificateView {
  readonly fingerprint: string;
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  readonly site: string;
  readonly role: string;
  readonly name: string;
  readonly state: CertificateState;
  readonly issuedMs: number;
  readonly notAfterMs: number;
  /** 0 unless revoked. */
  readonly revokedMs: number;
  /** '' unless revoked. */
  readonly reason: string;
  /** Name of the issuing authority. */
  readonly authority: string;
}

export interface CertificateQuery {
  readonly site?: string;
  readonly role?: string;
  readonly state?: string;
}

/** Names certificates by fingerprint, by identity, or by site alone, which is dismissed with them. */
export interface RevocationOrder {
  readonly fingerprint: string;
  readonly site: string;
  readonly role: string;
  readonly name: string;
  readonly reason: string;
  readonly note: string;
  readonly dryRun: boolean;
}

export interface RevocationDone {
  readonly revoked: readonly CertificateView[];
  readonly already: number;
  readonly dismissed: boolean;
  readonly listNumber: number;
}

export interface RollOverOrder {
  readonly step: string;
  readonly rootFingerprint: string;
  readonly root: Uint8Array;
  readonly rootList: Uint8Array;
  readonly issuing: Uint8Array;
  /** PKCS#8, secret; the desk wipes it. */
  readonly issuingKey: Uint8Array;
  readonly reason: string;
  readonly approvalId: string;
  readonly leaveBehind: boolean;
}

/** A generation of the authority as it is now. */
export interface GenerationView {
  readonly rootFingerprint: string;
  readonly name: string;
  readonly state: 'trusted' | 'issues' | 'retired';
  /** Certificates of it that are accepted now, and when the last of them ends (0 without any). */
  readonly valid: number;
  readonly lastEndsMs: number;
}

export interface RollOverDone {
  readonly state: 'waiting' | 'done';
  readonly approvalId: string;
  readonly authorities: readonly GenerationView[];
}

/** An officer who has opened the hub at its machine, and whether the certificate found there has ended. */
export interface OfficerHere {
  readonly name: string;
  /** Undefined where none was found: then the register says. */
  readonly expired: boolean | undefined;
}

/** A whole identity, as it goes into a folder to be handed over; DER. */
export interface IssuedHere {
  readonly name: string;
  readonly fingerprint: string;
  readonly notAfterMs: number;
  readonly chain: readonly Uint8Array[];
  readonly root: Uint8Array;
  readonly lists: readonly Uint8Array[];
  /** PKCS#8, secret; the caller wipes it. */
  readonly privateKey: Uint8Array;
}

/** What a hub's authority does for those who have a certificate (certificates.proto). */
export interface CertificateDesk {
  renew(csr: Uint8Array, peer: Peer): Promise<Renewal>;
  /** The same for the hub's own gate and data certificate, asked by its own process: after their end too. */
  renewOwn(csr: Uint8Array, self: Peer): Promise<Renewal>;
  /** For officers of the hub whose certificate has ended; their shares have proved them. Throws TB1208. */
  issueHere(officers: readonly OfficerHere[]): Promise<readonly IssuedHere[]>;
  trust(): TrustNow & { readonly revoked: readonly string[] };
  revoke(order: RevocationOrder, officer: Peer): Promise<RevocationDone>;
  list(query: CertificateQuery): { readonly certificates: readonly CertificateView[]; readonly more: number };
  rollOver(order: RollOverOrder, peer: Peer): Promise<RollOverDone>;
  putRootList(
    crl: Uint8Array,
    peer: Peer,
  ): Promise<{ readonly authority: string; readonly number: number; readonly nextUpdateMs: number }>;
}
