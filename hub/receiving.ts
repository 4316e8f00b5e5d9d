import { fromHex } from '../core/base/bytes.ts';
import type { ReceivingLog, SendingLog } from '../core/link/ports.ts';
import type { LogName } from '../core/log/batch.ts';
import { mirrorName } from '../core/log/log-origin.ts';
import type { Directory } from '../core/site/directory.ts';
import type { Hearings } from '../core/site/logs/hearings.ts';
import type { SiteData } from '../core/site/site-data.ts';
import type { Ledger } from './ledger/ledger.ts';

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
      const key = directory.originKeyOf(log);
      if (key) return ledger.store(log, batch, fence, key);
      return { kind: 'refused', code: 'unknown-key', size: batch.first, text: `no key of ${log.origin} yet` };
    },
  };
}

/** A log of this hub as somebody reads it who gives no receipts: its own, or one of the ledger. */
export function readingOf(
  data: SiteData,
  ledger: Ledger,
  log: LogName,
): Pick<SendingLog, 'head' | 'compare' | 'read'> {
  const own = data.sending(log);
  if (data.store.find(log)) {
    return {
      head: async () => own.head(),
      compare: async (position) => own.compare(position),
      read: async (from, bounds) => own.read(from, bounds),
    };
  }
  return {
    head: () => ledger.head(log),
    compare: (position) => ledger.compare(log, position),
    read: (from, bounds) => ledger.read(log, from, bounds),
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
