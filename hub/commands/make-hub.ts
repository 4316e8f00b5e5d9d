import { resolve } from 'node:path';
import type { CliContext } from '../../core/cli/context.ts';
import { printResult } from '../../core/cli/output.ts';
import { ApprovalNotes } from '../../core/site/commands/approval-notes.ts';
import { checkHolders, lockHolders } from '../../core/site/commands/holders.ts';
import { hostsOf, readToken } from '../../core/site/commands/init-options.ts';
import { keyFor } from '../../core/site/commands/passphrase.ts';
import { readAuthorityFolder } from '../../core/site/joining/authority-folder.ts';
import { NewFolder } from '../../core/site/joining/new-folder.ts';
import { Contract } from '../contract.ts';
import { createHub, type HubMade } from '../create-hub.ts';
import type { HubInitOptions } from './init.ts';

/** Checks everything that can be refused here before a token is used up. */
export async function makeHub(context: CliContext, options: HubInitOptions): Promise<void> {
  const { data, site, name, tier, operator, threshold, sharesOut, listen, port, enrolPort } = options;
  const { clock, random, language } = context;
  new NewFolder(data).abandon();
  await checkHolders(options.holder, threshold, sharesOut);
  const contract = options.contract === undefined ? undefined : resolve(options.contract);
  if (contract !== undefined) Contract.read(contract);
  const question = { en: 'Passphrase of the authority', zh: '证书机构的口令' };
  const key = await keyFor(context, options.authorityIdentity, question);
  const authority = await readAuthorityFolder(options.authority, key);
  const tokenFile = options.uplinkTokenFile;
  const uplinkToken = tokenFile === undefined ? undefined : await readToken(context, tokenFile);
  using notes = new ApprovalNotes(context);
  const made = await createHub({
    folder: data,
    site,
    name,
    tier,
    authority,
    operator,
    holders: await lockHolders(context, options.holder),
    threshold,
    sharesFolder: sharesOut,
    hosts: hostsOf(options),
    listen: { host: listen, port },
    enrolPort,
    uplinkToken,
    contract,
    language,
    patience: notes.patience,
    clock,
    random,
  });
  authority.issuing.privateKey.fill(0);
  printMade(context, options, made);
}

function printMade(context: CliContext, { data, sharesOut }: HubInitOptions, made: HubMade): void {
  const { site, above, manifestHash } = made;
  const document = { site, above: above ?? null, manifestHash, data, shares: sharesOut };
  printResult(context, document, () =>
    context.text({
      en: `Hub ${site} is made in ${data}${above === undefined ? '' : `, enrolled at ${above}`}.
  share files        ${sharesOut}: hand one to each officer, and keep none
  certificates       ${data}/people: hand each folder to its person
  manifest           ${manifestHash}
Next: tongbu hub serve --data ${data}`,
      zh: `枢纽 ${site} 已创建于 ${data}${above === undefined ? '' : `，并已在 ${above} 准入`}。
  份额文件           ${sharesOut}：分别交给每位安全员，不留副本
  证书               ${data}/people：各目录交给本人
  清单散列           ${manifestHash}
下一步：tongbu hub serve --data ${data}`,
    }),
  );
}
