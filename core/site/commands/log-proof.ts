import { writeFileSync } from 'node:fs';
import { toHex } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups, wholeNumber } from '../../cli/options.ts';
import { printResult } from '../../cli/output.ts';
import { formatCount } from '../../cli/table.ts';
import { openCheckpoint } from '../../log/checkpoint.ts';
import { parseVkey } from '../../log/keys.ts';
import { printProofFile } from '../../log/proof-file.ts';
import { addLocalOptions, connectLocal, type LocalOptions } from './local-options.ts';

interface ProofOptions extends LocalOptions {
  readonly log: string;
  readonly index?: number;
  readonly key?: string;
  readonly out: string;
  readonly entryOut?: string;
}

/** ProveResponse of site.proto, as it comes. */
interface ProofMessage {
  readonly index: number;
  readonly entry: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly checkpoint: Uint8Array;
  readonly vkey: string;
}

/** The proof speaks about the entry's bytes, so whoever checks it needs them too. */
export function entryBeside(proofFile: string): string {
  return `${proofFile}.entry`;
}

/** `tongbu log proof`: that one entry is in a log, for anybody to check offline. */
export function registerProof(group: Command, context: CliContext): void {
  const text = { en: 'prove that one entry is in a log', zh: '证明某条目在日志中' };
  const command = group.command('proof').description(context.text(text));
  addLocalOptions(command, context);
  addOption(command, context, {
    flags: '--log <site/dataset>',
    text: { en: 'log that the site holds', zh: '本站持有的日志' },
    group: groups.data,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--index <number>',
    text: { en: 'the entry by its number, from 0', zh: '条目序号，从 0 起' },
    group: groups.data,
    parse: wholeNumber('--index', 0, 999_999_999_999_999),
  });
  addOption(command, context, {
    flags: '--key <key>',
    text: {
      en: 'the newest entry of a row, e.g. claim/<claim_no>',
      zh: '某记录的最新条目，如 claim/<claim_no>',
    },
    group: groups.data,
  });
  addOption(command, context, {
    flags: '--out <file>',
    text: { en: 'the proof, FILE.tlog-proof', zh: '证明文件 FILE.tlog-proof' },
    group: groups.output,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--entry-out <file>',
    text: {
      en: 'the entry, which the check needs too; FILE.tlog-proof.entry when not given',
      zh: '校验时所需的条目；缺省为 FILE.tlog-proof.entry',
    },
    group: groups.output,
  });
  addExamples(command, context, [
    {
      line: 'tongbu log proof --data county --log 430121/claims --index 0 --out claim.tlog-proof',
      text: {
        en: 'writes claim.tlog-proof and claim.tlog-proof.entry; check them with `tongbu log check`',
        zh: '写出 claim.tlog-proof 和 claim.tlog-proof.entry；用 `tongbu log check` 校验',
      },
    },
  ]);
  command.action((options: ProofOptions) => prove(context, options));
}

async function prove(context: CliContext, options: ProofOptions): Promise<void> {
  const { log, index, key, out } = options;
  const called = 'tongbu log proof';
  if (index === undefined && key === undefined) throw fault('TB1010', { option: '--index', command: called });
  if (index !== undefined && key !== undefined) {
    throw fault('TB1012', { option: '--index', other: '--key', command: called });
  }
  using connection = await connectLocal(context, options, 'either');
  const request = { log, ...(key === undefined ? { index } : { key }) };
  const proof = await connection.unary<ProofMessage>(['site', 'Site', 'prove'], request);
  const { vkey, entry } = proof;
  const { origin, size, root } = openCheckpoint(proof.checkpoint, parseVkey(vkey));
  const entryOut = options.entryOut ?? entryBeside(out);
  writeFileSync(out, printProofFile(proof), { mode: 0o644 });
  // The entry holds the record.
  writeFileSync(entryOut, entry, { mode: 0o600 });
  const found = { log, origin, index: proof.index, size, root: toHex(root), vkey };
  const [number, count] = [formatCount(proof.index), formatCount(size)];
  const check = `tongbu log check ${out} --vkey ${vkey}`;
  const text = {
    en: `Entry ${number} of ${log} (${count} entries) is proven in ${out}; the entry itself is ${entryOut}.`,
    zh: `${log}（共 ${count} 条）第 ${number} 条的证明见 ${out}；条目本身见 ${entryOut}。`,
  };
  const next = { en: `Check it anywhere: ${check}`, zh: `可在任何地方校验：${check}` };
  printResult(context, { ...found, proof: out, entry: entryOut }, () =>
    [text, next].map((line) => context.text(line)).join('\n'),
  );
}
