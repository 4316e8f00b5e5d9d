import type { CliContext } from '../../../cli/context.ts';
import { printData, printDocument } from '../../../cli/output.ts';
import { manifestHash, parseManifest } from '../../../seal/share-set.ts';
import { type SealAnswer, sealMethods } from '../seal-message.ts';
import type { TargetOptions } from '../seal-target-options.ts';
import { writeNewFile } from './new-file.ts';
import { operatorIn } from './officer-in.ts';
import { SealSession } from './session.ts';

/** GetManifests: signed notes, empty where there is none. */
export interface Manifests extends SealAnswer {
  readonly active: Buffer;
  readonly pending: Buffer;
}

export interface ManifestOptions extends TargetOptions {
  readonly out?: string;
  readonly pending?: boolean;
}

/** Shows or saves the note of the set in force, or of the one that waits; it holds no secret. */
export async function saveManifest(context: CliContext, options: ManifestOptions): Promise<void> {
  using session = await SealSession.open(context, options, operatorIn);
  const { active, pending } = await session.ask<Manifests>(sealMethods.manifests);
  const note = options.pending ? pending : active;
  if (note.length > 0 && options.out !== undefined) writeNewFile(options.out, note);
  const set = note.length === 0 ? undefined : parseManifest(note);
  const facts = set && {
    set: set.setId,
    epoch: set.epoch,
    threshold: set.threshold,
    officers: set.holders.map(({ officer }) => officer),
    created: new Date(set.createdMs).toISOString(),
  };
  const found = set ? { manifest: manifestHash(note), ...facts, path: options.out ?? null } : null;
  if (context.json) return printDocument(context, { site: session.site, found });
  if (!set) return printData(context, context.text(nothing));
  printData(context, options.out === undefined ? note.toString('utf8').trimEnd() : options.out);
  printData(context, `sha256:${manifestHash(note)}`);
}

const nothing = { en: 'There is no such share set.', zh: '没有这样的份额集。' };
