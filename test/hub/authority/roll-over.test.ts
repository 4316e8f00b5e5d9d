import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Authority, createIssuing, createRoot } from '../../../certs/authority.ts';
import { keyIdOf, recordOf } from '../../../certs/certificate-record.ts';
import { fingerprintOf } from '../../../certs/fingerprint.ts';
import { issueRevocationList } from '../../../certs/revocation-list.ts';
import { pem } from '../../../core/base/pem.ts';
import type { RollOverOrder } from '../../../core/site/trust/certificate-desk.ts';
import type { Lesson } from '../../../core/site/trust/trust.ts';
import { AuthorityWorld, emptyRollOver, type Held, trustDomain } from '../../support/authority-world.ts';
import { ManualClock } from '../../support/cli-world.ts';
import { openssl, opensslMissing, opensslReason } from '../../support/openssl.ts';
import { issuance } from '../../support/pki.ts';

const dayMs = 86_400_000;
let clock: ManualClock;
let world: AuthorityWorld;
let node: Held;
let next: { readonly root: Authority; readonly issuing: Authority; readonly order: Partial<RollOverOrder> };

beforeEach(async () => {
  clock = new ManualClock();
  world = await AuthorityWorld.create({ clock });
  world.admit('430121');
  node = await world.enrolled('430121', 'node', '', ['node.example']);
  next = await generation(2);
});
afterEach(() => world.close());

async function generation(number: number, domain = trustDomain) {
  const timed = { ...issuance, clock };
  const root = await createRoot({ trustDomain: domain, number }, timed);
  const issuing = await createIssuing(root, { trustDomain: domain, number }, timed);
  const content = { number: 1, revoked: [], nowMs: clock.nowMs(), lifeMs: 366 * dayMs };
  const order = {
    step: 'trust',
    rootFingerprint: fingerprintOf(root.certificate),
    root: root.certificate,
    issuing: issuing.certificate,
    rootList: await issueRevocationList(root, content),
  };
  return { root, issuing, order };
}

const trust = () => world.step({ ...next.order, issuingKey: Uint8Array.from(next.issuing.privateKey) });
const later = (step: string, more: Partial<RollOverOrder> = {}) =>
  world.step({ step, rootFingerprint: next.order.rootFingerprint ?? '', ...more });
const states = async () =>
  (await world.desk.rollOver(emptyRollOver, world.officer('zhao'))).authorities.map(({ state }) => state);
const issuerOf = ({ certificate }: Held) => recordOf(certificate, trustDomain).authorityId;

/** As everybody checks it who trusts what the hub says is trusted. */
function judged(leaf: Uint8Array): string {
  const { roots, issuers, crls } = world.desk.trust();
  const all = (label: 'CERTIFICATE' | 'X509 CRL', ders: readonly Uint8Array[]) =>
    Buffer.concat(ders.map((der) => pem(label, der)));
  return openssl(
    {
      'roots.pem': all('CERTIFICATE', roots),
      'issuers.pem': all('CERTIFICATE', issuers),
      'lists.pem': all('X509 CRL', crls),
      'leaf.pem': pem('CERTIFICATE', leaf),
    },
    [
      ...['verify', '-x509_strict', '-crl_check_all', '-attime', String(Math.floor(clock.nowMs() / 1000))],
      ...['-CAfile', 'roots.pem', '-untrusted', 'issuers.pem', '-CRLfile', 'lists.pem', 'leaf.pem'],
    ],
  ).text;
}

describe('the way to the next generation', () => {
  it.skipIf(opensslMissing)(
    `keeps certificates of both good at every step, each authority with its list${opensslReason}`,
    async () => {
      const check = (...held: Held[]) => {
        for (const { certificate } of held) expect(judged(certificate)).toContain('leaf.pem: OK');
      };
      check(node);
      await trust();
      expect(await states()).toEqual(['issues', 'trusted']);
      expect(world.desk.trust().crls).toHaveLength(4);
      const old = await world.renew(node);
      expect(issuerOf(old)).toBe(keyIdOf(world.pki.issuing.certificate));
      check(node, old);
      await later('issue', { leaveBehind: true });
      expect(await states()).toEqual(['trusted', 'issues']);
      const renewed = await world.renew(old);
      expect(issuerOf(renewed)).toBe(keyIdOf(next.issuing.certificate));
      check(node, old, renewed);
      await world.revoke({ fingerprint: old.peer.fingerprint });
      expect(judged(old.certificate)).toContain('certificate revoked');
      check(node, renewed);
      await clock.pass(6 * dayMs);
      const newest = await world.renew(renewed);
      await clock.pass(2 * dayMs);
      await world.desk.reissue();
      await later('retire');
      expect(await states()).toEqual(['retired', 'issues']);
      expect(world.desk.trust().roots).toHaveLength(1);
      expect(world.desk.trust().crls).toHaveLength(2);
      check(newest);
    },
  );

  it('is in the registry step by step, and in audit with who approved', async () => {
    await trust();
    await clock.pass(1_000);
    await later('issue', { leaveBehind: true });
    const authorities = world.rows('registry', 'authority');
    expect(authorities.map((row) => [row['root_fpr'], row['stas']]).sort()).toEqual(
      [
        [fingerprintOf(world.pki.root.certificate), '1'],
        [fingerprintOf(next.root.certificate), '2'],
      ].sort(),
    );
    expect(world.rows('registry', 'list')).toHaveLength(4);
    const acts = world.rows('audit', 'act').filter((act) => act['act_kind'] === 'authority');
    expect(acts.map((act) => act['act_step'])).toEqual(['roll-over-trust', 'roll-over-issue']);
    expect(acts[0]?.['detail']).toContain('officer/qian@430000, officer/sun@430000');
  });

  it('does nothing before two officers other than the asker have approved', async () => {
    const order = { ...emptyRollOver, ...next.order, issuingKey: Uint8Array.from(next.issuing.privateKey) };
    const asked = await world.desk.rollOver(
      { ...order, issuingKey: new Uint8Array() },
      world.officer('zhao'),
    );
    expect(asked.state).toBe('waiting');
    const { approvalId } = asked;
    const again = () =>
      world.desk.rollOver(
        { ...order, issuingKey: Uint8Array.from(next.issuing.privateKey), approvalId },
        world.officer('zhao'),
      );
    await expect(again()).rejects.toMatchObject({ code: 'TB1904' });
    await world.parts.approvals.approve(approvalId, world.officer('qian'));
    await expect(again()).rejects.toMatchObject({ code: 'TB1904' });
    expect(await states()).toEqual(['issues']);
    await world.parts.approvals.approve(approvalId, world.officer('sun'));
    expect((await again()).state).toBe('done');
    await expect(again()).rejects.toMatchObject({ code: 'TB1361' });
  });

  it('does what was approved and nothing else', async () => {
    const { approvalId } = await world.desk.rollOver(
      { ...emptyRollOver, ...next.order },
      world.officer('zhao'),
    );
    for (const name of ['qian', 'sun']) await world.parts.approvals.approve(approvalId, world.officer(name));
    const other = await generation(3);
    const swapped = { ...emptyRollOver, ...other.order, issuingKey: other.issuing.privateKey, approvalId };
    await expect(world.desk.rollOver(swapped, world.officer('zhao'))).rejects.toMatchObject({
      code: 'TB1363',
    });
    expect([...other.issuing.privateKey].every((byte) => byte === 0)).toBe(true);
    const wrongKey = { ...emptyRollOver, ...next.order, issuingKey: next.root.privateKey, approvalId };
    await expect(world.desk.rollOver(wrongKey, world.officer('zhao'))).rejects.toMatchObject({
      code: 'TB1360',
    });
    expect(await states()).toEqual(['issues']);
  });

  it('names those who have not renewed since the new root is trusted, and waits for them', async () => {
    await clock.pass(1_000);
    await trust();
    const refused = { code: 'TB1362', parameters: { count: 2 } };
    const found = await later('issue').catch((error: unknown) => error);
    expect(found).toMatchObject(refused);
    expect(String((found as Error).message)).toContain('node@430121');
    await clock.pass(1_000);
    await world.renew(node);
    await world.renew(world.hub);
    await later('issue');
    expect(await states()).toEqual(['trusted', 'issues']);
  });

  it('does not retire an authority while one of its certificates is valid; it names whose and until when', async () => {
    await trust();
    await later('issue', { leaveBehind: true });
    const found = await later('retire').catch((error: unknown) => error);
    expect(found).toMatchObject({ code: 'TB1364', parameters: { count: 2 } });
    const until = new Date(recordOf(node.certificate, trustDomain).notAfterMs).toISOString();
    expect(String((found as Error).message)).toContain(`node@430121 ${until}`);
  });

  it('drops the retired key from the ring, not before', async () => {
    const epochs = () => world.ring.list().filter(({ purpose }) => purpose === 'issuing-authority').length;
    await trust();
    await later('issue', { leaveBehind: true });
    expect(epochs()).toBe(2);
    await clock.pass(7 * dayMs + 1);
    await world.desk.reissue();
    await later('retire');
    expect(epochs()).toBe(1);
    expect(world.parts.issuers.epochOf(keyIdOf(next.issuing.certificate))).toBeDefined();
  });

  it('keeps to the order trust, issue, retire, one roll-over at a time', async () => {
    const code = 'TB1361';
    await expect(later('issue')).rejects.toMatchObject({ code });
    await expect(later('retire')).rejects.toMatchObject({ code });
    await trust();
    await expect(later('retire')).rejects.toMatchObject({ code });
    const third = await generation(3);
    await expect(world.step(third.order)).rejects.toMatchObject({ code });
    await later('issue', { leaveBehind: true });
    await expect(later('issue', { leaveBehind: true })).rejects.toMatchObject({ code });
  });

  it('tells the running hub of both roots, then of the one that is gone', async () => {
    const lessons: Lesson[] = [];
    world.reopen({ learn: async (lesson) => void lessons.push(lesson), cut: () => {} });
    await trust();
    expect(lessons.at(-1)?.roots).toHaveLength(2);
    expect(lessons.at(-1)?.lists).toHaveLength(4);
    await later('issue', { leaveBehind: true });
    await clock.pass(8 * dayMs);
    await world.desk.reissue();
    await later('retire');
    expect(lessons.at(-1)?.roots).toHaveLength(1);
    expect(lessons.at(-1)?.retired).toEqual([fingerprintOf(world.pki.root.certificate)]);
  });

  it('begun again after a crash that left only the key in the ring, it goes through', async () => {
    const { issuingKey } = { issuingKey: Uint8Array.from(next.issuing.privateKey) };
    world.ring = world.ring.withKey('issuing-authority', issuingKey, clock.nowMs());
    expect(issuerOf(await world.renew(node))).toBe(keyIdOf(world.pki.issuing.certificate));
    await trust();
    expect(await states()).toEqual(['issues', 'trusted']);
    expect(world.ring.list().filter(({ purpose }) => purpose === 'issuing-authority')).toHaveLength(2);
  });
});

describe('a next generation is refused', () => {
  const refused = async (order: Partial<RollOverOrder>, reason: RegExp) => {
    const error = await world.step({ ...next.order, ...order }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TB1360' });
    expect(String((error as Error).message)).toMatch(reason);
  };

  it('of another province', async () => {
    const foreign = await generation(2, 'hubei.example');
    await refused(foreign.order, /another trust domain/);
  });

  it('whose issuing authority another root signed', async () => {
    const other = await generation(2);
    await refused({ issuing: other.order.issuing ?? new Uint8Array() }, /has not signed/);
  });

  it('that is the present one again', async () => {
    const { root, issuing } = world.pki;
    const content = { number: 2, revoked: [], nowMs: clock.nowMs(), lifeMs: dayMs };
    const order = {
      rootFingerprint: fingerprintOf(root.certificate),
      root: root.certificate,
      issuing: issuing.certificate,
      rootList: await issueRevocationList(root, content),
    };
    await refused(order, /of that name exists/);
  });

  it('whose root is a leaf, or no certificate at all', async () => {
    await refused({ root: node.certificate }, /no authority/);
    await refused({ root: Buffer.from('junk') }, /does not parse/);
  });

  it('whose list is not its root’s', async () => {
    const other = await generation(2);
    await expect(
      world.step({ ...next.order, rootList: other.order.rootList ?? new Uint8Array() }),
    ).rejects.toMatchObject({ code: 'TB1324' });
  });
});
