import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newAgeIdentity } from '../../../../core/seal/age-identity.ts';
import { readRunFile } from '../../../../core/site/run-file.ts';
import { freePort } from '../../../../scripts/demo/free-port.ts';
import { RunningCommand } from '../../../support/command.ts';
import { refusal, tongbuJson } from '../../../support/json-command.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';

const folder = new TemporaryFolder();
const province = folder.file('province');
const county = folder.file('county');
const officers = ['zhao', 'qian', 'sun'] as const;
/** Six words; nothing is protected by it. */
const passphrase = 'harbour lamp violin cedar orbit mist';
const servers: RunningCommand[] = [];
const holders: string[] = [];

interface SealDocument {
  readonly state: string;
  readonly received: readonly string[];
}

/** Everything by commands, as operators and officers do it; zhao's share is locked by a passphrase. */
beforeAll(async () => {
  for (const name of [...officers, 'root']) {
    const { identity, recipient } = await newAgeIdentity();
    writeFileSync(folder.file(`${name}.age`), `# created by a test\n${identity}\n`, { mode: 0o600 });
    if (name !== 'root') holders.push('--holder', name === 'zhao' ? name : `${name}=${recipient}`);
    else {
      const args = ['certs', 'init', '--out', folder.file('authority'), '--domain', 'hunan.example'];
      await done([...args, '--recipient', recipient]);
    }
  }
  await done(hubInit(province, await freePort()), `${passphrase}\n`);
  await serve('hub', province);
}, 120_000);

afterAll(async () => {
  for (const server of servers) server.child.kill('SIGKILL');
  await Promise.all(servers.map((server) => server.outcome()));
  folder.remove();
});

function hubInit(data: string, port: number): string[] {
  const site = ['--site', '430000', '--name', '湖南省', '--operator', 'wang'];
  const authority = [
    '--authority',
    folder.file('authority'),
    '--authority-identity',
    folder.file('root.age'),
  ];
  const ports = ['--port', String(port), '--enrol-port', '0'];
  return [
    'hub',
    'init',
    '--data',
    data,
    ...site,
    ...authority,
    ...holders,
    ...ports,
    '--shares-out',
    `${data}-shares`,
  ];
}

async function done(args: readonly string[], input = ''): Promise<void> {
  const { status, document } = await tongbuJson<object>(args, input);
  expect([status, document]).toEqual([0, expect.not.objectContaining({ error: expect.anything() })]);
}

async function serve(program: 'node' | 'hub', data: string): Promise<RunningCommand> {
  const server = new RunningCommand([program, 'serve', '--data', data, '--test-ids', '--json']);
  servers.push(server);
  await until(`${program} listens`, () => readRunFile(`${data}/run.json`) !== undefined);
  return server;
}

function unseal(data: string, officer: string, ...more: string[]): string[] {
  const identity = officer === 'zhao' ? [] : ['--identity', folder.file(`${officer}.age`)];
  const share = `${data}-shares/${officer}.share.age`;
  return ['seal', 'unseal', '--data', data, '--share', share, ...identity, ...more];
}

interface WaitingRequest {
  readonly id: string;
  readonly kind: string;
  readonly askedBy: string;
  readonly detail: { readonly words: string };
}

async function waiting(): Promise<readonly WaitingRequest[]> {
  const { document } = await tongbuJson<{ requests: readonly WaitingRequest[] }>([
    'seal',
    'requests',
    '--data',
    province,
  ]);
  return document.requests;
}

describe('the way from nothing to an open county', { timeout: 120_000 }, () => {
  test('a sealed site says so with exit code 3, and refuses everything else', async () => {
    const status = await tongbuJson<SealDocument>(['seal', 'status', '--data', province]);
    expect(status).toMatchObject({ status: 3, document: { state: 'sealed' } });
    const seen = await tongbuJson<{ seal: string; well: boolean }>(['hub', 'status', '--data', province]);
    expect(seen).toMatchObject({ status: 3, document: { seal: 'sealed', well: false } });
    expect(await refusal(['hub', 'sites', '--data', province])).toEqual(['TB1601', 3]);
    const file = folder.file('rows.ndjson');
    writeFileSync(file, '{}\n');
    expect(await refusal(['hub', 'publish', 'catalog', file, '--data', province])).toEqual(['TB1601', 3]);
  });

  test('two officers open it; wrong ones are named and change nothing', async () => {
    const first = await tongbuJson<SealDocument>(unseal(province, 'zhao'), `${passphrase}\n`);
    expect(first).toMatchObject({ status: 0, document: { state: 'unsealing', received: ['zhao'] } });
    expect(await refusal(unseal(province, 'zhao'), 'wrong words that open nothing\n')).toEqual(['TB1224', 1]);
    expect(await refusal(unseal(province, 'zhao'), `${passphrase}\n`)).toEqual(['TB1214', 1]);
    const asSun = ['--as', `${province}/people/officer-sun`];
    expect(await refusal(unseal(province, 'qian', ...asSun))).toEqual(['TB1212', 1]);
    const { document } = await tongbuJson<SealDocument>(['seal', 'status', '--data', province]);
    expect(document).toMatchObject({ state: 'unsealing', received: ['zhao'] });
    const last = await tongbuJson<SealDocument>(unseal(province, 'qian'));
    expect(last).toMatchObject({ status: 0, document: { state: 'unsealed' } });
    expect(await refusal(unseal(province, 'sun'))).toEqual(['TB1202', 1]);
    expect(readRunFile(`${province}/run.json`)?.enrolPort).toBeGreaterThan(0);
  });

  test('a county enrols with the token; mistakes before it leave the token unused', async () => {
    const people = ['--operator', 'li', ...officers.flatMap((officer) => ['--officer', officer])];
    const order = ['hub', 'token', '--data', province, '--site', '430121', '--name', '长沙县', ...people];
    const { document } = await tongbuJson<{ line: string }>(order);
    const input = `${document.line}\n${passphrase}\n`;
    const init = ['node', 'init', '--data', county, '--token-file', '-', '--operator', 'li', ...holders];
    const args = [...init, '--port', '0', '--shares-out', `${county}-shares`];
    expect(await refusal([...args, '--threshold', '4'], input)).toEqual(['TB1221', 2]);
    expect(await refusal([...args, '--holder', 'wu=age1qqqq'], input)).toEqual(['TB1614', 2]);
    expect(await refusal([...args, '--holder', 'Wu Li'], input)).toEqual(['TB1618', 2]);
    expect(await refusal(args, `${document.line}\nshort\n`)).toEqual(['TB1229', 2]);
    mkdirSync(`${county}-shares`);
    const inTheWay = `${county}-shares/sun.share.age`;
    writeFileSync(inTheWay, 'of another site');
    expect(await refusal(args, input)).toEqual(['TB1613', 2]);
    expect(readFileSync(inTheWay, 'utf8')).toBe('of another site');
    expect(existsSync(county)).toBe(false);
    const elsewhere = args.with(-1, `${folder.file('county')}-shares-2`);
    const enrolling = new RunningCommand([...elsewhere, '--json'], {}, input);
    const request = await until('the request waits', async () => (await waiting())[0]);
    expect(request).toMatchObject({ kind: 'enrolment', askedBy: 'operator/wang@430000' });
    await until('the words are printed', () => enrolling.stderr.includes(request.detail.words));
    expect(enrolling.stderr).toContain(`tongbu seal approve ${request.id}`);
    const approve = ['seal', 'approve', request.id, '--data', province];
    expect(await refusal([...approve, '--as', `${province}/people/operator-wang`])).toEqual(['TB1606', 1]);
    await done([...approve, '--as', `${province}/people/officer-qian`]);
    const { status, stdout } = await enrolling.outcome();
    expect([status, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ site: '430121' })]);
    expect(await waiting()).toEqual([]);
    expect(await refusal(elsewhere, input)).toEqual(['TB1609', 2]);
  });

  test('an officer opens a site elsewhere by address; another site there is noticed', async () => {
    await serve('node', county);
    const port = readRunFile(`${county}/run.json`)?.port;
    const share = ['--share', `${county}-shares-2/sun.share.age`, '--identity', folder.file('sun.age')];
    const to = (site: string) => [
      '--address',
      `127.0.0.1:${port}`,
      '--site',
      site,
      '--domain',
      'hunan.example',
    ];
    const as = ['--as', `${county}/people/officer-sun`];
    const ask = ['seal', 'unseal', ...share];
    expect(await refusal([...ask, ...to('430122'), ...as])).toEqual(['TB1346', 1]);
    expect(await refusal([...ask, ...to('430121')])).toEqual(['TB1620', 2]);
    expect(await refusal(ask)).toEqual(['TB1620', 2]);
    const { document } = await tongbuJson<SealDocument>([...ask, ...to('430121'), ...as]);
    expect(document).toMatchObject({ state: 'unsealing', received: ['sun'] });
  });

  test('the share of another site never leaves the officer', async () => {
    const share = ['--share', `${province}-shares/sun.share.age`, '--identity', folder.file('sun.age')];
    expect(await refusal(['seal', 'unseal', '--data', county, ...share])).toEqual(['TB1210', 1]);
  });
});

describe('the life of the process', { timeout: 120_000 }, () => {
  test('sealing asks first, and closes the site', async () => {
    const args = ['seal', 'seal', '--data', province, '--reason', 'test'];
    expect(await refusal(args)).toEqual(['TB1021', 2]);
    const sealed = await tongbuJson<SealDocument>([...args, '--yes']);
    expect(sealed).toMatchObject({ status: 0, document: { state: 'sealed' } });
  });

  test('SIGTERM ends it with exit code 0, and commands say that it is not running', async () => {
    const [server] = servers;
    server?.child.kill('SIGTERM');
    const ended = await server?.outcome();
    expect(ended?.status).toBe(0);
    expect(JSON.parse(ended?.stdout ?? '')).toMatchObject({ ready: true, port: expect.any(Number) });
    expect(await refusal(['hub', 'status', '--data', province])).toEqual(['TB1608', 1]);
  });

  test('a killed site is not running either, whatever its folder says', async () => {
    const server = servers[1];
    server?.child.kill('SIGKILL');
    await server?.outcome();
    expect(existsSync(`${county}/run.json`)).toBe(true);
    expect(await refusal(['node', 'status', '--data', county])).toEqual(['TB1608', 1]);
  });
});
