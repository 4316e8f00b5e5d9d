import { fault } from '../core/base/errors.ts';
import type { Authority } from './authority.ts';
import { checkRequest } from './certificate-request.ts';
import { printToken, tokenHash } from './enrolment-token.ts';
import { fingerprintOf } from './fingerprint.ts';
import { isRole, nameFits, type Role, sitePattern } from './identity.ts';
import { checkHosts, type IssuedCertificate, issueLeaf } from './leaf.ts';
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

/** Who issues, as of now; the hub throws its SEALED fault where it can't. */
export interface EnrolmentAuthority {
  readonly trustDomain: string;
  readonly root: Uint8Array;
  readonly issuing: Authority;
  readonly crls: readonly Uint8Array[];
  readonly lifeDays: number;
}

/** What an enrolment has led to, for registry and audit. */
export interface Enrolled {
  readonly token: StoredToken;
  readonly use: TokenUse;
  readonly keys: SiteKeys;
  readonly certificates: readonly (IssuedCertificate & { readonly role: Role; readonly name: string })[];
}

export interface EnrolmentPorts {
  readonly tokens: TokenStore;
  readonly issuance: Issuance;
  authority(): Promise<EnrolmentAuthority>;
  /** Durable before it resolves; gives the `registry` of the result. */
  register(enrolled: Enrolled): Promise<Uint8Array>;
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
/** A site asks for two certificates, gate and node; a folder of persons for a handful. */
const wishesMax = 8;

/** The hub's side of admitting a new site or person; transport and storage are given to it. */
export class Enrolment {
  readonly #ports: EnrolmentPorts;

  constructor(ports: EnrolmentPorts) {
    this.#ports = ports;
  }

  /** The line to hand over, printed once and stored nowhere. Throws TB1317. */
  async createToken(order: TokenOrder): Promise<{ readonly line: string; readonly stored: StoredToken }> {
    checkOrder(order);
    const { tokens, issuance } = this.#ports;
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
   * Everything that can be refused is refused before the token is used up, so that a mistake does not cost
   * a new one. A crash after that costs one: nothing is issued twice. Throws TB1309 to TB1316, TB1327.
   */
  async enrol(request: EnrolmentRequest, from: string): Promise<EnrolmentResult> {
    const { tokens, issuance } = this.#ports;
    const token = await this.#usable(request);
    const wishes = await checkWishes(request, token);
    checkKeys(request, wishes);
    const authority = await this.#ports.authority();
    const use = { atMs: issuance.clock.nowMs(), from };
    if (!(await tokens.consume(token.hash, use))) {
      await this.#usable(request);
      throw fault('TB1312');
    }
    const certificates: Enrolled['certificates'][number][] = [];
    for (const { role, name, hosts, publicKey } of wishes) {
      const identity = { trustDomain: authority.trustDomain, site: token.site, role, name };
      const leaf = { identity, hosts, publicKey, lifeDays: authority.lifeDays };
      certificates.push({ ...(await issueLeaf(authority.issuing, leaf, issuance)), role, name });
    }
    const registry = await this.#ports.register({ token, use, keys: request.keys, certificates });
    const { root, crls, issuing } = authority;
    const chains = certificates.map(({ role, name, certificate }) => {
      return { role, name, chain: [certificate, issuing.certificate] };
    });
    return { certificates: chains, root, crls, registry };
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

interface CheckedWish extends CertificateWish {
  readonly role: Role;
  readonly publicKey: Uint8Array;
}

async function checkWishes({ certificates }: EnrolmentRequest, token: StoredToken): Promise<CheckedWish[]> {
  if (certificates.length === 0 || certificates.length > wishesMax) {
    throw fault('TB1310', { reason: `${certificates.length} requests at once` });
  }
  const left = new Set(token.grants);
  const keys = new Set<string>();
  const wishes: CheckedWish[] = [];
  for (const wish of certificates) {
    const { role, name, hosts } = wish;
    if (!isRole(role) || !left.delete(printGrant(role, name))) {
      throw fault('TB1316', { grant: isRole(role) ? role : '?' });
    }
    checkHosts(role, hosts);
    const publicKey = await checkRequest(wish.csr);
    // The gate's key lies on the disk; the same key under another role would lie there too.
    keys.add(publicKey.toString('hex'));
    wishes.push({ ...wish, role, publicKey });
  }
  if (keys.size < wishes.length) throw fault('TB1310', { reason: 'two of them have one key' });
  return wishes;
}

function checkKeys({ keys }: EnrolmentRequest, wishes: readonly CheckedWish[]): void {
  const needed = wishes.some(({ role }) => role === 'node' || role === 'hub');
  for (const which of ['log', 'mirror', 'journal'] as const) {
    const { length } = keys[which];
    if (length !== 32 && (needed || length > 0)) throw fault('TB1327', { which });
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

/** `node`, `officer/li-wei`. */
export function printGrant(role: Role, name: string): string {
  return name === '' ? role : `${role}/${name}`;
}
