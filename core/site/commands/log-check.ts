import { readFileSync } from 'node:fs';
import { toHex } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { printResult } from '../../cli/output.ts';
import { formatCount } from '../../cli/table.ts';
import { checkProof, type ProvenEntry } from '../../log/check-proof.ts';
import { parseVkey } from '../../log/keys.ts';
import { type LogPolicy, parsePolicy, policyOfLog } from '../../log/log-policy.ts';
import { datasets } from '../../records/datasets.ts';
import { decodeEntry } from '../../records/entry.ts';
import { recordView } from '../../records/record-view.ts';
import { entryBeside } from './log-proof.ts';
import { recordText } from './record-text.ts';

interface CheckOptions {
  readonly entry?: string;
  readonly vkey?: string;
  readonly policy?: string;
  readonly show?: boolean;
}

/** `tongbu log check`: offline; needs the proof, the entry and a key that the reader trusts. */
export function registerCheck(group: Command, context: CliContext): void {
  const text = { en: 'check a proof, offline', zh: '离线校验证明' };
  const command = group.command('check').description(context.text(text));
  command.argument('<proof>', context.text({ en: 'FILE.tlog-proof', zh: '证明文件 FILE.tlog-proof' }));
  addOption(command, context, {
    flags: '--entry <file>',
    text: { en: 'the entry; FILE.tlog-proof.entry when not given', zh: '条目；缺省为 FILE.tlog-proof.entry' },
    group: groups.data,
  });
  addOption(command, context, {
    flags: '--vkey <key>',
    text: { en: 'public key of the log (C2SP vkey) that you trust', zh: '所信任的日志公钥（C2SP vkey）' },
    group: groups.keys,
  });
  addOption(command, context, {
    flags: '--policy <file>',
    text: {
      en: 'trusted logs and the cosigners that must have signed (C2SP tlog-policy)',
      zh: '所信任的日志及必须联签的一方（C2SP tlog-policy）',
    },
    group: groups.keys,
  });
  addOption(command, context, {
    flags: '--show',
    text: {
      en: 'show the record that is proven, with identity masked',
      zh: '显示所证明的记录（身份信息脱敏）',
    },
    group: groups.output,
  });
  addExamples(command, context, [
    {
      line: 'tongbu log check claim.tlog-proof --vkey hunan.example/430121/claims+…',
      text: { en: 'needs no network and no site', zh: '不需要网络，也不需要站点' },
    },
  ]);
  command.action((file: string, options: CheckOptions) => check(context, file, options));
}

function check(context: CliContext, file: string, options: CheckOptions): void {
  const policy = policyOf(options);
  const entry = read(options.entry ?? entryBeside(file));
  const proven = checkProof(read(file), entry, policy);
  const { key, operation } = decodeEntry(entry);
  const document = { proven: true, ...documentOf(proven), key, operation };
  const record = options.show ? recordOf(proven, entry) : undefined;
  printResult(context, { ...document, ...(record ? { record: record.fields } : {}) }, () => {
    const sentences = [context.text(sentenceOf(proven, key)), ...cosignersOf(context, proven)];
    const shown = record ? ['', recordText(context, record.dataset, record.entity, record.fields)] : [];
    return [...sentences, ...shown].join('\n');
  });
}

function policyOf({ vkey, policy }: CheckOptions): LogPolicy {
  const command = 'tongbu log check';
  if (vkey !== undefined && policy !== undefined) {
    throw fault('TB1012', { option: '--vkey', other: '--policy', command });
  }
  if (policy !== undefined) return parsePolicy(read(policy));
  if (vkey === undefined) throw fault('TB1010', { option: '--vkey', command });
  return policyOfLog(parseVkey(vkey));
}

function documentOf({ origin, index, size, root, cosigners }: ProvenEntry): object {
  const times = cosigners.map(({ name, timeMs }) => ({ name, time: new Date(timeMs).toISOString() }));
  return { origin, index, size, root: toHex(root), cosigners: times };
}

function sentenceOf({ origin, index, size }: ProvenEntry, key: string): { en: string; zh: string } {
  return {
    en: `✓ ${key} is entry ${formatCount(index)} of ${origin}, which signed ${formatCount(size)} entries.`,
    zh: `✓ ${key} 是 ${origin} 的第 ${formatCount(index)} 条，该日志已签名 ${formatCount(size)} 条。`,
  };
}

function cosignersOf(context: CliContext, { cosigners }: ProvenEntry): string[] {
  return cosigners.map(({ name, timeMs }) => {
    const time = new Date(timeMs).toISOString();
    return context.text({ en: `✓ ${name} held it at ${time}.`, zh: `✓ ${name} 于 ${time} 已持有。` });
  });
}

function recordOf({ origin }: ProvenEntry, bytes: Uint8Array) {
  const { body } = decodeEntry(bytes);
  const dataset = datasets.find(({ name }) => origin.endsWith(`/${name}`));
  if (!dataset || body.length === 0) return undefined;
  return { dataset, ...recordView(dataset, body, 'masked') };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}
