import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wipe } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import type { Text } from '../../base/language.ts';
import type { CliContext } from '../../cli/context.ts';
import { printResult } from '../../cli/output.ts';
import { confirm } from '../../cli/prompt.ts';
import type { Share } from '../../seal/share.ts';
import { readShareFile } from '../../seal/share-file.ts';
import { printShareText } from '../../seal/share-text.ts';
import { onlyIdentity } from './caller.ts';
import { recallSeal, rememberSeal } from './officer-memory.ts';
import { keyFor } from './passphrase.ts';
import type { SealOptions, UnsealOptions } from './seal.ts';
import {
  type SealAnswer,
  type SealMessage,
  sealDocument,
  sealMethods,
  sealSentence,
} from './seal-message.ts';
import { connectTarget } from './seal-target.ts';
import type { TargetOptions } from './seal-target-options.ts';
import type { RemoteSite } from './site-connection.ts';

/** Opening may have to read a ledger's heads; far beyond what a healthy disk needs. */
const openingMs = 120_000;

/** Enters one share, after the site has shown that it is the one that the share is for. */
export async function unseal(context: CliContext, options: UnsealOptions): Promise<void> {
  const file = readFile(options.share);
  const question = { en: 'Passphrase of the share file', zh: '份额文件的口令' };
  const share = await readShareFile(file, await keyFor(context, options.identity, question));
  const { officer } = share;
  const { connection, identity } = await connectTarget(context, options, ({ folder }) =>
    join(folder?.paths.people ?? '', `officer-${officer}`),
  );
  using _closed = connection;
  const before = (await connection.unary<SealAnswer>(sealMethods.status)).status;
  checkShareOf(share, before);
  const { site, manifestHash } = share;
  const seen = recallSeal(identity, site) ?? { epoch: 0, journalHead: '' };
  const request = { share: printShareText(share), ceremonyId: '', site, manifestHash, ...seen };
  wipe(share.value);
  const { status: after } = await connection.unary<SealAnswer>(sealMethods.enter, request, openingMs);
  rememberSeal(identity, after);
  printResult(context, { entered: officer, ...sealDocument(after) }, () => context.text(progressOf(after)));
}

/** What the site is asked before it is told anything: the share must be one of the set in force there. */
function checkShareOf({ officer, ...share }: Share, site: SealMessage): void {
  if (share.site !== site.site) throw fault('TB1210', { officer, found: share.site, site: site.site });
  if (site.state === 'unsealed') throw fault('TB1202', { site: site.site });
  if (share.setId !== site.setId) {
    throw fault('TB1211', { officer, set: share.setId, epoch: share.epoch, wanted: site.setId });
  }
  if (share.manifestHash !== site.manifestHash) {
    throw fault('TB1216', { found: share.manifestHash, manifest: site.manifestHash });
  }
}

function progressOf(status: SealMessage): Text {
  const { state, threshold, received } = status;
  const sentence = sealSentence(status);
  const have = state === 'unsealed' ? threshold : received.length;
  return { en: `${have} of ${threshold}. ${sentence.en}`, zh: `${have}/${threshold}。${sentence.zh}` };
}

/** Exit code 3 while the site is not open. */
export async function sealStatus(context: CliContext, options: TargetOptions): Promise<void> {
  const { connection } = await connectTarget(context, options, operatorOf);
  using _closed = connection;
  const answer = (await connection.unary<SealAnswer>(sealMethods.status)).status;
  if (answer.state !== 'unsealed') context.exitCode = 3;
  printResult(context, sealDocument(answer), () => context.text(sealSentence(answer)));
}

/** Asks before it closes the site. */
export async function sealSite(context: CliContext, options: SealOptions): Promise<void> {
  const { connection } = await connectTarget(context, options, operatorOf);
  using _closed = connection;
  const { site } = connection;
  const question = {
    en: `Site ${site} will be sealed: replication and intake stop until the officers open it again.`,
    zh: `站点 ${site} 将被封存：在安全员重新解封之前，复制与接入都会停止。`,
  };
  await confirm(context, { question, expected: site, yes: options.yes === true });
  const answer = await connection.unary<SealAnswer>(sealMethods.seal, { reason: options.reason });
  printResult(context, sealDocument(answer.status), () => context.text(sealSentence(answer.status)));
}

function operatorOf({ folder }: RemoteSite): string {
  return folder ? onlyIdentity(folder.paths, 'operator') : '';
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}
