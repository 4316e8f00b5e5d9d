import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { sealLimits } from '../../seal/limits.ts';
import { encryptSecret } from '../../seal/secret-age-file.ts';
import type { Holder } from '../joining/new-seal.ts';
import type { HolderOrder } from './holder-order.ts';
import { newPassphrase } from './passphrase.ts';

/**
 * Everything that can be wrong with the holders, before a token is used up or a key is made: TB1221 for an
 * impossible set, TB1613 for a share file that is there, TB1614 for a recipient that is none.
 */
export async function checkHolders(
  orders: readonly HolderOrder[],
  threshold: number,
  sharesFolder?: string,
): Promise<void> {
  const officers = orders.map(({ officer }) => officer);
  const refuse = (reason: string) => fault('TB1221', { threshold, holders: officers.length, reason });
  if (threshold > officers.length) throw refuse('t > n');
  if (officers.length > sealLimits.holdersMax) throw refuse(`n > ${sealLimits.holdersMax}`);
  if (new Set(officers).size !== officers.length) throw refuse('officer id twice');
  for (const { officer, recipient } of orders) {
    const path = sharesFolder === undefined ? '' : join(sharesFolder, `${officer}.share.age`);
    if (path !== '' && existsSync(path)) throw fault('TB1613', { path });
    if (recipient === undefined) continue;
    try {
      await encryptSecret(new Uint8Array(1), { recipients: [recipient] });
    } catch (error) {
      throw fault('TB1614', { officer }, error);
    }
  }
}

/** Asks for the passphrases of those without a recipient, in the order in which they were named. */
export async function lockHolders(context: CliContext, orders: readonly HolderOrder[]): Promise<Holder[]> {
  const holders: Holder[] = [];
  for (const { officer, recipient } of orders) {
    const question = { en: `Passphrase of officer ${officer}`, zh: `安全员 ${officer} 的口令` };
    const lock =
      recipient === undefined
        ? { passphrase: await newPassphrase(context, question) }
        : { recipients: [recipient] };
    holders.push({ officer, lock });
  }
  return holders;
}
