import { readFileSync } from 'node:fs';
import { fault } from '../../../base/errors.ts';
import type { CliContext } from '../../../cli/context.ts';
import { printData, printDocument } from '../../../cli/output.ts';
import { formatTable } from '../../../cli/table.ts';
import {
  type JournalRecord,
  journalStart,
  parseRecord,
  signatureIsValid,
} from '../../../seal/journal-record.ts';
import { parseManifest, type ShareSet } from '../../../seal/share-set.ts';
import { type SealAnswer, sealMethods } from '../seal-message.ts';
import type { TargetOptions } from '../seal-target-options.ts';
import { readManifest } from './drill.ts';
import type { Manifests } from './manifests.ts';
import { writeNewFile } from './new-file.ts';
import { operatorIn } from './officer-in.ts';
import { SealSession } from './session.ts';

export interface JournalOptions extends TargetOptions {
  readonly file?: string;
  readonly manifest?: string;
  readonly out?: string;
}

/**
 * Lists the journal after the whole chain and every signature have been checked: a saved one off line, or the
 * site's, which must also hold what this officer saw last. Throws TB1262, TB1222.
 */
export async function showJournal(context: CliContext, options: JournalOptions): Promise<void> {
  if (options.file === undefined) return journalOfSite(context, options);
  if (options.manifest === undefined) throw fault('TB1620', { missing: '--manifest' });
  const set = parseManifest(readManifest(options.manifest));
  if (!set) throw fault('TB1258', { path: options.manifest });
  print(context, set.site, checkedJournal(linesOf(options.file), set));
}

async function journalOfSite(context: CliContext, options: JournalOptions): Promise<void> {
  using session = await SealSession.open(context, options, operatorIn);
  const { active, pending, status } = await session.ask<Manifests>(sealMethods.manifests);
  const lines: string[] = [];
  let head = status;
  for (;;) {
    const request = { from: lines.length };
    const answer = await session.ask<SealAnswer & { readonly lines: readonly string[] }>(
      sealMethods.journal,
      request,
    );
    lines.push(...answer.lines);
    head = answer.status;
    if (answer.lines.length === 0) break;
  }
  const saved = options.manifest === undefined ? undefined : readManifest(options.manifest);
  const set = parseManifest(saved ?? (active.length > 0 ? active : pending));
  const records = set ? checkedJournal(lines, set) : [];
  const seen = session.seenHead;
  const known = seen === '' || seen === journalStart || records.some(({ hash }) => hash === seen);
  if (!known) throw fault('TB1222', { officer: session.caller });
  if (records.at(-1)?.hash === head.journalHead) session.remember(head);
  if (options.out !== undefined) writeNewFile(options.out, `${lines.join('\n')}\n`);
  print(context, session.site, records);
}

/** The records of a chain without a gap, each signed by the key that the manifest names. Throws TB1262. */
export function checkedJournal(
  lines: readonly string[],
  { site, journal }: Pick<ShareSet, 'site' | 'journal'>,
): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const [index, line] of lines.entries()) {
    const record = parseRecord(line);
    if (!record) throw fault('TB1262', { index, reason: 'form' });
    const follows = record.index === index && record.previous === (records.at(-1)?.hash ?? journalStart);
    if (!follows) throw fault('TB1262', { index, reason: 'chain' });
    if (!signatureIsValid(record, site, journal)) throw fault('TB1262', { index, reason: 'signature' });
    records.push(record);
  }
  return records;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n').slice(0, -1);
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}

function print(context: CliContext, site: string, records: readonly JournalRecord[]): void {
  const shown = records.map(({ index, timeMs, ceremony, step, officer, result, hash }) => ({
    index,
    time: new Date(timeMs).toISOString(),
    ceremony: ceremony === '-' ? null : ceremony,
    step,
    officer: officer === '-' ? null : officer,
    result,
    hash,
  }));
  const head = records.at(-1)?.hash ?? journalStart;
  if (context.json) return printDocument(context, { site, whole: true, head, records: shown });
  const titles: readonly (readonly [string, string])[] = [
    ['no', '序号'],
    ['time', '时间'],
    ['officer', '安全员'],
    ['step', '步骤'],
    ['result', '结果'],
    ['ceremony', '仪式'],
  ];
  const columns = titles.map(([en, zh]) => ({ title: context.text({ en, zh }) }));
  const rows = shown.map((row) =>
    [row.index, row.time, row.officer ?? '–', row.step, row.result, row.ceremony?.slice(0, 8) ?? '–'].map(
      String,
    ),
  );
  printData(context, formatTable(columns, rows));
  const summary = {
    en: `${records.length} records, whole, every one signed; head ${head}`,
    zh: `共 ${records.length} 条记录，链条完整，逐条签名有效；链头 ${head}`,
  };
  printData(context, context.text(summary));
}
