import type { CliContext } from '../../core/cli/context.ts';
import { printResult } from '../../core/cli/output.ts';
import { ApprovalNotes } from '../../core/site/commands/approval-notes.ts';
import { checkHolders, lockHolders } from '../../core/site/commands/holders.ts';
import { hostsOf, readToken } from '../../core/site/commands/init-options.ts';
import { NewFolder } from '../../core/site/joining/new-folder.ts';
import { createCounty } from '../create-county.ts';
import type { NodeInitOptions } from './init.ts';

/** Checks everything that can be refused here before a token is used up. */
export async function makeCounty(context: CliContext, options: NodeInitOptions): Promise<void> {
  const { data, operator, business = [], threshold, sharesOut, listen, port } = options;
  const { clock, random, language } = context;
  new NewFolder(data).abandon();
  await checkHolders(options.holder, threshold, sharesOut);
  const token = await readToken(context, options.tokenFile);
  using notes = new ApprovalNotes(context);
  const made = await createCounty({
    folder: data,
    token,
    operator,
    holders: await lockHolders(context, options.holder),
    business,
    threshold,
    sharesFolder: sharesOut,
    hosts: hostsOf(options),
    listen: { host: listen, port },
    language,
    patience: notes.patience,
    clock,
    random,
  });
  printResult(context, { ...made, data, shares: sharesOut }, () =>
    context.text({
      en: `County ${made.site} is made in ${data}, enrolled at ${made.hub}.
  share files        ${sharesOut}: hand one to each officer, and keep none
  certificates       ${data}/people: hand each folder to its person
  manifest           ${made.manifestHash}
Next: tongbu node serve --data ${data}`,
      zh: `县级站点 ${made.site} 已创建于 ${data}，并已在 ${made.hub} 准入。
  份额文件           ${sharesOut}：分别交给每位安全员，不留副本
  证书               ${data}/people：各目录交给本人
  清单散列           ${made.manifestHash}
下一步：tongbu node serve --data ${data}`,
    }),
  );
}
