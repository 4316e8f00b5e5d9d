import type { CliContext } from '../../../cli/context.ts';
import { printResult } from '../../../cli/output.ts';
import { type SealAnswer, sealMethods } from '../seal-message.ts';
import type { TargetOptions } from '../seal-target-options.ts';
import { writeNewFile } from './new-file.ts';
import { officerIn } from './officer-in.ts';
import { SealSession } from './session.ts';

export interface FetchOptions extends TargetOptions {
  readonly out?: string;
}

/** A new holder takes the own share file, which only that officer's key opens. */
export async function fetchShare(context: CliContext, options: FetchOptions): Promise<void> {
  using session = await SealSession.open(context, options, officerIn);
  const { file, status } = await session.ask<SealAnswer & { readonly file: string }>(sealMethods.fetch);
  const officer = session.caller;
  const path = options.out ?? `${officer}.share.age`;
  writeNewFile(path, file);
  const { pendingSetId: set, pendingManifestHash: manifest } = status;
  const next = `tongbu seal prove --share ${path}`;
  printResult(context, { officer, path, set, manifest, next }, () =>
    context.text({
      en:
        `${path} written. Its manifest is sha256:${manifest}: compare it with the other new holders.\n` +
        `  → \`${next}\`, with your key`,
      zh:
        `已写入 ${path}。其清单散列为 sha256:${manifest}：请与其他新持有人核对。\n` +
        `  → 用您的私钥执行 \`${next}\``,
    }),
  );
}
