import { fault } from '../../base/errors.ts';
import { type JournalRecord, journalStart, parseRecord } from '../../seal/journal-record.ts';
import type { ActList } from './act-list.ts';
import type { Act } from './audit.ts';

/**
 * Digits in groups of four: the signed line is evidence and must get through the masking of identity data
 * unchanged. A line has no underscore of its own.
 */
export function grouped(line: string): string {
  return line.replaceAll(/\d{4}(?=\d)/g, '$&_');
}

export function ungrouped(detail: string): string {
  return detail.replaceAll('_', '');
}

/**
 * The acts that bring the audit log up to the seal's journal, which was written while the site was sealed.
 * Throws TB1950 when the journal is not the one of which `audit` holds the beginning: shortened, rewritten or
 * replaced. Every journal is chained by hashes, so the newest record that `audit` has speaks for all before.
 */
export function journalActs(site: string, journal: readonly JournalRecord[], audit: ActList): Act[] {
  const newest = audit.newest('journal');
  const held = newest && parseRecord(ungrouped(newest.detail));
  if (newest && !held) throw fault('TB1950', { site, index: journal.length });
  if (held && journal[held.index]?.hash !== held.hash) throw fault('TB1950', { site, index: held.index });
  return journal
    .slice(held ? held.index + 1 : 0)
    .map(({ timeMs, step, officer, result, ceremony, line }) => ({
      kind: 'journal',
      step,
      // Its lines name officers by themselves; which certificate they had, the calls say.
      by: 'site',
      subject: [officer, ceremony].filter((part) => part !== '-').join(' '),
      // A hash is longer than the column; the line has all of it.
      result: result.slice(0, 40),
      detail: grouped(line),
      atMs: timeMs,
    }));
}

/** Index of the first journal act that does not continue the one before; undefined when all do. */
export function brokenJournalAt(details: readonly string[]): number | undefined {
  let previous = journalStart;
  for (const [index, detail] of details.entries()) {
    const record = parseRecord(ungrouped(detail));
    if (record?.index !== index || record.previous !== previous) return index;
    previous = record.hash;
  }
  return undefined;
}
