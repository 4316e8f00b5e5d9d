import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { assert } from './assert.ts';
import { type ConfigName, type ConfigOption, configOptions, environmentName } from './config-options.ts';
import { type Fault, fault, type Language } from './errors.ts';
import { nearest } from './nearest.ts';
import { holdsSecret } from './redact.ts';

export type Tier = 'county' | 'province' | 'national';

/** What tongbu.yaml and the environment say, checked and complete. Never a secret. */
export interface Config {
  readonly site: string;
  readonly tier: Tier;
  readonly trustDomain: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Under which new sites reach this hub; the listening address when undefined. */
  readonly advertise: string | undefined;
  readonly enrolPort: number;
  /** Life of the certificates that a hub issues; 1 to 30. */
  readonly certificateDays: number;
  readonly uplink: Uplink | undefined;
  readonly contract: string | undefined;
  /** Every option with its value and where it comes from, for `printConfig`. */
  readonly settings: readonly Setting[];
}

export interface Uplink {
  /** host:port */
  readonly address: string;
  readonly site: string;
  readonly trustDomain: string;
}

export interface Setting {
  readonly name: ConfigName;
  readonly value: string | number | undefined;
  /** `default`, the environment name, or `file:line`. */
  readonly origin: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** TONGBU_ names that are no options of tongbu.yaml. */
const otherNames: readonly string[] = [
  'TONGBU_LANG',
  'TONGBU_DEBUG',
  'TONGBU_DATA',
  'TONGBU_PINNED_NODE',
  'TONGBU_SHARED_DATA',
  'TONGBU_LONG',
];

interface Given {
  readonly text: string;
  readonly origin: string;
}

/** The environment goes before the file, the file before the default. Throws TB1023 to TB1030. */
export function readConfig(file: string, environment: Environment): Config {
  const given = new Map([...readFile(file), ...readEnvironment(environment)]);
  const settings = configOptions.map((option) => settle(option, given.get(option.name)));
  const groupsInUse = new Set(
    settings.filter(({ origin }) => origin !== 'default').map(({ name }) => groupOf(name)),
  );
  for (const option of configOptions as readonly ConfigOption[]) {
    const needed = option.required === 'always' || (option.required && groupsInUse.has(groupOf(option.name)));
    if (needed && !given.has(option.name)) {
      throw fault('TB1027', { option: option.name, path: file, environment: environmentName(option.name) });
    }
  }
  return assemble(settings);
}

/** The text of a new tongbu.yaml: every option with its meaning; those that are not set as comments. */
export function composeConfig(
  values: Partial<Record<ConfigName, string | number>>,
  language: Language,
): string {
  const lines: string[] = [];
  let group = '';
  for (const option of configOptions as readonly ConfigOption[]) {
    const [first = '', second] = option.name.split('.');
    const value = values[option.name as ConfigName];
    const heading = second !== undefined && group !== first;
    const groupSet = configOptions.some(({ name }) => groupOf(name) === first && values[name] !== undefined);
    if (second === undefined || heading) lines.push('');
    if (heading) lines.push(groupSet ? `${first}:` : `# ${first}:`);
    group = second === undefined ? '' : first;
    const indent = second === undefined ? '' : '  ';
    const off = value === undefined ? '# ' : '';
    lines.push(`${indent}# ${option.text[language]} (${environmentName(option.name)})`);
    lines.push(`${off}${indent}${second ?? first}: ${print(value ?? option.default ?? '')}`.trimEnd());
  }
  return `${lines.join('\n').trimStart()}\n`;
}

/** Creates the file and never replaces one. Throws TB1029. */
export function writeConfig(
  file: string,
  values: Partial<Record<ConfigName, string | number>>,
  language: Language,
): void {
  try {
    writeFileSync(file, composeConfig(values, language), { flag: 'wx', mode: 0o640 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw fault('TB1029', { path: file }, error);
    throw error;
  }
}

/** `name: value`, one a line, with the origin of each value as a comment when asked for. */
export function printConfig(config: Config, { origin }: { readonly origin: boolean }): string {
  return config.settings
    .filter(({ value }) => value !== undefined)
    .map(
      (setting) => `${setting.name}: ${print(setting.value ?? '')}${origin ? `  # ${setting.origin}` : ''}`,
    )
    .join('\n');
}

function readFile(file: string): Map<string, Given> {
  if (!existsSync(file)) throw fault('TB1023', { path: file });
  const lines = new LineCounter();
  // failsafe: every scalar stays the text that was written, so 010101 is no octal number and `no` no boolean.
  const document = parseDocument(readFileSync(file, 'utf8'), { schema: 'failsafe', lineCounter: lines });
  const [error] = document.errors;
  if (error) throw fault('TB1024', { path: file, line: lines.linePos(error.pos[0]).line }, error);
  const found = new Map<string, Given>();
  const lineOf = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line;
  collect(document.contents, '', { file, lineOf, found });
  return found;
}

interface Collection {
  readonly file: string;
  readonly lineOf: (node: Node) => number;
  readonly found: Map<string, Given>;
}

function collect(node: Node | null, prefix: string, into: Collection): void {
  if (node === null) return;
  const { file, lineOf, found } = into;
  if (!isMap(node)) throw fault('TB1024', { path: file, line: lineOf(node) });
  for (const pair of node.items) {
    assert(isPair(pair) && isScalar(pair.key), 'the failsafe schema gives scalar keys');
    const name = prefix + String(pair.key.value);
    const line = lineOf(pair.key);
    const value = pair.value as Node | null;
    if (configOptions.some((option) => option.name.startsWith(`${name}.`))) {
      collect(isEmpty(value) ? null : value, `${name}.`, into);
    } else if (!configOptions.some((option) => option.name === name)) {
      throw unknownOption(name, file, line);
    } else if (!isScalar(value)) {
      throw fault('TB1024', { path: file, line });
    } else if (String(value.value) !== '') {
      found.set(name, { text: String(value.value), origin: `${file}:${line}` });
    }
  }
}

function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && (node.value === null || node.value === ''));
}

function unknownOption(name: string, path: string, line: number): Fault {
  const near = nearest(
    name,
    configOptions.map((option) => option.name),
  );
  // The name may itself be something that does not belong into a message.
  const shown = /^[\w.-]{1,40}$/.test(name) ? name : '?';
  return fault('TB1025', { name: shown, path, line, suggestion: near === undefined ? '' : ` → ${near}` });
}

function readEnvironment(environment: Environment): Map<string, Given> {
  const found = new Map<string, Given>();
  const known = new Map<string, string>(configOptions.map(({ name }) => [environmentName(name), name]));
  for (const [key, text] of Object.entries(environment)) {
    if (!key.startsWith('TONGBU_') || text === undefined || text === '' || otherNames.includes(key)) continue;
    const name = known.get(key);
    if (name !== undefined) {
      found.set(name, { text, origin: key });
      continue;
    }
    // A name that is near to none belongs to something else of this family, such as a test.
    const near = nearest(key, known.keys());
    if (near !== undefined) throw fault('TB1030', { environment: key, suggestion: ` → ${near}` });
  }
  return found;
}

function settle(option: (typeof configOptions)[number], given: Given | undefined): Setting {
  const { name, kind } = option;
  if (!given) return { name, value: 'default' in option ? option.default : undefined, origin: 'default' };
  const { text, origin } = given;
  if (holdsSecret(text)) throw fault('TB1028', { option: name, origin });
  const value = kind.parse(text);
  if (value === undefined)
    throw fault('TB1026', { option: name, origin, expected: kind.expected.en, expectedZh: kind.expected.zh });
  return { name, value, origin };
}

function assemble(settings: readonly Setting[]): Config {
  const value = (name: ConfigName) => settings.find((setting) => setting.name === name)?.value;
  // The kinds of the options have checked these types.
  const text = (name: ConfigName) => value(name) as string;
  const number = (name: ConfigName) => value(name) as number;
  const uplink = {
    address: text('uplink.address'),
    site: text('uplink.site'),
    trustDomain: text('uplink.trustDomain'),
  };
  return {
    site: text('site'),
    tier: text('tier') as Tier,
    trustDomain: text('trustDomain'),
    listen: { host: text('listen.host'), port: number('listen.port') },
    advertise: value('advertise') as string | undefined,
    enrolPort: number('enrolPort'),
    certificateDays: number('certificateDays'),
    uplink: value('uplink.address') === undefined ? undefined : uplink,
    contract: value('contract') as string | undefined,
    settings,
  };
}

function groupOf(name: string): string | undefined {
  return name.includes('.') ? name.split('.')[0] : undefined;
}

/** Text in quotes unless it is plainly a word or a path: what YAML would make of it is nobody's guess. */
function print(value: string | number): string {
  return typeof value === 'number' || /^[A-Za-z0-9_./-]*$/.test(value)
    ? String(value)
    : JSON.stringify(value);
}
