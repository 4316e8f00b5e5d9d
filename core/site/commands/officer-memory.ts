import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../../base/errors.ts';
import type { SealMessage } from './seal-message.ts';

/** What an officer's tool saw last of a site's seal, and sends with the next share. */
export interface SeenSeal {
  readonly epoch: number;
  readonly journalHead: string;
}

/**
 * Beside the officer's certificate, by site: so that a state put back from an older copy, or a rewritten
 * journal, is noticed by the next officer (T21). Undefined before the first ceremony.
 */
export function recallSeal(identity: string, site: string): SeenSeal | undefined {
  return readSeen(identity)[site];
}

/**
 * Keeps what the site shows now. Only after an answer for which the journal was compared with what was seen
 * before: otherwise a rewritten one would be taken for the old one from then on.
 */
export function rememberSeal(identity: string, { site, epoch, journalHead }: SealMessage): void {
  const seen = { ...readSeen(identity), [site]: { epoch, journalHead } };
  try {
    writeFileSync(pathIn(identity), `${JSON.stringify(seen, undefined, 2)}\n`, { mode: 0o600 });
  } catch {
    // A medium that can't be written remembers nothing; that must not keep an officer from opening the site.
  }
}

/** Throws STATE_OLDER: nothing is told to a site whose state was put back. */
export function checkSeenEpoch(identity: string, officer: string, { site, epoch }: SealMessage): void {
  const seen = recallSeal(identity, site);
  if (seen !== undefined && seen.epoch > epoch) throw fault('TB1218', { officer, epoch, seen: seen.epoch });
}

function readSeen(identity: string): Record<string, SeenSeal> {
  try {
    return JSON.parse(readFileSync(pathIn(identity), 'utf8')) as Record<string, SeenSeal>;
  } catch {
    return {};
  }
}

function pathIn(identity: string): string {
  return join(identity, 'seen.json');
}
