import { fault } from '../../base/errors.ts';
import type { Text } from '../../base/language.ts';
import type { CliContext } from '../../cli/context.ts';
import { promptSecret } from '../../cli/prompt.ts';
import { nodeFiles } from '../../seal/file-system.ts';
import { sealLimits } from '../../seal/limits.ts';
import { decryptSecret } from '../../seal/secret-age-file.ts';
import { readSecretFile } from '../../seal/secret-file.ts';
import type { ShareKey } from '../../seal/share-lock.ts';

const armored = '-----BEGIN AGE ENCRYPTED FILE-----';

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
 * An identity file may itself be locked by a passphrase, as `tongbu seal key` and `age -p -a` write it; that
 * one is asked then. Throws TB1003, TB1223, TB1622, TB1264.
 */
export async function keyFor(
  context: CliContext,
  identityFile: string | undefined,
  question: Text,
): Promise<ShareKey> {
  if (identityFile === undefined) return { passphrase: await promptSecret(context, question) };
  const bytes = readSecretFile(nodeFiles, identityFile, sealLimits.shareFileBytesMax);
  if (!bytes) throw fault('TB1003', { path: identityFile });
  const text = bytes.toString('latin1');
  bytes.fill(0);
  const identities = identitiesIn(
    text.startsWith(armored) ? await unlocked(context, identityFile, text) : text,
  );
  if (identities.length === 0) throw fault('TB1622', { path: identityFile });
  return { identities };
}

async function unlocked(context: CliContext, path: string, file: string): Promise<string> {
  const question = { en: 'Passphrase of the key file', zh: '私钥文件的口令' };
  const passphrase = await promptSecret(context, question);
  const bytes = await decryptSecret(file, { passphrase }).catch((error: unknown) => {
    throw fault('TB1264', { path }, error);
  });
  const text = Buffer.from(bytes).toString('latin1');
  bytes.fill(0);
  return text;
}

function identitiesIn(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line.startsWith('AGE-SECRET-KEY-'));
}
