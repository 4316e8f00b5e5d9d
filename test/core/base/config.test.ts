import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { composeConfig, printConfig, readConfig, writeConfig } from '../../../core/base/config.ts';
import { configOptions, environmentName } from '../../../core/base/config-options.ts';
import { Fault } from '../../../core/base/errors.ts';

const minimal = 'site: 430121\ntier: county\ntrustDomain: hunan.test\n';

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tongbu-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tongbu.yaml');
  writeFileSync(file, text);
  return file;
}

function read(text: string, environment: Record<string, string> = {}) {
  return readConfig(fileWith(text), environment);
}

function faultOf(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('no fault was thrown');
}

test('a minimal file is completed by defaults', () => {
  const config = read(minimal);
  expect(config).toMatchObject({
    site: '430121',
    tier: 'county',
    listen: { host: '127.0.0.1', port: 7443 },
    enrolPort: 7444,
    uplink: undefined,
    advertise: undefined,
  });
});

test('the environment goes before the file, and each value says where it comes from', () => {
  const config = read(`${minimal}listen:\n  port: 7500\n`, {
    TONGBU_LISTEN_HOST: '10.0.0.1',
    TONGBU_LANG: 'zh',
  });
  expect(config.listen).toEqual({ host: '10.0.0.1', port: 7500 });
  const printed = printConfig(config, { origin: true });
  expect(printed).toContain('listen.host: 10.0.0.1  # TONGBU_LISTEN_HOST');
  expect(printed).toMatch(/listen\.port: 7500 {2}# .*tongbu\.yaml:5/);
  expect(printed).toContain('enrolPort: 7444  # default');
});

test.each([
  ['sitte: 430121\n', 'sitte', ' → site'],
  ['listen:\n  prot: 1\n', 'listen.prot', ' → listen.port'],
  ['enrol_port: 1\n', 'enrol_port', ' → enrolPort'],
  ['colour: red\n', 'colour', ''],
])('the unknown key in %j is refused with the nearest name', (text, name, suggestion) => {
  const { code, parameters } = faultOf(() => read(minimal + text));
  expect(code).toBe('TB1025');
  expect(parameters).toMatchObject({ name, suggestion });
});

test.each([
  ['site: 43012', 'site'],
  ['site: 043012', 'site'],
  ['tier: town', 'tier'],
  ['listen:\n  port: 70000', 'listen.port'],
  ['listen:\n  port: 7443.5', 'listen.port'],
  ['listen:\n  port: 0x1D13', 'listen.port'],
  ['advertise: a b', 'advertise'],
  ['trustDomain: Hunan', 'trustDomain'],
  ['uplink:\n  address: hub', 'uplink.address'],
])('the value in %j is refused', (text, option) => {
  const kept = minimal.split('\n').filter((line) => !line.startsWith(text.split(':')[0] ?? ''));
  const { code, parameters } = faultOf(() => read(`${kept.join('\n')}\n${text}\n`));
  expect(code).toBe('TB1026');
  expect(parameters['option']).toBe(option);
});

test('a missing option is named with its environment name', () => {
  const { code, parameters } = faultOf(() => read('site: 430121\ntier: county\n'));
  expect([code, parameters['option'], parameters['environment']]).toEqual([
    'TB1027',
    'trustDomain',
    'TONGBU_TRUST_DOMAIN',
  ]);
});

test('half an uplink is refused', () => {
  const { code, parameters } = faultOf(() => read(`${minimal}uplink:\n  address: hub.test:7443\n`));
  expect([code, parameters['option']]).toEqual(['TB1027', 'uplink.site']);
});

test('a secret is refused without being repeated', () => {
  const share = `tbs1${'q'.repeat(74)}`;
  const fault = faultOf(() => read(`${minimal}contract: ${share}\n`));
  expect(fault.code).toBe('TB1028');
  expect(JSON.stringify([fault.message, fault.parameters])).not.toContain(share);
});

test.each(['site: [', 'a: 1\na: 2', '- list', 'site:\n  deep: 1', 'site: [430121]'])(
  '%j is no list of options',
  (text) => {
    expect(faultOf(() => read(text)).code).toBe('TB1024');
  },
);

test('a misspelt name in the environment is refused, one of another kind is not', () => {
  expect(faultOf(() => read(minimal, { TONGBU_LISTEN_PROT: '1' })).code).toBe('TB1030');
  expect(read(minimal, { TONGBU_SOMETHING_ELSE: '1' }).site).toBe('430121');
});

test('a folder without a file is named', () => {
  expect(faultOf(() => readConfig('/nowhere/tongbu.yaml', {})).code).toBe('TB1023');
});

test('a new file says every option in the language of its reader, and reads back', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tongbu-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tongbu.yaml');
  const values = {
    site: '430121',
    tier: 'county',
    trustDomain: 'hunan.test',
    'uplink.address': '[::1]:7443',
    'uplink.site': '430000',
    'uplink.trustDomain': 'hunan.test',
  } as const;
  writeConfig(file, values, 'zh');
  const text = readFileSync(file, 'utf8');
  for (const option of configOptions) {
    expect(text).toContain(option.text.zh);
    expect(text).toContain(environmentName(option.name));
  }
  expect(readConfig(file, {}).uplink).toEqual({
    address: '[::1]:7443',
    site: '430000',
    trustDomain: 'hunan.test',
  });
  expect(faultOf(() => writeConfig(file, values, 'en')).code).toBe('TB1029');
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('every option that is not set stands in a new file as a comment with its default', () => {
  const text = composeConfig({ site: '430121' }, 'en');
  expect(text).toContain('\nsite: 430121\n'.trimStart());
  expect(text).toMatch(/^# enrolPort: 7444$/m);
  expect(text).toMatch(/^# listen:$/m);
});
