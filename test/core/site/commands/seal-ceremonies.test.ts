import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newAgeIdentity } from '../../../../core/seal/age-identity.ts';
import { readRunFile } from '../../../../core/site/run-file.ts';
import { freePort } from '../../../../scripts/demo/free-port.ts';
import { RunningCommand } from '../../../support/command.ts';
import { type ErrorDocument, tongbuJson } from '../../../support/json-command.ts';
import { runCli, runCliJson } from '../../../support/run-cli.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';

/** One province as a real process; every officer with an own certificate, key and share file. */
const folder = new TemporaryFolder();
const province = folder.file('province');
const shares = folder.file('shares');
let server: RunningCommand | undefined;

interface SealDocument {
  readonly state: string;
  readonly epoch: number;
  readonly setId: string;
  readonly manifestHash: string;
  readonly received: readonly string[];
  readonly ceremonyId: string | null;
  readonly ceremonyKind: string | null;
  readonly openedBy: string | null;
  readonly reason: string | null;
  readonly pendingSetId: string | null;
  readonly pendingManifestHash: string | null;
  readonly proved: readonly string[];
  readonly unproved: readonly string[];
  readonly officers: readonly string[];
}

const recipients = new Map<string, string>();

beforeAll(async () => {
  for (const name of ['zhao', 'qian', 'sun', 'wu', 'root']) {
    const { identity, recipient } = await newAgeIdentity();
    writeFileSync(folder.file(`${name}.age`), `${identity}\n`, { mode: 0o600 });
    recipients.set(name, recipient);
  }
  const authority = folder.file('authority');
  const certs = ['certs', 'init', '--out', authority, '--domain', 'hunan.example'];
  await done([...certs, '--recipient', recipients.get('root') ?? '']);
  const people = ['--operator', 'wang', ...holders('zhao', 'qian', 'sun')];
  const files = ['--authority', authority, '--authority-identity', folder.file('root.age')];
  const ports = ['--port', String(await freePort()), '--enrol-port', String(await freePort())];
  const init = ['hub', 'init', '--data', province, '--site', '430000', '--name', '湖南省'];
  const made = await tongbuJson<object>([...init, ...people, ...files, ...ports, '--shares-out', shares]);
  expect([made.status, made.document]).toEqual([0, expect.objectContaining({ site: '430000' })]);
  await serve();
}, 120_000);

afterAll(async () => {
  server?.child.kill('SIGKILL');
  await server?.outcome();
  folder.remove();
});

function holders(...names: readonly string[]): string[] {
  return names.flatMap((name) => ['--holder', `${name}=${recipients.get(name)}`]);
}

async function done<Document = SealDocument>(args: readonly string[], input = ''): Promise<Document> {
  const { status, document } = await runCliJson<Document>(args, input);
  expect([status, document]).toEqual([0, expect.not.objectContaining({ error: expect.anything() })]);
  return document;
}

async function refusal(args: readonly string[], input = ''): Promise<readonly [string, number | undefined]> {
  const { status, document } = await runCliJson<ErrorDocument>(args, input);
  return [document.error.code, status];
}

async function serve(): Promise<void> {
  const started = new RunningCommand(['hub', 'serve', '--data', province, '--json']);
  server = started;
  await until('the hub listens', () => {
    if (started.child.exitCode !== null) throw new Error(started.stderr);
    const run = readRunFile(`${province}/run.json`);
    return run?.pid === started.child.pid;
  });
}

/** `seal <words> --data … --as <officer>`, with that officer's certificate wherever it lies. */
function as(officer: string, ...words: readonly string[]): string[] {
  const enrolled = folder.file(`officer-${officer}`);
  const identity = existsSync(enrolled) ? enrolled : `${province}/people/officer-${officer}`;
  return ['seal', ...words, '--data', province, '--as', identity];
}

function own(officer: string, file = `${shares}/${officer}.share.age`): string[] {
  return ['--share', file, '--identity', folder.file(`${officer}.age`)];
}

async function open(...officers: readonly string[]): Promise<void> {
  for (const officer of officers) await done([...as(officer, 'unseal'), ...own(officer)]);
}

async function status(): Promise<SealDocument> {
  return (await runCliJson<SealDocument>(['seal', 'status', '--data', province])).document;
}

describe('opening', { timeout: 120_000 }, () => {
  test("a wrong share, another one's and the own one twice are named and change nothing", async () => {
    expect(await done([...as('zhao', 'unseal'), ...own('zhao')])).toMatchObject({ received: ['zhao'] });
    expect(await refusal([...as('zhao', 'unseal'), ...own('zhao')])).toEqual(['TB1214', 1]);
    expect(await refusal([...as('qian', 'unseal'), ...own('sun')])).toEqual(['TB1212', 1]);
    expect(await refusal([...as('qian', 'unseal', '--typed')], 'tbs1qqqq\n')).toEqual(['TB1209', 1]);
    expect(await status()).toMatchObject({ state: 'unsealing', received: ['zhao'] });
  });

  test('the last share may be typed from its printed page', async () => {
    const page = folder.file('qian.page');
    await done(['seal', 'print-share', ...own('qian'), '--out', page]);
    const text = readFileSync(page, 'utf8').match(/^ {4}\S.*\n {4}\S.*$/m)?.[0] ?? '';
    expect(text).toContain('TBS1');
    const opened = await done(as('qian', 'unseal', '--typed'), `${text.replaceAll('\n', ' ')}\n`);
    expect(opened).toMatchObject({ state: 'unsealed', officers: ['zhao', 'qian', 'sun'] });
  });

  test('status says in words what there is to do, and who has not shown the share yet', async () => {
    const { status: exit, stdout } = await runCli(['seal', 'status', '--data', province]);
    expect([exit, stdout]).toEqual([0, expect.stringContaining('Site 430000 is unsealed.')]);
    expect(stdout).toContain('Holders: zhao, qian, sun (2 of 3)');
  });
});

describe('drill', { timeout: 120_000 }, () => {
  test('at the site is recorded, off line needs no site; a share of another officer is named', async () => {
    const manifest = folder.file('manifest.txt');
    await done(['seal', 'manifest', '--data', province, '--out', manifest]);
    expect(await done(['seal', 'drill', ...own('sun'), '--manifest', manifest])).toMatchObject({
      recorded: false,
    });
    expect(await done([...as('sun', 'drill'), ...own('sun')])).toMatchObject({ fits: true, recorded: true });
    expect(await refusal([...as('qian', 'drill'), ...own('sun')])).toEqual(['TB1212', 1]);
    expect((await status()).unproved).not.toContain('sun');
  });
});

describe('another set of holders', { timeout: 120_000 }, () => {
  const enrolled = folder.file('officer-wu');
  const oldShares = () => folder.file('old-qian.share.age');
  let before: SealDocument;

  test('the officer who follows gets a certificate that a second officer approved', async () => {
    const order = ['hub', 'token', '--data', province, '--site', '430000', '--existing', '--officer', 'wu'];
    const { line } = await done<{ line: string }>(order);
    const args = [
      'certs',
      'enrol',
      '--token-file',
      '-',
      '--role',
      'officer',
      '--name',
      'wu',
      '--out',
      enrolled,
    ];
    const enrolling = new RunningCommand([...args, '--json'], {}, `${line}\n`);
    const waiting = await until('a request waits', async () => {
      const { document } = await runCliJson<{
        requests: readonly { id: string; kind: string; subject: string }[];
      }>(['seal', 'requests', '--data', province]);
      return document.requests.find(({ kind }) => kind === 'enrolment');
    });
    expect(waiting.subject).toContain('officer/wu');
    const words = /: (.+)$/.exec(waiting.subject)?.[1] ?? '';
    await until('the words are shown to the one who enrols', () => enrolling.stderr.includes(words));
    const rejected = ['--reason', 'the words are other ones'];
    expect(await refusal([...as('zhao', 'reject', '0000000000000000'), ...rejected])).toEqual(['TB1900', 2]);
    expect(await done(as('qian', 'approve', waiting.id))).toMatchObject({
      approvedBy: ['officer/qian@430000'],
    });
    expect((await enrolling.outcome()).status).toBe(0);
    expect(existsSync(`${enrolled}/cert.pem`)).toBe(true);
  });

  test('needs an officer certificate of this site and an own key for each holder', async () => {
    const order = [
      ...as('zhao', 'change-holders', '--reason', 'sun leaves'),
      ...holders('zhao', 'qian', 'wu'),
    ];
    expect(await refusal(order)).toEqual(['TB1256', 2]);
    const operator = ['--certificate', `wu=${province}/people/operator-wang/cert.pem`];
    expect(await refusal([...order, ...operator])).toEqual(['TB1256', 2]);
    const swapped = ['--certificate', `wu=${province}/people/officer-sun/cert.pem`];
    expect(await refusal([...order, ...swapped])).toEqual(['TB1256', 2]);
    const passphrase = [...as('zhao', 'change-holders', '--reason', 'sun leaves'), '--holder', 'zhao'];
    expect(await refusal([...passphrase, '--holder', `qian=${recipients.get('qian')}`])).toEqual([
      'TB1263',
      2,
    ]);
    expect(await status()).toMatchObject({ ceremonyId: null, pendingSetId: null });
  });

  test('nothing is dealt before two holders of today have seen the order and agreed', async () => {
    before = await status();
    copyFileSync(`${shares}/qian.share.age`, oldShares());
    const order = as('zhao', 'change-holders', '--reason', 'sun leaves, wu follows');
    const certificate = ['--certificate', `wu=${enrolled}/cert.pem`];
    const opened = await done([...order, ...holders('zhao', 'qian', 'wu'), ...certificate]);
    expect(opened).toMatchObject({ ceremonyKind: 'change-holders', openedBy: 'zhao', received: [] });
    expect(await refusal(as('wu', 'fetch'))).toEqual(['TB1234', 1]);
    expect(await refusal([...as('zhao', 'enter'), ...own('zhao')])).toEqual(['TB1021', 2]);
    const first = await done([...as('zhao', 'enter', '--yes'), ...own('zhao')]);
    expect(first).toMatchObject({ received: ['zhao'], pendingSetId: null });
    const { stdout } = await runCli(['seal', 'status', '--data', province]);
    expect(stdout).toContain(
      'Change of holders, opened by zhao (sun leaves, wu follows): 1 of 2 holders agree',
    );
    expect(stdout).toContain(`shall hold a share: wu ${recipients.get('wu')}`);
    const dealt = await done([...as('sun', 'enter', '--yes'), ...own('sun')]);
    expect(dealt).toMatchObject({
      pendingSetId: expect.stringMatching(/^[0-9a-f]{32}$/),
      setId: before.setId,
    });
  });

  test('a new holder gets only the own file; the old set opens the site until two have proved theirs', async () => {
    for (const officer of ['qian', 'wu']) {
      const out = folder.file(`new-${officer}.share.age`);
      const fetched = await done<{ manifest: string }>(as(officer, 'fetch', '--out', out));
      expect(fetched.manifest).toBe((await status()).pendingManifestHash);
      expect(statSync(out).mode & 0o777).toBe(0o600);
      expect(await refusal(as(officer, 'fetch', '--out', out))).toEqual(['TB1255', 2]);
    }
    const notHers = ['--share', folder.file('new-wu.share.age'), '--identity', folder.file('qian.age')];
    expect(await refusal([...as('qian', 'prove'), ...notHers])).toEqual(['TB1224', 1]);
    expect(await refusal(as('sun', 'fetch', '--out', folder.file('x')))).toEqual(['TB1234', 1]);
    const { stdout } = await runCli(['seal', 'status', '--data', province]);
    expect(stdout).toContain('does not reach copies of the disk');
    await done([...as('wu', 'prove'), ...own('wu', folder.file('new-wu.share.age'))]);
    expect(await status()).toMatchObject({ proved: ['wu'], setId: before.setId });
    // A power cut in the middle: both sets are still there, and the old one opens.
    server?.child.kill('SIGKILL');
    await server?.outcome();
    await serve();
    await open('zhao', 'sun');
    expect(await status()).toMatchObject({
      state: 'unsealed',
      setId: before.setId,
      pendingSetId: expect.any(String),
    });
  });

  test('with the second proof the new set is in force, and an old share is named and opens nothing', async () => {
    await done([...as('wu', 'prove'), ...own('wu', folder.file('new-wu.share.age'))]);
    const file = folder.file('new-qian.share.age');
    const last = await runCliJson<SealDocument>([...as('qian', 'prove'), ...own('qian', file)]);
    const after = last.document;
    expect(last.stderr).toContain('`tongbu seal rotate-root` and `tongbu seal rotate-keys`');
    expect(after).toMatchObject({ inForce: true, officers: ['zhao', 'qian', 'wu'], pendingSetId: null });
    expect(after.setId).not.toBe(before.setId);
    expect(after.unproved).toEqual(['zhao']);
    await done(['seal', 'seal', '--data', province, '--reason', 'trying the new shares', '--yes']);
    expect(await refusal([...as('qian', 'unseal'), ...own('qian', oldShares())])).toEqual(['TB1211', 1]);
    expect(await refusal([...as('sun', 'unseal'), ...own('sun')])).toEqual(['TB1211', 1]);
    await done([...as('wu', 'unseal'), ...own('wu', folder.file('new-wu.share.age'))]);
    const opened = await done([...as('qian', 'unseal'), ...own('qian', file)]);
    expect(opened).toMatchObject({ state: 'unsealed' });
  });
});

describe('another root key', { timeout: 120_000 }, () => {
  const file = (officer: string) => folder.file(`new-${officer}.share.age`);

  test('is made by two holders; the shares stay the same', async () => {
    const before = await status();
    expect(await refusal([...as('qian', 'enter', '--yes'), ...own('qian', file('qian'))])).toEqual([
      'TB1203',
      1,
    ]);
    await done(as('wu', 'rotate-root', '--reason', 'a copy of the disk is missing'));
    await done([...as('wu', 'enter', '--yes'), ...own('wu', file('wu'))]);
    expect(await refusal([...as('wu', 'enter', '--yes'), ...own('wu', file('wu'))])).toEqual(['TB1214', 1]);
    const port = readRunFile(`${province}/run.json`)?.port;
    const elsewhere = ['--address', `127.0.0.1:${port}`, '--site', '430000', '--domain', 'hunan.example'];
    const identity = ['--as', `${province}/people/officer-qian`];
    const order = ['seal', 'enter', '--yes', ...elsewhere, ...identity];
    const after = await done([...order, ...own('qian', file('qian'))]);
    expect(after).toMatchObject({ done: true, state: 'unsealed', ceremonyId: null, setId: before.setId });
    expect(after.epoch).toBeGreaterThan(before.epoch);
  });

  test('that was only ordered can be cancelled', async () => {
    await done(as('wu', 'rotate-root', '--reason', 'ordered by mistake'));
    expect(await refusal(as('qian', 'rotate-root', '--reason', 'another one'))).toEqual(['TB1204', 1]);
    expect(await done(as('qian', 'cancel', '--reason', 'nothing is missing'))).toMatchObject({
      ceremonyId: null,
    });
    expect(await refusal(as('qian', 'cancel', '--reason', 'nothing is missing'))).toEqual(['TB1203', 1]);
  });
});

describe('other data keys', { timeout: 120_000 }, () => {
  interface Requests {
    readonly requests: readonly { readonly id: string; readonly kind: string }[];
  }

  test('come when another officer than the asker approves, and the site opens again by itself', async () => {
    const order = as('zhao', 'rotate-keys', '--reason', 'a copy of the disk is missing');
    const waiting = runCliJson<{ state: string; files: number; done: number }>([...order, '--wait']);
    const asked = await until('the request waits', async () => {
      const { document } = await runCliJson<Requests>(['seal', 'requests', '--data', province]);
      return document.requests.find(({ kind }) => kind === 'rotate-data-keys');
    });
    expect(await refusal(as('zhao', 'approve', asked.id))).toEqual(['TB1902', 1]);
    expect(await done(as('qian', 'approve', asked.id))).toMatchObject({
      approvedBy: ['officer/qian@430000'],
    });
    const rotated = await waiting;
    expect(rotated).toMatchObject({ status: 0, document: { state: 'finished', problems: [] } });
    expect(rotated.document.done).toBe(rotated.document.files);
    expect(rotated.stderr).toContain(`tongbu seal approve ${asked.id}`);
    const again = await done<object>(as('zhao', 'rotate-keys', '--status'));
    expect(again).toMatchObject({ state: 'finished' });
    await until('the site is open again', async () => {
      return (await runCli(['hub', 'sites', '--data', province])).status === 0;
    });
    expect(await status()).toMatchObject({ state: 'unsealed', officers: ['zhao', 'qian', 'wu'] });
  });

  test('are not made when the request is rejected, and who waits is told', async () => {
    const order = as('zhao', 'rotate-keys', '--reason', 'once more, by mistake');
    const waiting = runCliJson<ErrorDocument>([...order, '--wait']);
    const asked = await until('the request waits', async () => {
      const { document } = await runCliJson<Requests>(['seal', 'requests', '--data', province]);
      return document.requests.find(({ kind }) => kind === 'rotate-data-keys');
    });
    await done(as('qian', 'reject', asked.id, '--reason', 'it was done an hour ago'));
    const { status: exit, document } = await waiting;
    expect([exit, document.error.code]).toEqual([1, 'TB1901']);
    expect(await refusal(as('zhao', 'rotate-keys'))).toEqual(['TB1010', 2]);
  });
});

describe('what is left of it', { timeout: 120_000 }, () => {
  test('the journal is whole at the site and off line, with every step', async () => {
    const file = folder.file('journal.txt');
    interface JournalDocument {
      readonly head: string;
      readonly records: readonly { readonly step: string; readonly officer: string | null }[];
    }
    const there = await done<JournalDocument>([...as('qian', 'journal', '--out', file)]);
    const manifest = folder.file('manifest-2.txt');
    await done(['seal', 'manifest', '--data', province, '--out', manifest]);
    const here = await done<JournalDocument>(['seal', 'journal', '--file', file, '--manifest', manifest]);
    expect(here.head).toBe(there.head);
    expect(here.records.map(({ step }) => step)).toEqual(
      expect.arrayContaining(['share', 'unsealed', 'drill']),
    );
  });

  test('a journal without what an officer saw last is noticed by that officer', async () => {
    const seen = folder.file('officer-wu/seen.json');
    const known = JSON.parse(readFileSync(seen, 'utf8')) as Record<
      string,
      { epoch: number; journalHead: string }
    >;
    const there = known['430000'] ?? { epoch: 0, journalHead: '' };
    expect(there.journalHead).toMatch(/^[0-9a-f]{64}$/);
    writeFileSync(seen, JSON.stringify({ '430000': { ...there, journalHead: 'ab'.repeat(32) } }));
    expect(await refusal(as('wu', 'journal'))).toEqual(['TB1222', 1]);
    writeFileSync(seen, JSON.stringify({ '430000': { ...there, epoch: there.epoch + 5 } }));
    expect(await refusal(as('wu', 'status'))).toEqual(['TB1218', 1]);
    writeFileSync(seen, JSON.stringify(known));
  });

  test('one officer seals at once, also in the middle of a ceremony', async () => {
    await done(as('wu', 'rotate-root', '--reason', 'about to be interrupted'));
    const args = as('zhao', 'emergency', '--reason', 'a stranger at the server');
    expect(await refusal(args)).toEqual(['TB1021', 2]);
    const sealed = await done([...args, '--yes']);
    expect(sealed).toMatchObject({ state: 'sealed', ended: 'sealed', recorded: true, ceremonyId: null });
    expect(await refusal(['seal', 'requests', '--data', province])).toEqual(['TB1601', 3]);
  });
});
