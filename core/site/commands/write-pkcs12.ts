import { existsSync, writeFileSync } from 'node:fs';
import { trustDomainOf } from '../../../certs/issued-identity.ts';
import { examinePeer } from '../../../certs/peer-policy.ts';
import { printPkcs12 } from '../../../certs/pkcs12.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { printResult } from '../../cli/output.ts';
import { readIdentity } from '../trust/identity-folder.ts';
import { existingIdentity } from './caller.ts';
import type { CertsPkcs12Options } from './certs-p12.ts';
import { newPassphrase } from './passphrase.ts';

/** Throws TB1378 for a file that is there, TB1229 and TB1617 for the passphrase; nothing is written then. */
export async function writePkcs12(context: CliContext, { identity, out }: CertsPkcs12Options): Promise<void> {
  if (existsSync(out)) throw fault('TB1378', { path: out });
  const { chain, roots, privateKey } = await readIdentity(existingIdentity(identity));
  const [leaf = new Uint8Array(), ...above] = chain;
  const [root = new Uint8Array()] = roots;
  const policy = {
    trustDomain: trustDomainOf(root),
    nowMs: context.clock.nowMs(),
    revoked: new Set<string>(),
  };
  const peer = examinePeer(leaf, policy);
  // A browser would import it and show nothing but a failed connection.
  if ('refusal' in peer) throw fault('TB1301', { reason: peer.refusal });
  const question = { en: `Passphrase for ${out}`, zh: `${out} 的口令` };
  const passphrase = await newPassphrase(context, question);
  const label = [peer.site, peer.role, peer.name].filter((part) => part !== '').join(' ');
  const file = await printPkcs12({ chain: [leaf, ...above, root], privateKey, label }, passphrase);
  privateKey.fill(0);
  writeFileSync(out, file, { mode: 0o600, flag: 'wx' });
  printResult(context, { file: out, label }, () =>
    context.text({
      en: `${out} holds the key and certificate of ${label}.
Next: import it into the browser, then delete the file.`,
      zh: `${out} 含有 ${label} 的私钥与证书。
下一步：导入浏览器，然后删除该文件。`,
    }),
  );
}
