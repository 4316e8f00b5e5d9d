import { type Authority, createIssuing, createRoot } from '../../certs/authority.ts';
import { isRole, type Role } from '../../certs/identity.ts';
import { generateKeyPair } from '../../certs/key-pair.ts';
import { issueLeaf } from '../../certs/leaf.ts';
import { examinePeer } from '../../certs/peer-policy.ts';
import {
  issueRevocationList,
  type RevocationList,
  type RevokedSerial,
  readRevocationList,
} from '../../certs/revocation-list.ts';
import { type Clock, systemClock } from '../../core/base/clock.ts';
import { systemRandom } from '../../core/base/random.ts';
import type { Examine, TlsMaterial } from '../../core/wire/tls-material.ts';

export const issuance = { clock: systemClock, random: systemRandom };

export interface TestIdentity {
  readonly material: TlsMaterial;
  readonly fingerprint: string;
  readonly serial: string;
}

/** A province's authority for tests: real keys, real certificates, nothing stored. */
export class Pki {
  readonly trustDomain: string;
  readonly root: Authority;
  readonly issuing: Authority;
  readonly revoked = new Set<string>();
  lists: RevocationList[] = [];
  #number = 0;

  constructor(trustDomain: string, root: Authority, issuing: Authority) {
    this.trustDomain = trustDomain;
    this.root = root;
    this.issuing = issuing;
  }

  static async create(
    trustDomain = 'hunan.example',
    clock: Pick<Clock, 'nowMs'> = systemClock,
  ): Promise<Pki> {
    const timed = { ...issuance, clock };
    const root = await createRoot({ trustDomain, number: 1 }, timed);
    const issuing = await createIssuing(root, { trustDomain, number: 1 }, timed);
    const pki = new Pki(trustDomain, root, issuing);
    await pki.publish([], clock.nowMs());
    return pki;
  }

  /** New lists of both authorities. */
  async publish(
    revoked: readonly RevokedSerial[],
    nowMs = systemClock.nowMs(),
    lifeMs = 86_400_000,
  ): Promise<void> {
    this.#number += 1;
    const authorities = [this.root.certificate, this.issuing.certificate];
    const common = { number: this.#number, nowMs, lifeMs };
    const ofRoot = await issueRevocationList(this.root, { ...common, revoked: [] });
    const ofIssuing = await issueRevocationList(this.issuing, { ...common, revoked });
    this.lists = await Promise.all([ofRoot, ofIssuing].map((der) => readRevocationList(der, authorities)));
  }

  /** `role` as `node` or `officer/li-wei`. */
  async identity(site: string, grant: string, hosts: readonly string[] = []): Promise<TestIdentity> {
    const [role = '', name = ''] = grant.split('/');
    const keys = generateKeyPair();
    const identity = { trustDomain: this.trustDomain, site, role: roleOf(role), name };
    const issued = await issueLeaf(this.issuing, { identity, hosts, publicKey: keys.publicKey }, issuance);
    const { fingerprint, serial, certificate } = issued;
    return { fingerprint, serial, material: this.material(certificate, keys.privateKey) };
  }

  /** Any certificate with this province's trust and newest lists. */
  material(certificate: Uint8Array, privateKey: Uint8Array): TlsMaterial {
    const chain = [certificate, this.issuing.certificate];
    return { chain, privateKey, roots: [this.root.certificate], lists: this.lists };
  }

  readonly examine: Examine = (certificate) => {
    const { trustDomain, revoked } = this;
    return examinePeer(certificate, { trustDomain, nowMs: systemClock.nowMs(), revoked });
  };
}

function roleOf(text: string): Role {
  if (!isRole(text)) throw new TypeError(`no role ${text}`);
  return text;
}
