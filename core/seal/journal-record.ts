import { hash } from 'node:crypto';
import { fromBase64, toBase64 } from '../base/bytes.ts';
import type { JournalKey } from './journal-key.ts';
import type { JournalVerifier } from './journal-verifier.ts';

/** What happened: all codes and ids, no free text, no share. */
export interface JournalEntry {
  readonly timeMs: number;
  /** Ceremony id, hex, or '-'. */
  readonly ceremony: string;
  /** For example `share`, `unsealed`, `sealed`; lower case with hyphens. */
  readonly step: string;
  /** Officer id or role, or '-'. */
  readonly officer: string;
  /** `ok`, a code such as TB1213, a hash, or one word that belongs to the step. */
  readonly result: string;
}

export interface JournalRecord extends JournalEntry {
  readonly index: number;
  /** Hash of the record before, hex; 64 zeros for the first. */
  readonly previous: string;
  /** SHA-256 of the whole line, signature included, hex. */
  readonly hash: string;
  /** As it stands in the file, without the line's end. */
  readonly line: string;
}

export const journalStart = '0'.repeat(64);

/** `index previous time ceremony step officer result signature`, one line (SECURITY 2.7). */
export function printRecord(
  entry: JournalEntry,
  index: number,
  previous: string,
  site: string,
  key: JournalKey,
): JournalRecord {
  const { timeMs, ceremony, step, officer, result } = entry;
  const body = `${index} ${previous} ${timeMs} ${ceremony} ${step} ${officer} ${result}`;
  const line = `${body} ${toBase64(key.sign(signedText(site, body)))}`;
  return { ...entry, index, previous, hash: hash('sha256', line), line };
}

/** Reads one line; undefined when it is not of the form. Chain and signature are checked by others. */
export function parseRecord(line: string): JournalRecord | undefined {
  const form = new RegExp(
    '^(0|[1-9][0-9]{0,8}) ([0-9a-f]{64}) ([0-9]{1,15}) (-|[0-9a-f]{32}) ([a-z-]{1,40}) ' +
      '([a-z0-9-]{1,32}) ([A-Za-z0-9-]{1,64}) [A-Za-z0-9+/]{86}==$',
  );
  const fields = form.exec(line)?.slice(1);
  if (fields === undefined) return undefined;
  const [index, previous = '', timeMs, ceremony = '', step = '', officer = '', result = ''] = fields;
  return {
    index: Number(index),
    previous,
    timeMs: Number(timeMs),
    ceremony,
    step,
    officer,
    result,
    hash: hash('sha256', line),
    line,
  };
}

export function signatureIsValid(record: JournalRecord, site: string, verifier: JournalVerifier): boolean {
  const end = record.line.lastIndexOf(' ');
  try {
    return verifier.verify(
      signedText(site, record.line.slice(0, end)),
      fromBase64(record.line.slice(end + 1)),
    );
  } catch {
    return false; // base64 with stray bits
  }
}

function signedText(site: string, body: string): Buffer {
  return Buffer.from(`tongbu/journal/v1\n${site}\n${body}\n`);
}
