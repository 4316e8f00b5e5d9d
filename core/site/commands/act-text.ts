import { fault } from '../../base/errors.ts';
import type { StoredAct } from '../audit/act-list.ts';

/** Act of site.proto, as it comes: the stored act, field by field. */
export type ActMessage = StoredAct;

/** Field by field: what a later program adds is not printed unseen. */
export function actDocument(act: ActMessage): object {
  const { index, no, time, kind, step, actor, fingerprint, from, subject, result, reason, detail } = act;
  return { index, no, time, kind, step, actor, fingerprint, from, subject, result, reason, detail };
}

/** One line: when, what, who, with which result, to what, why. Journal lines are for `--json`. */
export function actLine({
  time,
  kind,
  step,
  actor,
  from,
  subject,
  result,
  reason,
  detail,
}: ActMessage): string {
  const who = from === '' ? actor : `${actor} (${from})`;
  const more = kind === 'journal' ? '' : detail;
  return [time, `${kind}/${step}`, who, result, subject, reason, more]
    .filter((part) => part !== '')
    .join('  ');
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `24h`, `7d`, `2026-11-22`, `2026-11-22T08:00:00Z` or `all` as ms since 1970, 0 for all. Throws TB1957. */
export function sinceMs(text: string, nowMs: number): number {
  if (text === 'all') return 0;
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined && (unit === 'm' || unit === 'h' || unit === 'd')) {
    return Math.max(0, nowMs - Number(count) * unitMs[unit]);
  }
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isSafeInteger(at)) throw fault('TB1957');
  return Math.max(0, at);
}
