import { readFileSync } from 'node:fs';
import { wipe } from '../../../base/bytes.ts';
import { Fault, fault } from '../../../base/errors.ts';
import type { CliContext } from '../../../cli/context.ts';
import { printResult } from '../../../cli/output.ts';
import { acceptDealtShare } from '../../../seal/acceptance.ts';
import type { Share } from '../../../seal/share.ts';
import { manifestHash, parseManifest, type ShareSet } from '../../../seal/share-set.ts';
import { type SealAnswer, sealMethods } from '../seal-message.ts';
import type { TargetOptions } from '../seal-target-options.ts';
import type { Manifests } from './manifests.ts';
import { officerIn } from './officer-in.ts';
import { readOwnShare } from './own-share.ts';
import { SealSession } from './session.ts';

export interface DrillOptions extends TargetOptions {
  readonly share: string;
  readonly identity?: string;
  readonly manifest?: string;
}

/**
 * An officer checks the own share alone: with a saved manifest no site is needed. With a site its manifest
 * must be the same, and what was found is recorded there, a failure as well. The share never leaves this
 * computer.
 */
export async function drill(context: CliContext, options: DrillOptions): Promise<void> {
  const { data, address, manifest: path } = options;
  const share = await readOwnShare(context, options.share, options.identity);
  try {
    if (data !== undefined || address !== undefined) await drillAtSite(context, options, share);
    else if (path === undefined) throw fault('TB1620', { missing: '--manifest' });
    else print(context, acceptDealtShare(share, share.officer, readManifest(path)), share, false);
  } finally {
    wipe(share.value);
  }
}

async function drillAtSite(context: CliContext, options: DrillOptions, share: Share): Promise<void> {
  using session = await SealSession.open(context, options, officerIn);
  const { active } = await session.ask<Manifests>(sealMethods.manifests);
  const saved = options.manifest === undefined ? active : readManifest(options.manifest);
  const record = (result: string) =>
    session.ask<SealAnswer>(sealMethods.drill, { manifestHash: share.manifestHash, result });
  try {
    if (!saved.equals(active)) {
      throw fault('TB1216', { found: manifestHash(saved), manifest: manifestHash(active) });
    }
    const set = acceptDealtShare(share, session.caller, active);
    await record('ok');
    print(context, set, share, true);
  } catch (error) {
    // The site refuses to record a manifest that is not its own, and writes that down itself.
    const result = error instanceof Fault ? error.code : 'failed';
    if (result !== 'TB1210') await record(result).catch(() => undefined);
    throw error;
  }
}

/** Throws TB1003, TB1258. */
export function readManifest(path: string): Buffer {
  let note: Buffer;
  try {
    note = readFileSync(path);
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
  if (!parseManifest(note)) throw fault('TB1258', { path });
  return note;
}

function print(context: CliContext, set: ShareSet, share: Share, recorded: boolean): void {
  const { site, setId, epoch, threshold, holders } = set;
  const { officer, holder, manifestHash: manifest } = share;
  const document = { fits: true, officer, site, set: setId, epoch, threshold, holders: holders.length };
  printResult(context, { ...document, holder, manifest, recorded }, () =>
    context.text({
      en:
        `The share of ${officer} is good: number ${holder} of set ${setId}, epoch ${epoch}, site ${site}.\n` +
        `Manifest sha256:${manifest}: the other officers must have the same.` +
        (recorded ? '\nThe site has recorded this drill.' : ''),
      zh:
        `${officer} 的份额有效：站点 ${site}，份额集 ${setId}，第 ${epoch} 期，第 ${holder} 号。\n` +
        `清单 sha256:${manifest}：各安全员的散列必须相同。${recorded ? '\n站点已记录本次自检。' : ''}`,
    }),
  );
}
