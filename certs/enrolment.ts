import { type Fault, fault } from '../core/base/errors.ts';
import type { Authority } from './authority.ts';
import { type CheckedWish, checkKeys, checkWishes } from './check-wishes.ts';
import type { EnrolmentApproval, EnrolmentApprovals, EnrolmentToApprove } from './enrolment-approvals.ts';
import { enrolmentDigest } from './enrolment-digest.ts';
import { printToken, tokenHash } from './enrolment-token.ts';
import { fingerprintOf } from './fingerprint.ts';
import { isRole, nameFits, printGrant, type Role, sitePattern } from './identity.ts';
import { keyWords } from './key-words.ts';
import { type IssuedCertificate, issueLeaf } from './leaf.ts';
import { checkSeparation } from './role-separation.ts';
import type { Issuance } from './sign-certificate.ts';
import type { StoredToken, TokenStore, TokenUse } from './token-store.ts';

export interface CertificateWish {
  readonly role: string;
  /** '' for a site. */
  readonly name: string;
  /** PKCS#10 DER; only its public key is used. */
  readonly csr: Uint8Array;
  /** Host names and addresses, for gate, node and hub. */
  readonly hosts: readonly string[];
}

/** Raw Ed25519 public keys, 32 bytes each; all of them with a node or hub, else all may be empty. */
export interface SiteKeys {
  readonly log: Uint8Array;
  readonly mirror: Uint8Array;
  readonly journal: Uint8Array;
}

/** The same shape as core/wire's EnrolmentRequest. */
export interface EnrolmentRequest {
  readonly token: Uint8Array;
  readonly site: string;
  readonly certificates: readonly CertificateWish[];
  readonly keys: SiteKeys;
}

/** The same shape as core/wire's EnrolmentResult. */
export interface EnrolmentResult {
  /** In the order of the request; each chain is the leaf and its issuing authority, DER. */
  readonly certificates: readonly {
    readonly role: string;
    readonly name: string;
    readonly chain: Uint8Array[];
  }[];
  /** DER. */
  readonly root: Uint8Array;
  /** DER, one for each authority of the chain. */
  readonly crls: readonly Uint8Array[];
  /** What the hub gives a new site of its registry; opaque here. */
  readonly registry: Uint8Array;
}

/** The same shape as core/wire's WaitingEnrolment. */
export interface WaitingEnrolment {
  readonly requestId: string;
  /** `keyWords` of what waits; the new site compares them with those of its own keys. */
  readonly words: string;
  readonly expiresMs: number;
}

export type EnrolmentAnswer = EnrolmentResult | { readonly waiting: WaitingEnrolment };

/** Who issues, as of now; the hub throws its SEALED fault where it can't. */
export interface EnrolmentAuthority {
  readonly trustDomain: string;
  readonly root: Uint8Array;
  /** DER of the issuing authority; its root is `root`. */
  readonly issuing: Uint8Array;
  /** Signs with its key, which lives for as long as `work` takes. */
  signing<T>(work: (issuing: Authority) => Promise<T>): Promise<T>;
  readonly crls: readonly Uint8Array[];
  readonly lifeDays: number;
}

/** What an enrolment has led to, for registry and audit. */
export interface Enrolled {
  readonly token: StoredToken;
  readonly approval: EnrolmentApproval;
  readonly use: TokenUse;
  readonly keys: SiteKeys;
  readonly certificates: readonly (IssuedCertificate & { readonly role: Role; readonly name: string })[];
}

export interface EnrolmentPorts {
  readonly tokens: TokenStore;
  readonly approvals: EnrolmentApprovals;
  readonly issuance: Issuance;
  authority(): Promise<EnrolmentAuthority>;
  /** Grants of the persons of a site whose certificates are in force. */
  held(site: string): readonly string[];
  /**
   * Uses the token up and writes what was issued, in one transaction, durable before it resolves; gives the
   * `registry` of the result, or undefined when the token had been used up before: nothing is written then.
   */
  register(enrolled: Enrolled): Promise<Uint8Array | undefined>;
}

export interface TokenOrder {
  readonly site: string;
  /** A role, or role/name for a person or system. */
  readonly grants: readonly string[];
  readonly lifeMs: number;
  readonly createdBy: string;
  /** Site of this hub, and where its enrolment listener is reached. */
  readonly hubSite: string;
  readonly host: string;
  readonly port: number;
}

const tokenLifeMaxMs = 86_400_000;

/** The hub's side of admitting a new site or person; transport and storage are given to it. */
export class Enrolment {
  readonly #ports: EnrolmentPorts;

  constructor(ports: EnrolmentPorts) {
    this.#ports = ports;
  }

  /** The line to hand over, printed once and stored nowhere. Throws TB1317, TB1376. */
  async createToken(order: TokenOrder): Promise<{ readonly line: string; readonly stored: StoredToken }> {
    checkOrder(order);
    const { tokens, issuance } = this.#ports;
    checkSeparation(order.site, order.grants, this.#ports.held(order.site));
    const { root } = await this.#ports.authority();
    const { site, grants, createdBy, hubSite, host, port } = order;
    const token = issuance.random.bytes(32);
    const createdMs = issuance.clock.nowMs();
    const expiresMs = createdMs + order.lifeMs;
    const stored = { hash: tokenHash(token), site, grants, createdBy, createdMs, expiresMs };
    const line = printToken({ host, port, site, hubSite, rootFingerprint: fingerprintOf(root), token });
    await tokens.add(stored);
    return { line, stored };
  }

  /**
   * Everything that can be refused is refused at once. Then a second officer is asked, and the answer is
   * `waiting` until there is a decision; the same request again is the same question. Only an approved one
   * uses the token up. A crash in between, or an answer that is lost, costs a new token: nothing is issued
   * twice. Throws TB1309 to TB1316, TB1327, TB1370, TB1371, TB1376, TB1219.
   */
  async enrol(request: EnrolmentRequest, from: string): Promise<EnrolmentAnswer> {
    const token = await this.#usable(request);
    const wishes = await checkWishes(request, token);
    checkKeys(request, wishes);
    const grants = wishes.map(({ role, name }) => printGrant(role, name));
    checkSeparation(token.site, grants, this.#ports.held(token.site));
    const authority = await this.#ports.authority();
    const { keys } = request;
    const digest = enrolmentDigest({ site: token.site, certificates: wishes, keys });
    const words = keyWords(digest);
    const approval = this.#approvalOf({ token, digest: digest.toString('hex'), words, grants, keys, from });
    const { id, state, expiresMs } = approval;
    if (state === 'open') return { waiting: { requestId: id, words, expiresMs } };
    const use = { atMs: this.#ports.issuance.clock.nowMs(), from };
    const certificates = await this.#issue(authority, token.site, wishes);
    const registry = await this.#ports.register({ token, approval, use, keys, certificates });
    if (registry === undefined) throw await this.#gone(request);
    const { root, crls, issuing } = authority;
    const chains = certificates.map(({ role, name, certificate }) => {
      return { role, name, chain: [certificate, issuing] };
    });
    return { certificates: chains, root, crls, registry };
  }

  /** Who asked gives up before anything was issued. Throws TB1312, TB1372, TB1219. */
  async withdraw(token: Uint8Array, requestId: string, from: string): Promise<void> {
    const stored = await this.#ports.tokens.find(tokenHash(token));
    if (stored === undefined) throw fault('TB1312');
    const approval = this.#ports.approvals.of(stored.hash);
    const pending = approval?.id === requestId && ['open', 'approved'].includes(approval.state);
    if (!pending) throw fault('TB1372');
    this.#ports.approvals.withdraw(requestId, from);
  }

  /** Without an await: of two first requests with one token, one is the first. */
  #approvalOf(request: EnrolmentToApprove): EnrolmentApproval {
    const { approvals } = this.#ports;
    const found = approvals.of(request.token.hash);
    if (!found || found.state === 'withdrawn' || found.state === 'expired') return approvals.open(request);
    const { id, expiresMs, state } = found;
    // A rejected token stays so: who was refused can't try again with keys that sound better.
    if (state === 'rejected') throw fault('TB1371', { id });
    if (found.digest === request.digest || state === 'done') return found;
    approvals.contested(found, request);
    throw fault('TB1370', { id, time: new Date(expiresMs).toISOString() });
  }

  async #issue(authority: EnrolmentAuthority, site: string, wishes: readonly CheckedWish[]) {
    const { trustDomain, lifeDays } = authority;
    return authority.signing(async (issuing) => {
      const certificates: Enrolled['certificates'][number][] = [];
      for (const { role, name, hosts, publicKey } of wishes) {
        const leaf = { identity: { trustDomain, site, role, name }, hosts, publicKey, lifeDays };
        certificates.push({ ...(await issueLeaf(issuing, leaf, this.#ports.issuance)), role, name });
      }
      return certificates;
    });
  }

  /** Why a token that was usable a moment ago is not any more. */
  async #gone(request: EnrolmentRequest): Promise<Fault> {
    return this.#usable(request).then(
      () => fault('TB1312'),
      (error: Fault) => error,
    );
  }

  async #usable({ token, site }: EnrolmentRequest): Promise<StoredToken> {
    const stored = await this.#ports.tokens.find(tokenHash(token));
    if (stored === undefined) throw fault('TB1312');
    if (stored.use !== undefined) {
      throw fault('TB1313', { time: new Date(stored.use.atMs).toISOString(), address: stored.use.from });
    }
    if (this.#ports.issuance.clock.nowMs() >= stored.expiresMs) {
      throw fault('TB1314', { time: new Date(stored.expiresMs).toISOString() });
    }
    if (stored.site !== site) throw fault('TB1315', { site: sitePattern.test(site) ? site : '?' });
    return stored;
  }
}

function checkOrder({ site, grants, lifeMs }: TokenOrder): void {
  const refuse = (reason: string) => fault('TB1317', { reason });
  if (!sitePattern.test(site)) throw refuse('the site code has not 6 digits');
  if (!(lifeMs > 0 && lifeMs <= tokenLifeMaxMs)) throw refuse('its life is not within 24 hours');
  if (grants.length === 0 || new Set(grants).size < grants.length) throw refuse('no role, or one twice');
  for (const grant of grants) {
    const [role = '', name = '', ...rest] = grant.split('/');
    const whole =
      isRole(role) && nameFits(role, name) && rest.length === 0 && printGrant(role, name) === grant;
    if (!whole) throw refuse('a role that does not exist or lacks its name');
  }
}
