import type { CliContext } from '../../../cli/context.ts';
import { printResult } from '../../../cli/output.ts';
import { newAgeIdentity } from '../../../seal/age-identity.ts';
import { encryptSecret } from '../../../seal/secret-age-file.ts';
import { newPassphrase } from '../passphrase.ts';
import { writeNewFile } from './new-file.ts';

export interface KeyOptions {
  readonly out: string;
  readonly withPassphrase?: boolean;
}

/** Makes an officer's age key in a file that only its owner reads; the recipient is for everybody. */
export async function makeKey(context: CliContext, { out, withPassphrase }: KeyOptions): Promise<void> {
  const question = { en: 'Passphrase for the key file', zh: '私钥文件的口令' };
  const passphrase = withPassphrase ? await newPassphrase(context, question) : undefined;
  const { identity, recipient } = await newAgeIdentity();
  // As `age-keygen` writes it, so that the officer can do without this program.
  const text = `# created: ${new Date(context.clock.nowMs()).toISOString()}\n# public key: ${recipient}\n${identity}\n`;
  const bytes = Buffer.from(text);
  writeNewFile(out, passphrase === undefined ? bytes : await encryptSecret(bytes, { passphrase }));
  bytes.fill(0);
  printResult(context, { path: out, recipient, locked: passphrase !== undefined }, () =>
    context.text({
      en:
        `${recipient}\n${out} holds your secret key: keep it on a medium of your own.\n` +
        '  → Give the line above, and nothing else, to who deals the shares.',
      zh: `${recipient}\n${out} 中是您的私钥：请存放在本人的介质上。\n  → 只把上面一行交给分发份额的人。`,
    }),
  );
}
