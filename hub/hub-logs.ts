import { fault } from '../core/base/errors.ts';
import type { LogName } from '../core/log/batch.ts';
import type { Directory } from '../core/site/directory.ts';
import { type LocalLogs, vkeyOf } from '../core/site/logs/local-logs.ts';
import type { LogView, OpenSite } from '../core/site/open-site.ts';
import type { Ledger, LedgerLog } from './ledger/ledger.ts';
import type { RecordFollower } from './records/record-follower.ts';

/** What operators ask about logs: those in the hub's own file and those in the ledger. */
export function hubLogs(
  local: LocalLogs,
  ledger: Ledger,
  records: RecordFollower,
  directory: Directory,
): Pick<OpenSite, 'logs' | 'verify' | 'prove' | 'vkey' | 'export'> {
  const view = ({ log, size, root, receipts }: LedgerLog): LogView => ({
    log,
    own: false,
    size,
    signed: size,
    root,
    receipts,
    ...records.of(log),
  });
  return {
    logs: async () => [...local.views(), ...(await ledger.logs()).map(view)],
    verify: async (log, progress) => {
      if (local.holds(log)) return local.verify(log, progress);
      const key = directory.originKeyOf(log);
      if (!key) throw fault('TB1607', { site: log.origin });
      return ledger.verify(log, key, progress);
    },
    prove: async (log: LogName, index: number) =>
      local.holds(log) ? local.prove(log, index) : ledger.prove(log, index),
    vkey: (log) => vkeyOf(directory, log),
    export: (log, write) => (local.holds(log) ? local.export(log, write) : ledger.export(log, write)),
  };
}
