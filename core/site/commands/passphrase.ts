import { fault } from '../../base/errors.ts';
import type { Text } from '../../base/language.ts';
import type { CliContext } from '../../cli/context.ts';
import { promptSecret } from '../../cli/prompt.ts';
import { nodeFiles } from '../../seal/file-system.ts';
import { sealLimits } from '../../seal/limits.ts';
import { readSecretFile } from '../../seal/secret-file.ts';
import type { ShareKey } from '../../seal/share-lock.ts';

/**
 * A passphrase that will lock something: twice on a terminal, where nobody sees what is typed; one line of
 * standard input elsewhere. Throws TB1229 for a short one, TB1617 when the two differ.
 */
export async function newPassphrase(context: CliContext, question: Text): Promise<string> {
  const passphrase = await promptSecret(context, question);
  const min = sealLimits.passphraseCharactersMin;
  if ([...passphrase].length < min) throw fault('TB1229', { min });
  if (!context.stdin.isTTY) return passphrase;
  const again = { en: `${question.en}, again`, zh: `${question.zh}（再次输入）` };
  if ((await promptSecret(context, again)) !== passphrase) throw fault('TB1617');
  return passphrase;
}

/**
 * What opens an age file: the identities in a file that nobody else may read, or a passphrase that is asked.
 */
export async function keyFor(
  context: CliContext,
  identityFile: string | undefined,
  question: Text,
): Promise<ShareKey> {
  if (identityFile === undefined) return { passphrase: await promptSecret(context, question) };
  const bytes = readSecretFile(nodeFiles, identityFile, sealLimits.shareFileBytesMax);
  if (!bytes) throw fault('TB1003', { path: identityFile });
  const lines = bytes.toString('latin1').split(/\r?\n/);
  bytes.fill(0);
  const identities = lines.map((line) => line.trim()).filter((line) => line.startsWith('AGE-SECRET-KEY-'));
  if (identities.length === 0) throw fault('TB1622', { path: identityFile });
  return { identities };
}
