import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pem } from '../../../core/base/pem.ts';
import type { Lesson } from '../../../core/site/trust/trust.ts';
import { AuthorityWorld, type Held } from '../../support/authority-world.ts';
import { ManualClock } from '../../support/cli-world.ts';
import { openssl, opensslMissing, opensslReason } from '../../support/openssl.ts';

const dayMs = 86_400_000;
let clock: ManualClock;
let world: AuthorityWorld;
let node: Held;
let gate: Held;

beforeEach(async () => {
  clock = new ManualClock();
  world = await AuthorityWorld.create({ clock });
  world.admit('430121');
  node = await world.enrolled('430121', 'node', '', ['node.example']);
  gate = await world.enrolled('430121', 'gate');
});
afterEach(() => world.close());

/** What the running hub was told, in order. */
class Told {
  readonly steps: string[] = [];
  revoked: readonly string[] = [];
  lists: readonly Uint8Array[] = [];

  readonly enforcement = {
    learn: async (lesson: Lesson) => {
      this.steps.push('set');
      this.revoked = lesson.revoked ?? [];
      await Promise.resolve();
      this.steps.push('context');
      this.lists = lesson.lists ?? [];
    },
    cut: (fingerprints: readonly string[]) => {
      this.steps.push(`cut ${fingerprints.length}`);
    },
  };
}

function listNumber(authorityId = world.parts.issuers.current().authorityId): number {
  return world.parts.lists.of(authorityId)?.number ?? 0;
}

function textOf(der: Uint8Array): string {
  const found = openssl({ 'l.pem': pem('X509 CRL', der) }, ['crl', '-in', 'l.pem', '-noout', '-text']);
  expect(found.status).toBe(0);
  return found.text;
}

describe('one revocation', () => {
  it('is row, registry entry, next list number and audit at once, then set, context, cut', async () => {
    const told = new Told();
    world.reopen(told.enforcement);
    const before = listNumber();
    const done = await world.revoke({ fingerprint: node.peer.fingerprint });
    expect(done.revoked.map(({ fingerprint, state }) => [fingerprint, state])).toEqual([
      [node.peer.fingerprint, 'revoked'],
    ]);
    expect(done.listNumber).toBe(before + 1);
    expect(listNumber()).toBe(before + 1);
    expect(world.rows('registry', 'revocation')).toContainEqual(
      expect.objectContaining({
        cert_fpr: node.peer.fingerprint,
        site_code: '430121',
        reason: 'key-compromise',
      }),
    );
    const { authorityId } = world.parts.issuers.current();
    expect(world.rows('registry', 'list')).toContainEqual(
      expect.objectContaining({ authority_id: authorityId, list_no: before + 1 }),
    );
    expect(told.steps).toEqual(['set', 'context', 'cut 1']);
    expect(told.revoked).toEqual([node.peer.fingerprint]);
    expect(world.rows('audit', 'act')).toContainEqual(
      expect.objectContaining({
        act_step: 'revoked',
        actor: 'officer/zhao@430000',
        subject: `node@430121 ${node.peer.fingerprint}`,
        reason: 'laptop was stolen',
        detail: 'key-compromise',
      }),
    );
    expect(world.desk.trust().revoked).toEqual([node.peer.fingerprint]);
    expect(world.desk.revokedMs(node.peer.fingerprint)).toBe(clock.nowMs());
  });

  it('asked for again changes nothing and is put in force again', async () => {
    await world.revoke({ fingerprint: node.peer.fingerprint });
    const [number, acts, grew] = [listNumber(), world.acts().length, world.grew];
    const told = new Told();
    world.reopen(told.enforcement);
    const again = await world.revoke({ fingerprint: node.peer.fingerprint });
    expect(again).toMatchObject({ revoked: [], already: 1, dismissed: false });
    expect([listNumber(), world.acts().length, world.grew]).toEqual([number, acts, grew]);
    expect(told.steps).toEqual(['set', 'context', 'cut 1']);
  });

  it('says what it would do without doing it', async () => {
    const before = [listNumber(), world.acts().length];
    const would = await world.revoke({ site: '430121', dryRun: true });
    expect(would.revoked.map(({ role, state }) => [role, state])).toEqual([
      ['node', 'valid'],
      ['gate', 'valid'],
    ]);
    expect(would.dismissed).toBe(true);
    expect([listNumber(), world.acts().length]).toEqual(before);
    expect(world.desk.trust().revoked).toEqual([]);
  });

  it('finds a certificate by its fingerprint however a tool prints it', async () => {
    const printed = new X509Certificate(node.certificate).fingerprint256;
    expect(printed).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const done = await world.revoke({ fingerprint: printed });
    expect(done.revoked).toHaveLength(1);
  });

  it('of a person takes every certificate of that person and nobody else', async () => {
    const zhao = await world.enrolled('430121', 'officer', 'zhao');
    const renewed = await world.renew(zhao);
    await world.enrolled('430121', 'officer', 'qian');
    const done = await world.revoke({ site: '430121', role: 'officer', name: 'zhao', reason: 'left' });
    const found = done.revoked.map(({ fingerprint }) => fingerprint).sort();
    expect(found).toEqual([zhao.peer.fingerprint, renewed.peer.fingerprint].sort());
    expect(done.dismissed).toBe(false);
  });

  it('without audit changes nothing at all', async () => {
    const { database } = world.data.store;
    const number = listNumber();
    database.execute("CREATE TRIGGER full BEFORE INSERT ON audit_act BEGIN SELECT RAISE(ABORT, 'full'); END");
    await expect(world.revoke({ fingerprint: node.peer.fingerprint })).rejects.toThrow();
    expect(listNumber()).toBe(number);
    expect(world.rows('registry', 'revocation')).toEqual([]);
    expect(world.desk.trust().revoked).toEqual([]);
  });

  it.each([
    [{ fingerprint: 'zz' }, 'TB1355'],
    [{ fingerprint: 'ab'.repeat(32), site: '430121' }, 'TB1355'],
    [{ site: '43012' }, 'TB1355'],
    [{ site: '430121', role: 'king' }, 'TB1355'],
    [{ site: '430121', role: 'officer', name: '' }, 'TB1355'],
    [{ site: '430121', reason: 'because' }, 'TB1355'],
    [{ site: '430121', note: 'x' }, 'TB1355'],
    [{ fingerprint: 'ab'.repeat(32) }, 'TB1354'],
    [{ site: '430999' }, 'TB1354'],
    [{ site: '430000' }, 'TB1356'],
    [{ site: '430000', role: 'hub' }, 'TB1357'],
  ])('asked for as %o is refused with %s', async (order, code) => {
    await expect(world.revoke(order)).rejects.toMatchObject({ code });
  });
});

describe('a dismissed site', () => {
  it('loses all certificates, leaves the registry, keeps its row there, and comes back only by enrolment', async () => {
    const done = await world.revoke({ site: '430121', reason: 'site-dismissed' });
    expect(done.revoked.map(({ role }) => role).sort()).toEqual(['gate', 'node']);
    expect(done.dismissed).toBe(true);
    expect(world.rows('registry', 'site')).toContainEqual(
      expect.objectContaining({ site_code: '430121', stas: '3' }),
    );
    expect(world.acts('certificate')).toContain('dismissed');
    for (const held of [node, gate]) {
      await expect(world.renew(held)).rejects.toMatchObject({ code: 'TB1302' });
    }
    const again = await world.revoke({ site: '430121', reason: 'site-dismissed' });
    expect(again).toMatchObject({ revoked: [], already: 2, dismissed: false });
    world.admit('430121');
    expect(world.rows('registry', 'site')).toContainEqual(
      expect.objectContaining({ site_code: '430121', stas: '1' }),
    );
  });
});

describe('after a crash', () => {
  it('between transaction and context the revocation is in force at the next opening', async () => {
    const crash = new Error('the process ended here');
    world.reopen({ learn: () => Promise.reject(crash), cut: () => {} });
    await expect(world.revoke({ fingerprint: node.peer.fingerprint })).rejects.toBe(crash);
    const told = new Told();
    world.reopen(told.enforcement);
    await world.desk.start(() => {});
    await world.desk.stop();
    expect(told.revoked).toEqual([node.peer.fingerprint]);
    expect(told.steps.slice(-3)).toEqual(['set', 'context', 'cut 1']);
    expect(told.lists.map((der) => Buffer.from(der))).toContainEqual(
      Buffer.from(world.parts.lists.of(world.parts.issuers.current().authorityId)?.der ?? []),
    );
    if (!opensslMissing) {
      const { serialNumber } = new X509Certificate(node.certificate);
      expect(told.lists.map(textOf).join('')).toContain(`Serial Number: ${serialNumber}
`);
    }
  });

  it('connections are cut even when the new context can not be made', async () => {
    let cut: readonly string[] = [];
    world.reopen({ learn: () => Promise.reject(new Error('disk')), cut: (all) => (cut = all) });
    await expect(world.revoke({ fingerprint: node.peer.fingerprint })).rejects.toThrow('disk');
    expect(cut).toEqual([node.peer.fingerprint]);
  });
});

describe.skipIf(opensslMissing)(`openssl as a judge${opensslReason}`, () => {
  const verify = (leaf: Uint8Array, lists: readonly Uint8Array[]) =>
    openssl(
      {
        'root.pem': pem('CERTIFICATE', world.pki.root.certificate),
        'issuing.pem': pem('CERTIFICATE', world.pki.issuing.certificate),
        'leaf.pem': pem('CERTIFICATE', leaf),
        'lists.pem': Buffer.concat(lists.map((der) => pem('X509 CRL', der))),
      },
      [
        ...['verify', '-x509_strict', '-crl_check_all', '-attime', String(Math.floor(clock.nowMs() / 1000))],
        ...['-CAfile', 'root.pem', '-untrusted', 'issuing.pem', '-CRLfile', 'lists.pem', 'leaf.pem'],
      ],
    ).text;

  it('reads every list that is issued, with growing numbers and the authority', async () => {
    const { authorityId } = world.parts.issuers.current();
    for (let i = 0; i < 3; i += 1) {
      await clock.pass(7 * 3_600_000);
      await world.desk.reissue();
      const list = world.parts.lists.of(authorityId);
      const text = textOf(list?.der ?? new Uint8Array());
      expect(text).toMatch(new RegExp(`CRL Number:\\s+${i + 2}\\n`));
      expect(text.replaceAll(':', '').toLowerCase()).toContain(authorityId);
    }
  });

  it('refuses what was revoked and takes what was not, by the lists that everybody is given', async () => {
    expect(verify(node.certificate, world.desk.trust().crls)).toContain('leaf.pem: OK');
    await world.revoke({ fingerprint: node.peer.fingerprint });
    const { crls } = world.desk.trust();
    expect(verify(node.certificate, crls)).toContain('certificate revoked');
    expect(verify(gate.certificate, crls)).toContain('leaf.pem: OK');
  });

  it('leaves out certificates that ended more than a day ago', async () => {
    await world.revoke({ fingerprint: node.peer.fingerprint });
    const { authorityId } = world.parts.issuers.current();
    const serials = () =>
      textOf(world.parts.lists.of(authorityId)?.der ?? new Uint8Array()).match(/Serial Number/g)?.length ?? 0;
    expect(serials()).toBe(1);
    await clock.pass(7 * dayMs + 3_600_000);
    await world.desk.reissue();
    expect(serials()).toBe(1);
    await clock.pass(dayMs);
    await world.desk.reissue();
    expect(serials()).toBe(0);
    expect(world.desk.trust().revoked).toEqual([]);
  });
});
