import { parseToken } from '../../../certs/enrolment-token.ts';
import { fingerprintOf } from '../../../certs/fingerprint.ts';
import { isRole, nameFits } from '../../../certs/identity.ts';
import { generateKeyPair } from '../../../certs/key-pair.ts';
import { assert } from '../../base/assert.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { printResult } from '../../cli/output.ts';
import { enrol } from '../joining/enrol.ts';
import { NewFolder } from '../joining/new-folder.ts';
import { wipeKeys } from '../joining/store-identities.ts';
import type { WantedIdentity } from '../joining/wanted-identity.ts';
import { writeIdentity } from '../trust/identity-folder.ts';
import { ApprovalNotes } from './approval-notes.ts';
import type { CertsEnrolOptions } from './certs-enrol.ts';
import { readToken } from './init-options.ts';

const noSiteKeys = { log: Buffer.alloc(0), mirror: Buffer.alloc(0), journal: Buffer.alloc(0) } as const;

/** The folder appears whole or not at all. What can be refused here is, before the hub hears of the token. */
export async function enrolPerson(context: CliContext, options: CertsEnrolOptions): Promise<void> {
  const { out, role, name = '' } = options;
  assert(isRole(role), 'the option takes roles alone');
  if (!nameFits(role, name)) {
    throw fault('TB1010', { option: '--name', command: 'tongbu certs enrol' });
  }
  new NewFolder(out).abandon();
  const line = await readToken(context, options.tokenFile);
  const { site } = parseToken(line);
  const wanted: WantedIdentity = { role, name, hosts: [], keys: generateKeyPair() };
  const { clock, random } = context;
  using notes = new ApprovalNotes(context);
  try {
    const enrolled = await enrol(line, [wanted], noSiteKeys, { ...notes.patience, clock, random });
    const { root, lists, trustDomain } = enrolled;
    const chain = enrolled.issued[0]?.chain ?? [];
    const folder = new NewFolder(out);
    try {
      writeIdentity(folder.paths.folder, { root, lists, chain, privateKey: wanted.keys.privateKey });
      folder.commit();
    } catch (error) {
      folder.abandon();
      throw error;
    }
    const fingerprint = fingerprintOf(chain[0] ?? new Uint8Array());
    printResult(context, { site, role, name, trustDomain, fingerprint, folder: out }, () =>
      context.text({
        en: `The certificate of ${role} ${name} of ${site} is in ${out}; only you can read its key.
Next: give --as ${out} to commands, or make a file for a browser:
  tongbu certs p12 --identity ${out} --out ${out}.p12`,
        zh: `${site} 的 ${role} ${name} 证书已写入 ${out}，私钥在同一目录，仅本人可读。
下一步：在命令中使用 --as ${out}；或生成浏览器文件：
  tongbu certs p12 --identity ${out} --out ${out}.p12`,
      }),
    );
  } finally {
    wipeKeys([wanted]);
  }
}
