import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIssuing, createRoot } from '../../../../certs/authority.ts';
import { issueRevocationList } from '../../../../certs/revocation-list.ts';
import { systemClock } from '../../../../core/base/clock.ts';
import { nodeFiles } from '../../../../core/seal/file-system.ts';
import { Trust } from '../../../../core/site/trust/trust.ts';
import { storeIdentity } from '../../../support/door-setting.ts';
import { issuance, Pki, type TestIdentity } from '../../../support/pki.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';

const dayMs = 86_400_000;
let pki: Pki;
let own: TestIdentity;
let folder: TemporaryFolder;
let nowMs: number;
const clock = { nowMs: () => nowMs };

beforeEach(async () => {
  nowMs = systemClock.nowMs();
  pki = await Pki.create();
  await pki.publish([], nowMs, 7 * dayMs);
  own = await pki.identity('430121', 'node');
  folder = TemporaryFolder.inMemory();
  storeIdentity(folder.path, pki, own);
});
afterEach(() => folder.remove());

const open = (files = nodeFiles) =>
  Trust.open({ folder: folder.path, trustDomain: pki.trustDomain, clock, files }, own.material);
const lists = () => pki.lists.map(({ der }) => der);
const leafOf = ({ material }: TestIdentity) => material.chain[0] ?? new Uint8Array();

describe('what a site trusts', () => {
  it('refuses a revoked certificate from the moment it is told, and after a restart', async () => {
    const peer = await pki.identity('430122', 'node');
    const trust = await open();
    expect(trust.examine(leafOf(peer))).toMatchObject({ site: '430122' });
    const told: unknown[] = [];
    trust.onChange(() => told.push(trust.examine(leafOf(peer))));
    void trust.learn({ revoked: [peer.fingerprint] });
    // Nothing was awaited.
    expect(told).toEqual([{ refusal: 'revoked' }]);
    expect((await open()).examine(leafOf(peer))).toEqual({ refusal: 'revoked' });
    expect(statSync(join(folder.path, 'revoked')).mode & 0o077).toBe(0);
  });

  it('refuses whom a list names although the fingerprint was never told, whatever the form of the serial', async () => {
    const trust = await open();
    const peers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => pki.identity(`4302${i + 10}`, 'node')),
    );
    await pki.publish(
      peers.map(({ serial }, i) => ({ serial: i % 2 ? serial.toUpperCase() : serial, revokedMs: nowMs })),
      nowMs,
      7 * dayMs,
    );
    await trust.learn({ lists: lists() });
    expect(trust.revoked.size).toBe(0);
    for (const peer of peers) expect(trust.examine(leafOf(peer))).toEqual({ refusal: 'revoked' });
    expect(trust.examine(leafOf(own))).toMatchObject({ site: '430121' });
  });

  it('never goes back to an older list, not even after a restart', async () => {
    const trust = await open();
    const older = lists();
    const peer = await pki.identity('430122', 'node');
    await pki.publish([{ serial: peer.serial, revokedMs: nowMs }], nowMs, 7 * dayMs);
    await trust.learn({ lists: lists() });
    for (const each of [trust, await open()]) {
      await expect(each.learn({ lists: older })).rejects.toMatchObject({ code: 'TB1323' });
      expect(each.examine(leafOf(peer))).toEqual({ refusal: 'revoked' });
    }
  });

  it('takes no list of a stranger and no list that was changed', async () => {
    const trust = await open();
    const stranger = await Pki.create();
    await expect(trust.learn({ lists: stranger.lists.map(({ der }) => der) })).rejects.toMatchObject({
      code: 'TB1324',
    });
    await pki.publish([], nowMs, 7 * dayMs);
    const changed = Buffer.from(lists()[1] ?? '');
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    await expect(trust.learn({ lists: [changed] })).rejects.toMatchObject({ code: 'TB1324' });
    await trust.learnLists([...stranger.lists.map(({ der }) => der), changed, ...lists()]);
    expect(trust.lists.map(({ number }) => number)).toEqual([3, 3]);
  });

  it('takes a new root of its own trust domain, and none of another', async () => {
    const trust = await open();
    const next = await createRoot({ trustDomain: pki.trustDomain, number: 2 }, issuance);
    const issuing = await createIssuing(next, { trustDomain: pki.trustDomain, number: 2 }, issuance);
    const foreign = await createRoot({ trustDomain: 'hubei.example', number: 1 }, issuance);
    await expect(trust.learn({ roots: [foreign.certificate] })).rejects.toMatchObject({ code: 'TB1390' });
    await expect(trust.learn({ roots: [issuing.certificate] })).rejects.toMatchObject({ code: 'TB1390' });
    await expect(trust.learn({ issuers: [issuing.certificate] })).rejects.toMatchObject({ code: 'TB1390' });
    const content = { number: 1, revoked: [], nowMs, lifeMs: 7 * dayMs };
    const both = [await issueRevocationList(next, content), await issueRevocationList(issuing, content)];
    await trust.learn({ roots: [next.certificate], issuers: [issuing.certificate], lists: both });
    for (const each of [trust, await open()]) {
      expect(each.material.roots).toHaveLength(2);
      expect(each.material.lists).toHaveLength(4);
    }
    // An expired list of the other generation keeps out nobody of this one.
    nowMs += 8 * dayMs;
    await pki.publish([], nowMs, 7 * dayMs);
    await trust.learn({ lists: lists() });
    expect(trust.lapsed()).toEqual([]);
    expect(trust.material.lists).toHaveLength(2);
  });

  it('keeps the root above its own certificate, whatever it is told', async () => {
    const trust = await open();
    const root = pki.root.certificate;
    const { createHash } = await import('node:crypto');
    await trust.learn({ retired: [createHash('sha256').update(root).digest('hex')] });
    expect(trust.material.roots).toHaveLength(1);
  });

  it('raises the alarm at half of the life of a list, and names the one that has expired', async () => {
    const trust = await open();
    expect(trust.troubles()).toEqual([]);
    nowMs += 3.6 * dayMs;
    expect(trust.troubles().map(({ code }) => code)).toEqual(['TB1395', 'TB1395']);
    expect(trust.lapsed()).toEqual([]);
    nowMs += 4 * dayMs;
    expect(trust.lapsed().map(({ code }) => code)).toEqual(['TB1396', 'TB1396']);
    expect(trust.lapsed()[1]?.message).toContain('Tongbu issuing 1');
  });

  it('says at the start which list is missing, rather than refusing everybody', async () => {
    storeIdentity(folder.path, pki, { ...own, material: { ...own.material, lists: pki.lists.slice(0, 1) } });
    await expect(open()).rejects.toMatchObject({
      code: 'TB1322',
      parameters: { authority: expect.stringContaining('Tongbu issuing 1') },
    });
  });

  it('does not start with a set of revoked certificates that it can not read', async () => {
    writeFileSync(join(folder.path, 'revoked'), 'ab'.repeat(31));
    await expect(open()).rejects.toMatchObject({ code: 'TB1003' });
  });

  it.each(['openSync', 'writeSync', 'fsyncSync', 'renameSync'] as const)(
    'refuses a revoked certificate also when %s fails, and leaves whole files',
    async (step) => {
      const trust = await open({
        ...nodeFiles,
        [step]: () => {
          throw Object.assign(new Error('no'), { code: 'ENOSPC' });
        },
      });
      const before = readFileSync(join(folder.path, 'crl.pem'), 'latin1');
      const peer = await pki.identity('430122', 'node');
      await expect(trust.learn({ revoked: [peer.fingerprint] })).rejects.toMatchObject({ code: 'TB1397' });
      expect(trust.examine(leafOf(peer))).toEqual({ refusal: 'revoked' });
      await pki.publish([], nowMs, 7 * dayMs);
      await expect(trust.learn({ lists: lists() })).rejects.toMatchObject({ code: 'TB1397' });
      expect(readFileSync(join(folder.path, 'crl.pem'), 'latin1')).toBe(before);
      expect((await open()).lists).toHaveLength(2);
    },
  );

  it('tells the others although one listener fails, and then says so', async () => {
    const trust = await open();
    let told = 0;
    trust.onChange(() => {
      throw new RangeError('one of them');
    });
    trust.onChange(() => {
      told += 1;
    });
    await expect(trust.learn({ revoked: ['ab'.repeat(32)] })).rejects.toThrow('one of them');
    expect(told).toBe(1);
    expect((await open()).revoked.size).toBe(1);
  });

  it('forgets revocations of certificates that have long ended', async () => {
    const trust = await open();
    await trust.learn({ revoked: ['ab'.repeat(32)] });
    nowMs += 63 * dayMs;
    expect((await open()).revoked.size).toBe(0);
  });
});
