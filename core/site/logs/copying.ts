import type { ReceivingLog } from '../../link/ports.ts';
import type { Outcome } from '../../link/receiver-session.ts';
import type { Batch, LogName } from '../../log/batch.ts';
import type { Directory } from '../directory.ts';
import type { Hearings } from './hearings.ts';
import type { ReceivingStore } from './receiving-store.ts';

/** A log from above as this site receives it, into its own file. */
export function copying(
  log: LogName,
  receiving: ReceivingStore,
  directory: Directory,
  hearings: Hearings,
): ReceivingLog {
  let fence = 0;
  return {
    open: async () => {
      const opened = receiving.open(log);
      fence = opened.fence;
      hearings.opened(log, opened.position.size);
      return opened.position;
    },
    store: async (batch: Batch): Promise<Outcome> => {
      const verifier = directory.verifierOf(log);
      if (!verifier) {
        return { kind: 'refused', code: 'unknown-key', size: batch.first, text: `no key for ${log.origin}` };
      }
      const [outcome] = receiving.store([{ log, batch, fence, verifier }]);
      if (!outcome) throw new RangeError('one outcome for one delivery');
      return outcome;
    },
  };
}
