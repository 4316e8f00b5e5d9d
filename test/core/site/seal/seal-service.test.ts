import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault, fault } from '../../../../core/base/errors.ts';
import type { Peer } from '../../../../core/link/channel.ts';
import type { Seal } from '../../../../core/seal/seal.ts';
import { readShareFile } from '../../../../core/seal/share-file.ts';
import { printShareText } from '../../../../core/seal/share-text.ts';
import type { AuditedSite } from '../../../../core/site/audit/ceremony-audit.ts';
import type { LogView } from '../../../../core/site/open-site.ts';
import { sealService } from '../../../../core/site/seal/seal-service.ts';
import { AuditSetting, person } from '../../../support/audit-setting.ts';
import { settled } from '../../../support/cli-world.ts';
import { identityOf, orderOf } from '../../seal/ceremony-setting.ts';
import { copyOf, officers, sealedSite } from '../../seal/setting.ts';

/** What the tests read of SealStatus. */
interface Status {
  readonly state: string;
  readonly setId: string;
  readonly ceremonyId: string;
  readonly received: readonly string[];
  readonly pendingSetId: string;
  readonly changeId: string;
  readonly unproved: readonly string[];
}

type Answer = Readonly<Record<string, unknown>> & { readonly status: Status };

const made = await sealedSite();
const officer = (name: string) => person('officer', name);

let setting: AuditSetting;
let seal: Seal;
/** What happened to the site, in order. */
let log: string[];
/** Receivers' word on the audit log; a link without one never answers. */
let receipts: readonly { readonly receiver: string; readonly size: number; readonly receivedMs: number }[];
let linked: boolean;
let call: (method: string, request: object, peer: Peer) => Promise<Answer>;

beforeEach(() => {
  setting = new AuditSetting();
  seal = copyOf(made).reopen();
  log = [];
  receipts = [];
  linked = false;
  const audit: LogView = {
    log: { origin: setting.site, dataset: 'audit' },
    own: true,
    size: 1_000,
    signed: 1_000,
    root: Buffer.alloc(32),
    recorded: 1_000,
    quarantined: 0,
    receipts,
  };
  const site: AuditedSite = {
    audit: setting.audit,
    links: () => (linked ? [{} as ReturnType<AuditedSite['links']>[number]] : []),
    logs: async () => [{ ...audit, receipts }],
  };
  const handlers = sealService({
    seal,
    clock: setting.clock,
    open: () => {
      if (seal.status().state !== 'unsealed') throw fault('TB1601', { site: setting.site });
      return site;
    },
    opened: async () => void log.push('opened'),
    closed: async () => void log.push(`closed while ${seal.status().state}`),
  });
  call = async (method, request, peer) => {
    const handler = handlers[method];
    if (handler?.kind !== 'unary') return expect.fail(`a method ${method}`);
    return (await handler.handle(request as never, peer)) as Answer;
  };
});
afterEach(() => {
  seal.close();
  setting.close();
});

const share = (text: string, ceremonyId = '') => ({
  share: text,
  ceremonyId,
  site: '',
  epoch: 0,
  manifestHash: '',
  journalHead: '',
});

async function unseal(): Promise<void> {
  for (const i of [0, 1]) await call('enterShare', share(made.texts[i] ?? ''), officer(officers[i] ?? ''));
}

async function dealt(): Promise<Answer> {
  await unseal();
  const order = { kind: 'change-holders', reason: 'wang leaves', ...orderOf() };
  const { status } = await call('openCeremony', order, officer('wang'));
  await call('enterCeremonyShare', share(made.texts[0] ?? '', status.ceremonyId), officer('chen'));
  return call('enterCeremonyShare', share(made.texts[1] ?? '', status.ceremonyId), officer('li'));
}

async function ownShare(name: string): Promise<string> {
  const { file } = await call('fetchShare', {}, officer(name));
  const identities = [identityOf(name).identity];
  return printShareText(await readShareFile(Buffer.from(String(file)), { identities }));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const failure = await work.then(
    () => 'done',
    (error: unknown) => error,
  );
  return failure instanceof Fault ? failure.code : String(failure);
}

describe('at an open site', { timeout: 60_000 }, () => {
  test('every act of a change of holders is in audit, begun and with its outcome', async () => {
    const { status } = await dealt();
    expect(status.pendingSetId).toMatch(/^[0-9a-f]{32}$/);
    expect(log).toEqual(['opened']);
    const [li, sun] = [await ownShare('li'), await ownShare('sun')];
    expect(await codeOf(call('fetchShare', {}, officer('wang')))).toBe('TB1234');
    expect(await codeOf(call('proveShare', share(li), officer('sun')))).toBe('TB1212');
    await call('proveShare', share(li), officer('li'));
    const { status: after } = await call('proveShare', share(sun), officer('sun'));
    expect(after).toMatchObject({ setId: status.pendingSetId, unproved: ['zhou'], changeId: '' });
    const twice = (act: string, outcome = 'ok') => [`ceremony/${act} begun`, `ceremony/${act} ${outcome}`];
    expect(setting.steps()).toEqual([
      ...twice('opened'),
      ...twice('share-entered'),
      ...twice('share-entered'),
      ...twice('share-fetched'),
      ...twice('share-fetched'),
      ...twice('share-fetched', 'TB1234'),
      ...twice('share-proved', 'TB1212'),
      ...twice('share-proved'),
      ...twice('share-proved'),
    ]);
    const [opened] = setting.all();
    const ordered = ['li', 'sun', 'zhou'].map((name) => `${name} ${identityOf(name).recipient}`);
    expect(opened).toMatchObject({
      actor: 'officer/wang@430121',
      from: '10.0.0.7',
      subject: 'change-holders',
      reason: 'wang leaves',
      detail: `2 of 3: ${ordered.join(', ')}`,
    });
  });

  test('a drill and a cancellation are there too, and the manifests and the journal can be read', async () => {
    const { status } = await dealt();
    const { active, pending } = await call('getManifests', {}, person('auditor', 'wu'));
    expect([String(active), String(pending)].map((note) => /^set (.+)$/m.exec(note)?.[1])).toEqual([
      status.setId,
      status.pendingSetId,
    ]);
    const manifestHash = made.shares[2]?.manifestHash ?? '';
    await call('recordDrill', { manifestHash, result: 'ok' }, officer('wang'));
    await call('recordDrill', { manifestHash, result: 'anything else' }, officer('wang'));
    await call('cancelCeremony', { ceremonyId: status.changeId, reason: 'a mistake' }, officer('chen'));
    expect(setting.steps().slice(-6)).toEqual([
      'drill/reported begun',
      'drill/reported ok',
      'drill/reported begun',
      'drill/reported ok',
      'ceremony/cancelled begun',
      'ceremony/cancelled ok',
    ]);
    const { lines } = await call('readJournal', { from: 3 }, person('auditor', 'wu'));
    expect(lines).toEqual(seal.journalRecords(3).map(({ line }) => line));
    expect(String((lines as string[]).at(-1))).toMatch(/ cancelled chen change-holders /);
    expect(
      seal
        .journalRecords()
        .filter(({ step }) => step === 'drill')
        .map(({ result }) => result),
    ).toEqual(['ok', 'failed']);
  });

  test('with a full disk no ceremony step succeeds, and none leaves a trace', async () => {
    const { status } = await dealt();
    const sun = await ownShare('sun');
    setting.fill();
    const before = seal.status();
    const manifestHash = made.shares[0]?.manifestHash ?? '';
    const acts: readonly [string, object][] = [
      ['openCeremony', { kind: 'rotate-root', reason: 'a leak', threshold: 0, holders: [] }],
      ['enterCeremonyShare', share(made.texts[0] ?? '', status.ceremonyId)],
      ['fetchShare', {}],
      ['proveShare', share(sun)],
      ['cancelCeremony', { ceremonyId: status.changeId, reason: 'a mistake' }],
      ['recordDrill', { manifestHash, result: 'ok' }],
      ['sealSite', { reason: 'maintenance' }],
    ];
    for (const [method, request] of acts) {
      expect([method, await codeOf(call(method, request, officer('sun')))]).toEqual([method, 'TB1219']);
    }
    expect(seal.status()).toEqual(before);
    expect(log).toEqual(['opened']);
    const answer = await call('emergencySeal', { reason: 'the disk is full' }, officer('sun'));
    expect(answer).toMatchObject({ ended: 'sealed', recorded: true, status: { state: 'sealed' } });
  });

  test('a kind that nobody knows, and a root rotation without an id, are refused', async () => {
    await unseal();
    const order = { kind: 'unseal', reason: 'why', threshold: 0, holders: [] };
    expect(await codeOf(call('openCeremony', order, officer('chen')))).toBe('TB1230');
    await call('openCeremony', { ...order, kind: 'rotate-root' }, officer('chen'));
    expect(await codeOf(call('enterCeremonyShare', share(made.texts[0] ?? ''), officer('chen')))).toBe(
      'TB1204',
    );
  });
});

describe('an emergency', () => {
  test('wipes the keys before the site closes, and is written down', async () => {
    await dealt();
    const key = seal.ring().key('db');
    const answer = await call('emergencySeal', { reason: 'a stranger is here' }, officer('wang'));
    expect(answer).toMatchObject({ ended: 'sealed', recorded: true, status: { state: 'sealed' } });
    expect(key).toEqual(new Uint8Array(32));
    expect(log).toEqual(['opened', 'closed while sealed']);
    expect(setting.steps().at(-1)).toBe('ceremony/emergency-sealed sealed');
    expect(seal.journalRecords().at(-1)).toMatchObject({ step: 'emergency-sealed', officer: 'wang' });
  });

  test('waits a second at most for the record to leave, with the keys gone meanwhile', async () => {
    await unseal();
    linked = true;
    let done = false;
    const sealing = call('emergencySeal', { reason: '' }, officer('wang')).then(() => {
      done = true;
    });
    await settled();
    expect(seal.status().state).toBe('sealed');
    await setting.clock.pass(940);
    expect([done, log]).toEqual([false, ['opened']]);
    await setting.clock.pass(60);
    await sealing;
    expect(log).toEqual(['opened', 'closed while sealed']);
  });

  test('goes on at once when every receiver has the record', async () => {
    await unseal();
    linked = true;
    receipts = [{ receiver: '430000', size: 1_000, receivedMs: 1 }];
    await call('emergencySeal', { reason: '' }, officer('wang'));
    expect(log).toEqual(['opened', 'closed while sealed']);
  });

  test('at a sealed site ends an unsealing, or nothing, and says so', async () => {
    expect(await call('emergencySeal', { reason: '' }, officer('wang'))).toMatchObject({ ended: 'nothing' });
    await call('enterShare', share(made.texts[0] ?? ''), officer('chen'));
    expect(await call('emergencySeal', { reason: '' }, officer('wang'))).toMatchObject({
      ended: 'cancelled',
    });
    expect(setting.steps()).toEqual([]);
  });
});
