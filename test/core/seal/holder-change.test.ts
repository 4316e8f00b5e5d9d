import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { readShareFile } from '../../../core/seal/share-file.ts';
import { manifestHash } from '../../../core/seal/share-set.ts';
import {
  agree,
  dealNext,
  fetched,
  identityOf,
  open,
  orderOf,
  proveAll,
  successors,
} from './ceremony-setting.ts';
import { copyOf, officers, refusal, ringBytes, sealedSite, site } from './setting.ts';

const age = spawnSync('age', ['--version']).status === 0;
const hourMs = 3_600_000;

/** The code that a promise ends with. */
async function refused(work: Promise<unknown>): Promise<string> {
  const failure = await work.then(
    () => 'not refused',
    (error: unknown) => error,
  );
  return failure instanceof Fault ? failure.code : String(failure);
}

const steps = (seal: Awaited<ReturnType<typeof sealedSite>>['seal']) =>
  seal.journalRecords().map(({ step, officer, result }) => `${step} ${officer} ${result}`);

describe('a change of holders', { timeout: 60_000 }, () => {
  test('needs t old holders, then t new ones, and ends with the new set alone', async () => {
    const { seal, texts, reopen } = await sealedSite();
    open(seal, texts);
    const before = seal.status();
    const asked = seal.openCeremony('change-holders', 'wang', 'wang leaves', orderOf());
    expect(asked.ceremony).toMatchObject({
      kind: 'change-holders',
      openedBy: 'wang',
      received: [],
      required: 2,
    });
    expect(asked.pending).toMatchObject({ threshold: 2, officers: successors, setId: undefined });
    expect(asked.pending?.ordered).toEqual(orderOf().holders);
    await agree(seal, texts);
    const dealt = seal.status();
    expect(dealt).toMatchObject({
      state: 'unsealed',
      setId: before.setId,
      epoch: before.epoch,
      unproved: [],
    });
    expect(dealt.pending).toMatchObject({ threshold: 2, officers: successors, proved: [], ordered: [] });
    const { active, pending } = seal.manifests();
    expect(manifestHash(active ?? Buffer.alloc(0))).toBe(before.manifestHash);
    expect(manifestHash(pending ?? Buffer.alloc(0))).toBe(dealt.pending?.manifestHash);

    const shares = await Promise.all(successors.map((officer) => fetched(seal, officer)));
    expect(new Set(shares.map((share) => share.manifestHash))).toEqual(
      new Set([dealt.pending?.manifestHash]),
    );
    const [li, sun, zhou] = shares;
    const one = seal.proveShare('li', li?.text ?? '', { ceremonyId: dealt.pending?.changeId });
    expect(one).toMatchObject({ setId: before.setId, received: ['li'], pending: { proved: ['li'] } });
    const committed = seal.proveShare('sun', sun?.text ?? '', { manifestHash: sun?.manifestHash });
    expect(committed).toMatchObject({
      state: 'unsealed',
      setId: li?.setId,
      epoch: before.epoch + 1,
      officers: successors,
      pending: undefined,
      unproved: ['zhou'],
    });
    expect(Buffer.from(seal.ring().key('db'))).toEqual(ringBytes);
    expect(seal.retiredSets()).toEqual([{ setId: before.setId, epoch: 1 }]);
    expect(steps(seal).slice(-8)).toEqual([
      'share li ok',
      `dealt li ${dealt.pending?.manifestHash}`,
      ...successors.map((officer) => `fetched ${officer} ok`),
      'proved li ok',
      'proved sun ok',
      `committed sun ${dealt.pending?.manifestHash}`,
    ]);

    const again = reopen();
    const old = { set: before.setId, epoch: 1, wanted: li?.setId };
    expect(refusal(() => again.enterShare('chen', texts[0] ?? '')).code).toBe('TB1211');
    expect(refusal(() => again.enterShare('li', texts[1] ?? ''))).toEqual({
      code: 'TB1211',
      parameters: { officer: 'li', ...old },
    });
    again.enterShare('zhou', zhou?.text ?? '');
    expect(again.enterShare('li', li?.text ?? '').opened).toBe(true);
    expect(Buffer.from(again.ring().key('db'))).toEqual(ringBytes);
  });

  test('may have every holder as its threshold: two typed segments, none of which is enough', async () => {
    const { seal, texts, reopen } = await sealedSite();
    await dealNext(seal, texts, orderOf(2, ['sun', 'zhou']));
    const [sun, zhou] = [await fetched(seal, 'sun'), await fetched(seal, 'zhou')];
    seal.proveShare('sun', sun.text);
    expect(seal.proveShare('zhou', zhou.text)).toMatchObject({ threshold: 2, holders: 2, unproved: [] });
    for (const share of [sun, zhou]) {
      const again = reopen();
      expect(again.enterShare(share.officer, share.text.toUpperCase()).opened).toBe(false);
      expect(refusal(() => again.enterShare(share.officer, share.text)).code).toBe('TB1214');
      expect(refusal(() => again.ring()).code).toBe('TB1201');
    }
  });

  test('leaves the old set in force until the commit, at a sealed site too', async () => {
    const { seal, texts, reopen } = await sealedSite();
    await dealNext(seal, texts);
    const li = await fetched(seal, 'li');
    seal.proveShare('li', li.text);
    const again = reopen();
    expect(again.status()).toMatchObject({ state: 'sealed', lost: ['li'], pending: { proved: [] } });
    // a new share opens nothing, an old one counts towards no commit
    expect(refusal(() => again.enterShare('li', li.text)).parameters).toMatchObject({ set: li.setId });
    expect(refusal(() => again.proveShare('li', texts[1] ?? '')).code).toBe('TB1211');
    expect(refusal(() => again.proveShare('chen', texts[0] ?? '')).code).toBe('TB1211');
    expect(again.status()).toMatchObject({ received: [], pending: { proved: [] } });
    open(again, texts);
    expect(again.status()).toMatchObject({ state: 'unsealed', pending: { setId: li.setId } });
    again.seal('operator');
    // and the commit opens nothing
    const sun = await fetched(again, 'sun');
    again.enterShare('chen', texts[0] ?? '');
    again.proveShare('li', li.text);
    const after = again.proveShare('sun', sun.text);
    expect(after).toMatchObject({ state: 'sealed', setId: li.setId, received: [], lost: ['chen'] });
    again.enterShare('sun', sun.text);
    expect(again.enterShare('li', li.text).opened).toBe(true);
  });

  test('names each wrong proof and each wrong agreement, and counts none of them', async () => {
    const { seal, texts } = await sealedSite();
    open(seal, texts);
    const id = seal.openCeremony('change-holders', 'chen', 'wang leaves', orderOf()).ceremony?.id ?? '';
    const enter = (officer: string, text: string, view = {}) =>
      refused(seal.enterCeremonyShare(officer, text, { ceremonyId: id, ...view }));
    await seal.enterCeremonyShare('chen', texts[0] ?? '', { ceremonyId: id });
    const stranger = await sealedSite();
    expect(await enter('chen', texts[0] ?? '')).toBe('TB1214');
    expect(await enter('wang', texts[1] ?? '')).toBe('TB1212');
    expect(await enter('sun', texts[1] ?? '')).toBe('TB1207');
    expect(await enter('li', stranger.texts[1] ?? '')).toBe('TB1211');
    expect(await enter('li', `${texts[1]?.slice(0, -1)}q`)).toBe('TB1209');
    expect(await enter('li', texts[1] ?? '', { site: '430122' })).toBe('TB1210');
    expect(await enter('li', texts[1] ?? '', { epoch: 9 })).toBe('TB1218');
    expect(await enter('li', texts[1] ?? '', { manifestHash: '00'.repeat(32) })).toBe('TB1216');
    expect(await enter('li', texts[1] ?? '', { journalHead: 'ab'.repeat(32) })).toBe('TB1222');
    expect(await enter('li', texts[1] ?? '', { ceremonyId: 'ab'.repeat(16) })).toBe('TB1204');
    expect(await enter('li', texts[1] ?? '', { ceremonyId: undefined })).toBe('TB1204');
    expect(seal.status()).toMatchObject({ received: ['chen'], pending: { setId: undefined } });
    await seal.enterCeremonyShare('li', texts[1] ?? '', { ceremonyId: id });

    const [li, sun] = [await fetched(seal, 'li'), await fetched(seal, 'sun')];
    seal.proveShare('li', li.text);
    const prove = (officer: string, text: string, view = {}) =>
      refusal(() => seal.proveShare(officer, text, view)).code;
    expect(prove('li', li.text)).toBe('TB1214');
    expect(prove('sun', li.text)).toBe('TB1212');
    expect(prove('chen', sun.text)).toBe('TB1207');
    expect(prove('sun', texts[1] ?? '')).toBe('TB1211');
    expect(prove('sun', sun.text, { manifestHash: seal.status().manifestHash })).toBe('TB1216');
    expect(prove('sun', sun.text, { site: '430122' })).toBe('TB1210');
    expect(prove('sun', sun.text, { ceremonyId: 'ab'.repeat(16) })).toBe('TB1204');
    expect(prove('sun', sun.text, { journalHead: 'ab'.repeat(32) })).toBe('TB1222');
    expect(seal.status().pending?.proved).toEqual(['li']);
    expect(seal.proveShare('sun', sun.text, { site, epoch: sun.epoch }).setId).toBe(sun.setId);
  });

  test('refuses an order that gives one person two shares or cannot be dealt', async () => {
    const { seal, texts } = await sealedSite();
    open(seal, texts);
    const before = seal.status();
    const { holders } = orderOf();
    const [li, sun] = holders;
    if (li === undefined || sun === undefined) return expect.fail('holders');
    const order = (threshold: number, list: typeof holders) =>
      refusal(() => seal.openCeremony('change-holders', 'chen', 'why', { threshold, holders: list })).code;
    expect(order(1, holders)).toBe('TB1221');
    expect(order(4, holders)).toBe('TB1221');
    expect(order(2, [li, li])).toBe('TB1221');
    expect(order(2, [li, { ...sun, recipient: li.recipient }])).toBe('TB1230');
    expect(order(2, [li, { ...sun, recipient: `${sun.recipient.slice(0, -1)}q` }])).toBe('TB1230');
    expect(order(2, [li, { ...sun, recipient: 'age1pq1xyz' }])).toBe('TB1230');
    expect(order(2, [li, { ...sun, certificateFingerprint: 'AB' }])).toBe('TB1230');
    expect(refusal(() => seal.openCeremony('change-holders', 'chen', '  ', orderOf())).code).toBe('TB1230');
    expect(refusal(() => seal.openCeremony('rotate-root', 'chen', 'x'.repeat(401))).code).toBe('TB1230');
    expect(seal.status()).toEqual(before);
  });

  test('is dropped by its expiry or by one officer, and shares of the dropped set are named', async () => {
    const made = await sealedSite();
    const { seal, texts, clock } = made;
    await dealNext(seal, texts);
    const sun = await fetched(seal, 'sun');
    clock.advance(24 * hourMs - 1);
    expect(seal.status().pending?.setId).toBe(sun.setId);
    clock.advance(1);
    expect(seal.status()).toMatchObject({ ceremony: undefined, pending: undefined, lost: [] });
    expect(refusal(() => seal.proveShare('sun', sun.text)).code).toBe('TB1203');
    expect(seal.retiredSets()).toMatchObject([{ setId: sun.setId }]);
    expect(seal.dealtShareFile('sun')).toBeUndefined();

    await dealNext(seal, texts);
    const next = await fetched(seal, 'sun');
    expect(refusal(() => seal.proveShare('sun', sun.text)).parameters).toMatchObject({ set: sun.setId });
    const id = seal.status().pending?.changeId;
    expect(refusal(() => seal.cancelCeremony('wang', 'no', 'ab'.repeat(16))).code).toBe('TB1204');
    expect(refusal(() => seal.cancelCeremony('wang', '', id)).code).toBe('TB1230');
    expect(seal.cancelCeremony('wang', 'a mistake', id)).toMatchObject({
      pending: undefined,
      ceremony: undefined,
    });
    expect(refusal(() => seal.proveShare('sun', next.text)).code).toBe('TB1203');
    expect(refusal(() => seal.cancelCeremony('wang', 'again', id)).code).toBe('TB1205');
    expect(fs.readdirSync(join(made.folder, 'pending'))).toEqual([]);
    expect(steps(seal).slice(-2)).toContain('cancelled wang change-holders');
    expect(seal.status().setId, 'the old set is in force').toBe(made.shares[0]?.setId);
  });

  test('forgets proofs after half an hour and says whose, while the set goes on waiting', async () => {
    const { seal, texts, clock } = await sealedSite();
    await dealNext(seal, texts);
    const shares = await Promise.all(['li', 'sun'].map((officer) => fetched(seal, officer)));
    seal.proveShare('li', shares[0]?.text ?? '');
    clock.advance(hourMs / 2);
    expect(seal.status()).toMatchObject({ lost: ['li'], pending: { proved: [] } });
    seal.proveShare('sun', shares[1]?.text ?? '');
    expect(seal.status()).toMatchObject({ lost: [], pending: { proved: ['sun'] } });
    expect(seal.proveShare('li', shares[0]?.text ?? '').setId).toBe(shares[0]?.setId);
  });

  test('keeps the file of a holder who has not proved the share yet, and lists that holder until then', async () => {
    const made = await sealedSite();
    const { folder, seal, texts, reopen } = made;
    await dealNext(seal, texts);
    const names = () => fs.readdirSync(join(folder, 'pending')).map((name) => name.slice(33));
    expect(names().sort()).toEqual(successors.map((officer) => `${officer}.share.age`));
    for (const name of fs.readdirSync(join(folder, 'pending'))) {
      expect(fs.statSync(join(folder, 'pending', name)).mode & 0o777).toBe(0o600);
    }
    await proveAll(seal);
    expect(names()).toEqual(['zhou.share.age']);
    const again = reopen();
    expect(again.status().unproved).toEqual(['zhou']);
    const zhou = await fetched(again, 'zhou');
    const byDrill = copyOf(made).seal;
    expect(refusal(() => again.proveShare('li', zhou.text)).code).toBe('TB1203');
    expect(again.proveShare('zhou', zhou.text)).toMatchObject({ state: 'sealed', unproved: [] });
    expect(again.dealtShareFile('zhou')).toBeUndefined();
    expect(names()).toEqual([]);
    expect(byDrill.recordDrill('zhou', zhou.manifestHash, 'failed').unproved).toEqual(['zhou']);
    expect(byDrill.recordDrill('zhou', zhou.manifestHash, 'ok').unproved).toEqual([]);
    expect(byDrill.dealtShareFile('zhou')).toBeUndefined();
  });

  test('brings the ring along as it is at the commit, with what was changed while the set waited', async () => {
    const { seal, texts, reopen } = await sealedSite();
    await dealNext(seal, texts);
    seal.replaceRing((ring) => ring.withKey('field', Buffer.alloc(32, 4), 9));
    const [li, sun] = await proveAll(seal);
    seal.replaceRing((ring) => ring.withKey('mirror', Buffer.alloc(32, 6), 9));
    const again = reopen();
    expect(again.status().epoch).toBe(4);
    for (const share of [li, sun]) again.enterShare(share?.officer ?? '', share?.text ?? '');
    expect(again.ring().key('field')).toEqual(new Uint8Array(32).fill(4));
    expect(again.ring().key('mirror')).toEqual(new Uint8Array(32).fill(6));
  });

  test('takes a share that opens the site as a proof too', async () => {
    const { seal, texts, reopen } = await sealedSite();
    await dealNext(seal, texts);
    const [, sun, zhou] = await proveAll(seal);
    const again = reopen();
    again.enterShare('zhou', zhou?.text ?? '');
    expect(again.status().unproved).toEqual(['zhou']);
    again.enterShare('sun', sun?.text ?? '');
    expect(again.status()).toMatchObject({ state: 'unsealed', unproved: [] });
    expect(again.dealtShareFile('zhou')).toBeUndefined();
  });

  test('a share of a retired set is named as such and opens nothing, however many changes ago', async () => {
    const { seal, texts, reopen } = await sealedSite();
    const first = seal.status().setId;
    await dealNext(seal, texts);
    const second = await proveAll(seal);
    seal.openCeremony('change-holders', 'li', 'and back', orderOf(2, officers));
    const ceremonyId = seal.status().ceremony?.id;
    for (const { officer, text } of second.slice(0, 2)) {
      await seal.enterCeremonyShare(officer, text, { ceremonyId });
    }
    const third = await Promise.all(['chen', 'li'].map((officer) => fetched(seal, officer)));
    for (const { officer, text } of third) seal.proveShare(officer, text);
    const again = reopen();
    for (const [text, set] of [
      [texts[1], first],
      [second[0]?.text, second[0]?.setId],
    ]) {
      expect(refusal(() => again.enterShare('li', text ?? ''))).toMatchObject({
        code: 'TB1211',
        parameters: { officer: 'li', set, wanted: third[0]?.setId },
      });
    }
    expect(again.status()).toMatchObject({ state: 'sealed', received: [], epoch: 3 });
    for (const { officer, text } of third) again.enterShare(officer, text);
    expect(again.status().state).toBe('unsealed');
  });

  test('is not dealt when the site is sealed or the change cancelled while the files are encrypted', async () => {
    for (const end of ['emergency', 'cancel'] as const) {
      const { folder, seal, texts, reopen } = await sealedSite();
      open(seal, texts);
      const ceremonyId = seal.openCeremony('change-holders', 'chen', 'wang leaves', orderOf()).ceremony?.id;
      await seal.enterCeremonyShare('chen', texts[0] ?? '', { ceremonyId });
      const dealing = seal.enterCeremonyShare('li', texts[1] ?? '', { ceremonyId });
      if (end === 'cancel') seal.cancelCeremony('wang', 'a mistake', ceremonyId);
      else expect(seal.emergencySeal('wang')).toEqual({ ended: 'sealed', recorded: true });
      expect(await refused(dealing)).toBe('TB1205');
      expect(seal.status()).toMatchObject({ pending: undefined, ceremony: undefined });
      expect(fs.existsSync(join(folder, 'pending'))).toBe(false);
      open(reopen(), texts);
    }
  });

  test('makes the old shares useless against the new file, and not against a copy of the old one', async () => {
    const made = await sealedSite();
    const stolen = copyOf(made);
    await dealNext(made.seal, made.texts);
    await proveAll(made.seal);
    expect(refusal(() => open(made.reopen(), made.texts)).code).toBe('TB1211');
    open(stolen.seal, made.texts);
    expect(Buffer.from(stolen.seal.ring().key('db')), 'so keys are rotated as well').toEqual(ringBytes);
  });
});

test('a drill is recorded, and one against another manifest is told and recorded as refused', async () => {
  const { seal, shares } = await sealedSite();
  const hash = shares[0]?.manifestHash ?? '';
  seal.recordDrill('chen', hash, 'ok');
  seal.recordDrill('li', hash, 'TB1213');
  expect(refusal(() => seal.recordDrill('wang', '00'.repeat(32), 'ok')).code).toBe('TB1216');
  expect(refusal(() => seal.recordDrill('sun', hash, 'ok')).code).toBe('TB1207');
  expect(steps(seal).slice(-4)).toEqual([
    'drill chen ok',
    'drill li TB1213',
    'refused wang TB1216',
    'refused sun TB1207',
  ]);
});

test('no file of a site with a set that waits contains a share or a key, and a wrong identity opens none', async () => {
  const { folder, seal, texts } = await sealedSite();
  await dealNext(seal, texts);
  const shares = await Promise.all(successors.map((officer) => fetched(seal, officer)));
  const files = [
    'seal.state',
    'journal',
    ...fs.readdirSync(join(folder, 'pending')).map((n) => join('pending', n)),
  ];
  for (const name of files) {
    const bytes = fs.readFileSync(join(folder, name));
    for (const { value, text } of shares) {
      const hex = Buffer.from(value).toString('hex');
      const base64 = Buffer.from(value).toString('base64').slice(2, -4);
      for (const secret of [Buffer.from(value), hex, base64, text])
        expect(bytes.includes(secret)).toBe(false);
    }
  }
  const file = seal.dealtShareFile('sun') ?? '';
  for (const other of [...officers, 'zhou']) {
    const { identity } = identityOf(other);
    expect(await refused(readShareFile(Buffer.from(file), { identities: [identity] }))).toBe('TB1224');
  }
});

test.skipIf(!age)("Debian's age opens the file of a new holder", async () => {
  const { folder, seal, texts } = await sealedSite();
  await dealNext(seal, texts);
  const [key, path] = [join(folder, 'sun.key'), join(folder, 'sun.age')];
  fs.writeFileSync(key, `${identityOf('sun').identity}\n`, { mode: 0o600 });
  fs.writeFileSync(path, seal.dealtShareFile('sun') ?? '');
  const { status, stdout } = spawnSync('age', ['-d', '-i', key, path], { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout).toContain(`manifest sha256:${seal.status().pending?.manifestHash}`);
  expect(stdout.trim().split('\n').at(-1)).toBe((await fetched(seal, 'sun')).text);
});
