import { fromHex } from '../core/base/bytes.ts';
import type { ReceivingLog, SendingLog } from '../core/link/ports.ts';
import type { LogName } from '../core/log/batch.ts';
import { mirrorName, originLine } from '../core/log/log-origin.ts';
import type { Directory } from '../core/site/directory.ts';
import type { Hearings } from '../core/site/hearings.ts';
import type { Ledger, OriginKey } from './ledger/ledger.ts';

/** How the key that signs a log is named, and its bytes; undefined while no registry has it. */
export function originKeyOf(directory: Directory, log: LogName): OriginKey | undefined {
  const site = directory.find(log.origin);
  return site && { name: originLine(site.trustDomain, log), publicKey: fromHex(site.logKey) };
}

/** A log of the ledger as it is received from a peer. */
export function receivingInto(
  ledger: Ledger,
  log: LogName,
  directory: Directory,
  hearings: Hearings,
): ReceivingLog {
  let fence = 0;
  return {
    open: async () => {
      const opened = await ledger.open(log);
      fence = opened.fence;
      hearings.opened(log, opened.position.size);
      return opened.position;
    },
    store: async (batch) => {
      const key = originKeyOf(directory, log);
      if (key) return ledger.store(log, batch, fence, key);
      return { kind: 'refused', code: 'unknown-key', size: batch.first, text: `no key of ${log.origin} yet` };
    },
  };
}

/** A log of the ledger on its way to the hub above: segments as they came, never encoded again. */
export function forwardedFrom(ledger: Ledger, log: LogName, directory: Directory, above: string): SendingLog {
  return {
    head: () => ledger.head(log),
    compare: (position) => ledger.compare(log, position),
    read: (from, bounds) => ledger.read(log, from, bounds),
    keep: async ({ size, cosignature }) => {
      directory.mirrorOf(above); // TB1607 while the hub above is not known
      const site = directory.find(above);
      if (!site) return;
      const receiver = { name: mirrorName(site.trustDomain, above), publicKey: fromHex(site.mirrorKey) };
      await ledger.keep(log, { size, cosignature }, receiver, above);
    },
  };
}
