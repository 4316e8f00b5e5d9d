import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../../base/errors.ts';
import type { SealMessage } from './seal-message.ts';

/**
 * The highest epoch of a site's sealed state that this officer has seen, beside the own certificate: an older
 * state that somebody puts back is named as such (T21).
 */
export function rememberEpoch(identity: string, officer: string, { site, epoch }: SealMessage): void {
  const path = join(identity, 'seen.json');
  const seen = readSeen(path);
  const highest = seen[site] ?? 0;
  if (highest > epoch) throw fault('TB1218', { epoch, officer, seen: highest });
  if (highest === epoch) return;
  try {
    writeFileSync(path, `${JSON.stringify({ ...seen, [site]: epoch })}\n`, { mode: 0o600 });
  } catch {
    // A folder on a read-only medium remembers nothing; that must not keep an officer from opening the site.
  }
}

function readSeen(path: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}
