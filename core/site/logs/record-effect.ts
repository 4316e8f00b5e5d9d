import { Fault } from '../../base/errors.ts';
import type { Effect, Quarantine } from '../../follow/follower.ts';
import type { RecordTables } from '../../intake/record-table.ts';
import { decodeEntry } from '../../records/entry.ts';

/** Keeps the newest state of every key; what is no record of its dataset is set aside, never thrown (I11). */
export function recordEffect(tables: RecordTables): Effect {
  return {
    apply(bytes: Uint8Array, index: number): Quarantine | undefined {
      try {
        const entry = decodeEntry(bytes);
        const { table, values } = tables.at(entry.key);
        if (entry.operation === 'delete') table.delete(values);
        else if (!table.upsert(values, entry.body, index, null)) {
          return { code: 'F06', text: 'the record has another key than its entry' };
        }
        return undefined;
      } catch (error) {
        if (error instanceof Fault && !error.retry) return { code: error.code, text: error.message };
        throw error;
      }
    },
  };
}
