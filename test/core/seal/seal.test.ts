import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../core/base/random.ts';
import { JournalKey } from '../../../core/seal/journal-key.ts';
import { Seal } from '../../../core/seal/seal.ts';
import { parseState, printState } from '../../../core/seal/seal-state.ts';
import { printManifest } from '../../../core/seal/share-set.ts';
import { printShareText } from '../../../core/seal/share-text.ts';
import {
  folderOf,
  holdersOf,
  initOptions,
  refusal,
  ringBytes,
  ringOf,
  sealedSite,
  site,
  TestClock,
} from './setting.ts';

const minuteMs = 60_000;

describe('init', () => {
  test('a folder without state is empty, and nothing but init answers there', () => {
    const seal = Seal.open(folderOf(), { site, clock: new TestClock(), random: seededRandom(1) });
    expect(seal.status()).toMatchObject({ state: 'empty', epoch: 0, setId: undefined, received: [] });
    expect(refusal(() => seal.enterShare('chen', 'tbs1')).code).toBe('TB1203');
    expect(refusal(() => seal.ring())).toEqual({ code: 'TB1201', parameters: { site } });
    expect(seal.seal('operator')).toBe('nothing');
  });

  test('keys are in force only when every holder has confirmed, also across a restart', async () => {
    const folder = folderOf();
    const clock = new TestClock();
    const { shares, manifestHash } = await Seal.init(folder, initOptions(clock));
    const open = () => Seal.open(folder, { site, clock, random: seededRandom(2) });
    const [chen, li, wang] = shares;
    if (chen === undefined || li === undefined || wang === undefined) return expect.fail('three shares');
    expect(new Set(shares.map((share) => share.manifestHash))).toEqual(new Set([manifestHash]));
    const seal = open();
    expect(seal.status()).toMatchObject({
      state: 'empty',
      manifestHash,
      ceremony: { kind: 'init', required: 3 },
    });
    expect(refusal(() => seal.enterShare('chen', printShareText(chen)))).toEqual({
      code: 'TB1204',
      parameters: { kind: 'init', openedBy: 'operator' },
    });
    expect(seal.confirm('chen', chen)).toMatchObject({ received: ['chen'], active: false });
    expect(refusal(() => seal.confirm('chen', chen)).code).toBe('TB1214');
    expect(refusal(() => seal.confirm('li', wang)).code).toBe('TB1212');
    const again = open();
    expect(again.status().received).toEqual(['chen']);
    again.confirm('li', li);
    expect(again.confirm('wang', wang)).toMatchObject({ active: true });
    expect(again.status()).toMatchObject({ state: 'sealed', epoch: 1, threshold: 2, holders: 3 });
    expect(refusal(() => again.confirm('wang', wang)).code).toBe('TB1203');
  });

  test('a share whose file names another site, set or manifest confirms nothing', async () => {
    const folder = folderOf();
    const clock = new TestClock();
    const { shares } = await Seal.init(folder, initOptions(clock));
    const [chen] = shares;
    if (chen === undefined) return expect.fail('a share');
    const seal = Seal.open(folder, { site, clock, random: seededRandom(2) });
    const altered = Uint8Array.from(chen.value);
    altered[0] = (altered[0] ?? 0) ^ 1;
    const code = (change: object) => refusal(() => seal.confirm('chen', { ...chen, ...change })).code;
    expect(code({ site: '430122' })).toBe('TB1210');
    expect(code({ setId: '00'.repeat(16) })).toBe('TB1211');
    expect(code({ manifestHash: '00'.repeat(32) })).toBe('TB1216');
    expect(code({ holder: 2 })).toBe('TB1212');
    expect(code({ value: altered })).toBe('TB1213');
    expect(seal.status().received).toEqual([]);
  });

  test('init may be repeated until it is confirmed; the abandoned set is named', async () => {
    const folder = folderOf();
    const clock = new TestClock();
    const first = await Seal.init(folder, initOptions(clock));
    const second = await Seal.init(folder, initOptions(clock));
    const seal = Seal.open(folder, { site, clock, random: seededRandom(2) });
    const abandoned = first.shares[0];
    if (abandoned === undefined) return expect.fail('a share');
    expect(refusal(() => seal.confirm('chen', abandoned))).toMatchObject({
      code: 'TB1211',
      parameters: { set: abandoned.setId, epoch: 1 },
    });
    seal.confirmAll(second.shares);
    expect(seal.status().epoch).toBe(2);
    await expect(Seal.init(folder, initOptions(clock))).rejects.toMatchObject({ code: 'TB1220' });
    expect(seal.enterShare('li', printShareText(second.shares[1] ?? abandoned)).required).toBe(2);
  });

  test('a confirmation that comes a day late is refused', async () => {
    const folder = folderOf();
    const clock = new TestClock();
    const { shares } = await Seal.init(folder, initOptions(clock));
    const seal = Seal.open(folder, { site, clock, random: seededRandom(2) });
    clock.advance(24 * 60 * minuteMs);
    expect(refusal(() => seal.confirmAll(shares))).toEqual({ code: 'TB1205', parameters: { kind: 'init' } });
  });

  test('one share is never enough by configuration', async () => {
    const options = initOptions(new TestClock(), { threshold: 1, holders: holdersOf(['chen', 'li']) });
    const folder = folderOf();
    await expect(Seal.init(folder, options)).rejects.toMatchObject({ code: 'TB1221' });
    expect(fs.existsSync(join(folder, 'seal.state'))).toBe(false);
  });
});

describe('unseal', () => {
  test('any two of three shares open the ring, in either order', async () => {
    for (const [a, b] of [
      [0, 1],
      [2, 0],
      [1, 2],
    ] as const) {
      const { seal, shares, texts } = await sealedSite();
      expect(seal.status().state).toBe('sealed');
      const one = seal.enterShare(shares[a]?.officer ?? '', texts[a] ?? '');
      expect(one).toMatchObject({ opened: false, required: 2, received: [shares[a]?.officer] });
      expect(seal.status()).toMatchObject({ state: 'unsealing', expiresAtMs: one.expiresAtMs });
      const two = seal.enterShare(shares[b]?.officer ?? '', texts[b] ?? '', { ceremonyId: one.ceremonyId });
      expect(two).toMatchObject({ opened: true, ceremonyId: one.ceremonyId });
      expect(seal.status()).toMatchObject({ state: 'unsealed', received: [], ceremony: undefined });
      expect(Buffer.from(seal.ring().key('db'))).toEqual(ringBytes);
    }
  });

  test('every single share, alone or twice, opens nothing', async () => {
    const { shares, texts, reopen } = await sealedSite();
    for (const [i, share] of shares.entries()) {
      const seal = reopen();
      seal.enterShare(share.officer, texts[i] ?? '');
      expect(refusal(() => seal.enterShare(share.officer, texts[i] ?? ''))).toEqual({
        code: 'TB1214',
        parameters: { officer: share.officer, set: share.setId },
      });
      expect(seal.status().state).toBe('unsealing');
      expect(refusal(() => seal.ring()).code).toBe('TB1201');
    }
  });

  test('two shares from different sets never open, and the error names the set', async () => {
    const { seal, texts } = await sealedSite();
    const other = await sealedSite();
    seal.enterShare('chen', texts[0] ?? '');
    expect(refusal(() => seal.enterShare('li', other.texts[1] ?? ''))).toEqual({
      code: 'TB1211',
      parameters: {
        officer: 'li',
        set: other.shares[1]?.setId.slice(0, 16),
        epoch: '?',
        wanted: seal.status().setId,
      },
    });
    expect(seal.status().received).toEqual(['chen']);
  });

  test('each wrong entry is told its reason and changes nothing; the right share then opens', async () => {
    const standing = (officer: string) =>
      officer === 'zhao' ? 'revoked' : officer === 'qian' ? 'unknown' : 'good';
    const { seal, texts, shares, reopen } = await sealedSite({}, { standing });
    const { ceremonyId } = seal.enterShare('chen', texts[0] ?? '');
    const text = texts[1] ?? '';
    const share = shares[1];
    if (share === undefined) return expect.fail('a share');
    const altered = Uint8Array.from(share.value);
    altered[31] = (altered[31] ?? 0) ^ 1;
    const before = seal.status();
    const set = share.setId;
    const tries = [
      [() => seal.enterShare('qian', text), 'TB1206', { officer: 'qian' }],
      [() => seal.enterShare('Qian; DROP', text), 'TB1206', { officer: '?' }],
      [() => seal.enterShare('sun', text), 'TB1207', { officer: 'sun', set }],
      [() => seal.enterShare('zhao', text), 'TB1208', { officer: 'zhao' }],
      [() => seal.enterShare('li', `${text.slice(0, -1)}q`), 'TB1209', { officer: 'li' }],
      [
        () => seal.enterShare('li', text, { site: '430122' }),
        'TB1210',
        { officer: 'li', found: '430122', site },
      ],
      [() => seal.enterShare('wang', text), 'TB1212', { officer: 'wang', set, holder: 2 }],
      [
        () => seal.enterShare('li', printShareText({ ...share, value: altered })),
        'TB1213',
        { officer: 'li', set },
      ],
      [() => seal.enterShare('chen', texts[0] ?? ''), 'TB1214', { officer: 'chen', set }],
      [() => seal.enterShare('li', text, { epoch: 9 }), 'TB1218', { officer: 'li', epoch: 1, seen: 9 }],
      [() => seal.enterShare('li', text, { journalHead: 'ab'.repeat(32) }), 'TB1222', { officer: 'li' }],
      [
        () => seal.enterShare('li', text, { ceremonyId: 'ab'.repeat(16) }),
        'TB1204',
        { kind: 'unseal', openedBy: 'chen' },
      ],
    ] as const;
    for (const [work, code, parameters] of tries) expect(refusal(work)).toEqual({ code, parameters });
    const mismatch = refusal(() => seal.enterShare('li', text, { manifestHash: '00'.repeat(32) }));
    expect(mismatch).toEqual({
      code: 'TB1216',
      parameters: { found: '00'.repeat(32), manifest: before.manifestHash },
    });
    expect({ ...seal.status(), journalHead: '' }).toEqual({ ...before, journalHead: '' });
    const view = {
      ceremonyId,
      site,
      epoch: 1,
      manifestHash: share.manifestHash,
      journalHead: before.journalHead,
    };
    expect(seal.enterShare('li', text.toUpperCase(), view).opened).toBe(true);
    expect(refusal(() => seal.enterShare('wang', texts[2] ?? ''))).toEqual({
      code: 'TB1202',
      parameters: { site },
    });
    expect(refusal(() => reopen().enterShare('wang', texts[2] ?? '', { ceremonyId })).code).toBe('TB1203');
  });

  test('after half an hour the entered shares are wiped and the ceremony is named as expired', async () => {
    const { seal, texts, clock } = await sealedSite();
    const { ceremonyId } = seal.enterShare('chen', texts[0] ?? '');
    clock.advance(30 * minuteMs - 1);
    expect(seal.status().state).toBe('unsealing');
    clock.advance(1);
    expect(seal.status()).toMatchObject({ state: 'sealed', received: [], lost: ['chen'] });
    expect(refusal(() => seal.enterShare('li', texts[1] ?? '', { ceremonyId }))).toEqual({
      code: 'TB1205',
      parameters: { kind: 'unseal' },
    });
    expect(seal.enterShare('li', texts[1] ?? '')).toMatchObject({ opened: false, received: ['li'] });
    expect(seal.enterShare('chen', texts[0] ?? '').opened).toBe(true);
  });

  test('a restart loses the entered shares and says whose they were', async () => {
    const { seal, texts, reopen } = await sealedSite();
    const { ceremonyId } = seal.enterShare('chen', texts[0] ?? '');
    const again = reopen();
    expect(again.status()).toMatchObject({ state: 'sealed', received: [], lost: ['chen'] });
    expect(refusal(() => again.enterShare('li', texts[1] ?? '', { ceremonyId })).code).toBe('TB1205');
    expect(again.enterShare('li', texts[1] ?? '').received).toEqual(['li']);
  });
});

describe('unsealed', () => {
  test('seal wipes the keys or cancels an unsealing, and a sealed site has nothing to seal', async () => {
    const { seal, texts } = await sealedSite();
    expect(seal.seal('operator')).toBe('nothing');
    seal.enterShare('chen', texts[0] ?? '');
    expect(seal.seal('operator')).toBe('cancelled');
    expect(seal.status()).toMatchObject({ state: 'sealed', lost: ['chen'] });
    seal.enterShare('chen', texts[0] ?? '');
    seal.enterShare('li', texts[1] ?? '');
    const key = seal.ring().key('db');
    expect(seal.seal('wang', 'emergency-sealed')).toBe('sealed');
    expect(key).toEqual(new Uint8Array(32));
    expect(refusal(() => seal.ring()).code).toBe('TB1201');
    expect(seal.journalRecords().at(-1)).toMatchObject({ step: 'emergency-sealed', officer: 'wang' });
  });

  test('a changed ring opens with the same shares and has the next epoch', async () => {
    const { seal, texts, reopen } = await sealedSite();
    const enter = (at: Seal) => ['chen', 'li'].map((officer, i) => at.enterShare(officer, texts[i] ?? ''));
    expect(refusal(() => seal.replaceRing((ring) => ring)).code).toBe('TB1201');
    enter(seal);
    const old = seal.ring();
    const { epoch } = seal.status();
    seal.replaceRing((ring) => ring.withKey('tls', Buffer.alloc(64, 3), 9));
    expect(seal.status().epoch).toBe(epoch + 1);
    expect(Buffer.from(seal.ring().key('db'))).toEqual(ringBytes);
    expect(refusal(() => old.key('db')).code).toBe('TB1226');
    const again = reopen();
    enter(again);
    expect(again.ring().key('tls')).toEqual(new Uint8Array(64).fill(3));
  });
});

describe('start', () => {
  const stateOf = (folder: string) => join(folder, 'seal.state');

  test.each(['seal.state', 'journal.key', 'journal'])(
    'a %s that others can read is refused',
    async (name) => {
      const { folder, reopen } = await sealedSite();
      expect(fs.statSync(join(folder, name)).mode & 0o777).toBe(0o600);
      for (const mode of [0o640, 0o604, 0o660]) {
        fs.chmodSync(join(folder, name), mode);
        expect(refusal(reopen)).toEqual({
          code: 'TB1223',
          parameters: { path: join(folder, name), mode: mode.toString(8) },
        });
      }
    },
  );

  test('the state of another site, or a damaged one, is refused and never replaced by init', async () => {
    const { folder, clock } = await sealedSite();
    const open = (code: string) => Seal.open(folder, { site: code, clock, random: seededRandom(1) });
    expect(refusal(() => open('430122'))).toMatchObject({
      code: 'TB1217',
      parameters: { reason: `site ${site}` },
    });
    const bytes = fs.readFileSync(stateOf(folder));
    for (const at of [0, 40, Math.floor(bytes.length / 2), bytes.length - 2]) {
      const bad = Buffer.from(bytes);
      bad[at] = (bad[at] ?? 0) ^ 1;
      fs.writeFileSync(stateOf(folder), bad);
      expect(refusal(() => open(site))).toMatchObject({
        code: 'TB1217',
        parameters: { path: stateOf(folder) },
      });
    }
    fs.writeFileSync(stateOf(folder), '');
    expect(refusal(() => open(site)).code).toBe('TB1217');
    await expect(Seal.init(folder, initOptions(clock))).rejects.toMatchObject({ code: 'TB1217' });
  });

  test('a state that was in force and is gone is called lost, and init does not replace it', async () => {
    const { folder, clock, reopen } = await sealedSite();
    const bytes = fs.readFileSync(stateOf(folder));
    fs.rmSync(stateOf(folder));
    const lost = { code: 'TB1217', parameters: { path: stateOf(folder), reason: 'missing' } };
    expect(refusal(reopen)).toEqual(lost);
    await expect(Seal.init(folder, initOptions(clock))).rejects.toMatchObject(lost);
    fs.writeFileSync(stateOf(folder), bytes, { mode: 0o600 });
    expect(reopen().status().state).toBe('sealed');
  });

  test('a set whose commitments do not fit its threshold is refused at every start', async () => {
    const { folder, reopen } = await sealedSite();
    const state = parseState(fs.readFileSync(stateOf(folder)));
    if (typeof state === 'string' || state.active === undefined) return expect.fail('a state');
    const { active } = state;
    const seed = fs.readFileSync(join(folder, 'journal.key'));
    const key = new JournalKey(active.set.journal.name, seed);
    const set = { ...active.set, threshold: 3 };
    const forged = { ...active, set, manifest: printManifest(set, key) };
    fs.writeFileSync(stateOf(folder), printState({ ...state, active: forged }));
    expect(refusal(reopen)).toMatchObject({ code: 'TB1225', parameters: { found: 2, threshold: 3 } });
    const times = { openedBy: 'chen', openedAtMs: 1, expiresAtMs: 2, reason: '' };
    const counts = { setId: set.setId, required: 3, received: [] };
    const change = { id: '12'.repeat(16), kind: 'change-holders', ...counts, ...times } as const;
    fs.writeFileSync(stateOf(folder), printState({ ...state, pending: forged, change }));
    expect(refusal(reopen).code).toBe('TB1225');
  });

  test('a journal key or journal of another folder is refused', async () => {
    const one = await sealedSite();
    const two = await sealedSite();
    const key = fs.readFileSync(join(one.folder, 'journal.key'));
    fs.copyFileSync(join(two.folder, 'journal.key'), join(one.folder, 'journal.key'));
    expect(refusal(one.reopen).code).toBe('TB1217');
    fs.writeFileSync(join(one.folder, 'journal.key'), key);
    one.reopen();
    fs.copyFileSync(join(two.folder, 'journal'), join(one.folder, 'journal'));
    expect(refusal(one.reopen)).toMatchObject({
      code: 'TB1217',
      parameters: { reason: 'journal signature' },
    });
  });

  test('wrapped keys that come from another state are named as damage, not as a wrong share', async () => {
    const { seal, texts, folder, reopen } = await sealedSite();
    seal.enterShare('chen', texts[0] ?? '');
    seal.enterShare('li', texts[1] ?? '');
    const before = fs.readFileSync(stateOf(folder), 'latin1');
    seal.replaceRing((ring) => ring.withKey('field', Buffer.alloc(32), 9));
    const { createHash } = await import('node:crypto');
    const oldRing = /^ring .*$/m.exec(before)?.[0] ?? '';
    const text = fs
      .readFileSync(stateOf(folder), 'latin1')
      .replace(/^ring .*$/m, oldRing)
      .replace(/sha256 .*\n$/, '');
    fs.writeFileSync(stateOf(folder), `${text}sha256 ${createHash('sha256').update(text).digest('hex')}\n`);
    const again = reopen();
    again.enterShare('chen', texts[0] ?? '');
    const damaged = { code: 'TB1217', parameters: { path: stateOf(folder), reason: 'wrapped keys' } };
    expect(refusal(() => again.enterShare('li', texts[1] ?? ''))).toEqual(damaged);
  });

  test('no file of a sealed site contains a key, a share or the secret in any encoding', async () => {
    const ring = ringOf();
    const { folder, shares, texts } = await sealedSite({ ring });
    const secrets = [ring.key('db'), ring.key('log'), ...shares.map((share) => share.value)].map((s) =>
      Buffer.from(s),
    );
    for (const name of fs.readdirSync(folder)) {
      const bytes = fs.readFileSync(join(folder, name));
      const decoded = [...bytes.toString('latin1').matchAll(/[A-Za-z0-9+/]{24,}=*/g)].map(([text]) =>
        Buffer.from(text, 'base64'),
      );
      for (const secret of secrets) {
        for (const form of [secret, secret.toString('hex'), secret.toString('base64').slice(2, -4)]) {
          expect(bytes.includes(form), name).toBe(false);
        }
        for (const part of decoded) expect(part.includes(secret), name).toBe(false);
      }
      for (const text of texts) expect(bytes.includes(text), name).toBe(false);
    }
  });
});
