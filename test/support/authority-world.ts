import { backDateMs } from '../../certs/authority.ts';
import { recordOf } from '../../certs/certificate-record.ts';
import { createRequest } from '../../certs/certificate-request.ts';
import type { Role } from '../../certs/identity.ts';
import { generateKeyPair, type KeyPair } from '../../certs/key-pair.ts';
import { issueLeaf } from '../../certs/leaf.ts';
import { issueRevocationList } from '../../certs/revocation-list.ts';
import { type Clock, systemClock } from '../../core/base/clock.ts';
import { silentLogger } from '../../core/base/logger.ts';
import { systemRandom } from '../../core/base/random.ts';
import type { Peer } from '../../core/link/channel.ts';
import type { KeyRing } from '../../core/seal/key-ring.ts';
import { newRing } from '../../core/seal/new-ring.ts';
import { Approvals } from '../../core/site/approvals/approvals.ts';
import { Audit } from '../../core/site/audit/audit.ts';
import { registerSite } from '../../core/site/joining/register-site.ts';
import { SiteData } from '../../core/site/site-data.ts';
import type { RevocationOrder, RollOverOrder } from '../../core/site/trust/certificate-desk.ts';
import { AuthorityDesk } from '../../hub/authority/authority-desk.ts';
import type { AuthorityParts, Enforcement } from '../../hub/authority/authority-parts.ts';
import { beginAuthority } from '../../hub/authority/begin-authority.ts';
import { openAuthority } from '../../hub/authority/open-authority.ts';
import { hubDatasets, hubSchemas } from '../../hub/hub-datasets.ts';
import { Pki } from './pki.ts';
import { TemporaryFolder } from './temporary-folder.ts';

export interface Held {
  readonly peer: Peer;
  readonly certificate: Uint8Array;
  readonly keys: KeyPair;
  readonly hosts: readonly string[];
}

export const site = '430000';
export const trustDomain = 'hunan.example';
const dayMs = 86_400_000;

/** A hub's authority over a real encrypted file and a real key ring; only the network is left out. */
export class AuthorityWorld {
  readonly folder = TemporaryFolder.inMemory();
  readonly pki: Pki;
  readonly clock: Clock;
  ring: KeyRing;
  data!: SiteData;
  parts!: AuthorityParts;
  desk!: AuthorityDesk;
  hub!: Held;
  grew = 0;

  private constructor(pki: Pki, ring: KeyRing, clock: Clock) {
    this.pki = pki;
    this.ring = ring;
    this.clock = clock;
  }

  static async create({ clock = systemClock, days = 7 } = {}): Promise<AuthorityWorld> {
    const pki = await Pki.create(trustDomain, clock);
    const fresh = await newRing(['db', 'log', 'mirror'], systemRandom, clock.nowMs());
    const ring = fresh.withKey('issuing-authority', pki.issuing.privateKey, clock.nowMs());
    const world = new AuthorityWorld(pki, ring, clock);
    world.hub = await world.issue('hub', '', ['hub.hunan.example']);
    world.open('create', { days });
    const { root, issuing } = pki;
    const content = { number: 1, revoked: [], nowMs: clock.nowMs() - backDateMs, lifeMs: 366 * dayMs };
    const lists = await Promise.all([root, issuing].map((each) => issueRevocationList(each, content)));
    await beginAuthority(world.parts, {
      root: root.certificate,
      issuing: issuing.certificate,
      lists,
      leafs: [world.hub.certificate],
    });
    return world;
  }

  /** Opens the file, as an unsealing does; `enforcement` is what the running hub would do. */
  open(
    mode: 'create' | 'open',
    { days = 7, enforcement }: { days?: number; enforcement?: Enforcement } = {},
  ) {
    const { clock, folder, ring } = this;
    const path = folder.file('hub.db');
    this.data = new SiteData(
      { path, site, trustDomain, ring, own: hubDatasets, schemas: hubSchemas, clock, random: systemRandom },
      mode,
    );
    const audit = new Audit({
      intake: this.data.intake('audit'),
      site,
      clock,
      random: systemRandom,
      grew: () => {},
    });
    this.parts = openAuthority({
      config: { site, trustDomain, certificateDays: days },
      clock,
      random: systemRandom,
      data: this.data,
      keys: {
        ring: () => this.ring,
        replace: (change) => {
          const before = this.ring;
          this.ring = change(before);
          before.wipe();
        },
      },
      audit,
      approvals: new Approvals(this.data.store.database, audit, clock, systemRandom),
      enforcement: enforcement ?? { learn: async () => {}, cut: () => {} },
      grew: () => {
        this.grew += 1;
      },
    });
    this.desk = new AuthorityDesk(this.parts, silentLogger);
  }

  reopen(enforcement?: Enforcement): void {
    this.data.close();
    this.open('open', enforcement ? { enforcement } : {});
  }

  close(): void {
    this.data.close();
    this.folder.remove();
  }

  /** A certificate of this authority that is not recorded. */
  async issue(role: Role, name = '', hosts: readonly string[] = [], code = site): Promise<Held> {
    const keys = generateKeyPair();
    const identity = { trustDomain, site: code, role, name };
    const { clock } = this;
    const { certificate, fingerprint } = await issueLeaf(
      this.pki.issuing,
      { identity, hosts, publicKey: keys.publicKey, lifeDays: 7 },
      { clock, random: systemRandom },
    );
    return { peer: { ...identity, fingerprint, address: '10.0.0.7' }, certificate, keys, hosts };
  }

  /** As the enrolment does it. */
  async enrolled(code: string, role: Role, name = '', hosts: readonly string[] = []): Promise<Held> {
    const held = await this.issue(role, name, hosts, code);
    this.record(held.certificate);
    return held;
  }

  record(certificate: Uint8Array): void {
    const { database, register } = this.parts;
    database.transaction(() => register.record(recordOf(certificate, trustDomain), this.clock.nowMs()));
  }

  admit(code: string): void {
    const known = {
      site: code,
      name: '样例县',
      tier: 'county',
      trustDomain,
      logKey: 'ab'.repeat(32),
      mirrorKey: 'cd'.repeat(32),
    } as const;
    registerSite(this.data.intake('registry'), known, site, this.clock);
  }

  /** Renews with a new key; gives the new certificate. */
  async renew(held: Held): Promise<Held & { readonly answer: Awaited<ReturnType<AuthorityDesk['renew']>> }> {
    const keys = generateKeyPair();
    const answer = await this.desk.renew(await createRequest(keys, 'x'), held.peer);
    const [certificate = new Uint8Array()] = answer.chain;
    const { fingerprint } = recordOf(certificate, trustDomain);
    return { ...held, peer: { ...held.peer, fingerprint }, certificate, keys, answer };
  }

  officer(name: string): Peer {
    return { site, trustDomain, role: 'officer', name, fingerprint: 'f'.repeat(64), address: '10.0.0.8' };
  }

  async revoke(order: Partial<RevocationOrder>, by = 'zhao') {
    return this.desk.revoke({ ...emptyRevocation, ...order }, this.officer(by));
  }

  /** Asked for by the first officer, approved by two others, done. */
  async step(order: Partial<RollOverOrder>): Promise<void> {
    const asked = { ...emptyRollOver, ...order };
    const { approvalId } = await this.desk.rollOver(
      { ...asked, issuingKey: new Uint8Array() },
      this.officer('zhao'),
    );
    for (const name of ['qian', 'sun']) await this.parts.approvals.approve(approvalId, this.officer(name));
    await this.desk.rollOver({ ...asked, approvalId }, this.officer('zhao'));
  }

  /** Entries of an own log as printed rows of one entity, in order of the key. */
  rows(dataset: 'registry' | 'audit', entity: string): Record<string, unknown>[] {
    const tables = this.data.tables(dataset);
    const found = tables.dataset.entities.find(({ name }) => name === entity);
    if (!found) throw new RangeError(`no entity ${entity}`);
    return tables
      .of(found)
      .page([], 10_000, 'shown')
      .map(({ fields }) => fields);
  }

  /** Steps of the audit log, in order. */
  acts(kind?: string): string[] {
    return this.rows('audit', 'act')
      .filter((act) => kind === undefined || act['act_kind'] === kind)
      .map((act) => String(act['act_step']));
  }
}

export const emptyRevocation: RevocationOrder = {
  fingerprint: '',
  site: '',
  role: '',
  name: '',
  reason: 'key-compromise',
  note: 'laptop was stolen',
  dryRun: false,
};

export const emptyRollOver: RollOverOrder = {
  step: '',
  rootFingerprint: '',
  root: new Uint8Array(),
  rootList: new Uint8Array(),
  issuing: new Uint8Array(),
  issuingKey: new Uint8Array(),
  reason: 'the issuing authority ends next year',
  approvalId: '',
  leaveBehind: false,
};
