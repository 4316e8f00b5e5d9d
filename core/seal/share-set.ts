import { hash } from 'node:crypto';
import { fromHex, toHex } from '../base/bytes.ts';
import type { JournalKey } from './journal-key.ts';
import { JournalVerifier } from './journal-verifier.ts';
import { sealLimits } from './limits.ts';
import { manifestSignedBy, manifestText, signManifestNote } from './manifest-note.ts';

export interface Holder {
  /** From 1, in the order of the manifest; the number that a share text carries. */
  readonly number: number;
  /** The canonical FROST identifier derived from the officer id: 64 lower-case hex digits. */
  readonly identifier: string;
  readonly officer: string;
  /** SHA-256 of the DER of the officer's certificate at the time of dealing, hex. */
  readonly certificateFingerprint: string;
}

/** A share set as its manifest states it: public, and the same for every holder. */
export interface ShareSet {
  readonly site: string;
  /** 16 random bytes, hex. */
  readonly setId: string;
  readonly epoch: number;
  readonly threshold: number;
  /** Whole seconds, as milliseconds since 1970. */
  readonly createdMs: number;
  /** Exactly `threshold` points of 32 bytes, the constant term first. */
  readonly commitments: readonly Uint8Array[];
  readonly holders: readonly Holder[];
  readonly journal: JournalVerifier;
}

const first = 'tongbu/share-set/v1';

/** The signed manifest of a set (format of SECURITY 2.3). */
export function printManifest(set: Omit<ShareSet, 'journal'>, key: JournalKey): Buffer {
  return signManifestNote(manifestLines({ ...set, journal: key.verifier }), key);
}

/** What two officers compare: SHA-256 of the whole note, in hex. */
export function manifestHash(manifest: Uint8Array): string {
  return hash('sha256', manifest, 'hex');
}

/**
 * Strict: undefined unless the bytes are exactly what `printManifest` prints for this set, signed by the key
 * that it names. It does not compare the count of commitments with the threshold: `checkCommitments` does,
 * with an error of its own (T17).
 */
export function parseManifest(manifest: Uint8Array): ShareSet | undefined {
  const text = manifestText(manifest);
  if (text === undefined) return undefined;
  const set = parseLines(text.split('\n'));
  if (set === undefined || manifestLines(set) !== text) return undefined;
  return manifestSignedBy(manifest, set.journal) ? set : undefined;
}

function manifestLines(set: ShareSet): string {
  const lines = [
    first,
    `site ${set.site}`,
    `set ${set.setId}`,
    `epoch ${set.epoch}`,
    `threshold ${set.threshold} of ${set.holders.length}`,
    `created ${new Date(set.createdMs).toISOString().replace('.000Z', 'Z')}`,
    ...set.commitments.map((point) => `commitment ${toHex(point)}`),
    ...set.holders.map((h) => `holder ${h.number} ${h.identifier} ${h.officer} ${h.certificateFingerprint}`),
    `journal ${set.journal.print()}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Reads the fields; the caller prints them again and compares, so order and form need no check here. */
function parseLines(lines: readonly string[]): ShareSet | undefined {
  const [head, siteLine = '', setLine = '', epochLine = '', thresholdLine = '', createdLine = ''] = lines;
  const site = /^site ([0-9]{6})$/.exec(siteLine)?.[1];
  const setId = /^set ([0-9a-f]{32})$/.exec(setLine)?.[1];
  const epoch = /^epoch ([1-9][0-9]{0,14})$/.exec(epochLine)?.[1];
  const threshold = /^threshold ([1-9][0-9]?) of [1-9][0-9]?$/.exec(thresholdLine)?.[1];
  const createdMs = Date.parse(/^created (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(createdLine)?.[1] ?? '');
  const journal = JournalVerifier.parse(/^journal (.+)$/.exec(lines.at(-2) ?? '')?.[1] ?? '');
  const rest = lines.slice(6, -2);
  if (head !== first || site === undefined || setId === undefined || epoch === undefined) return undefined;
  if (threshold === undefined || Number.isNaN(createdMs) || journal === undefined) return undefined;
  const commitments = rest.flatMap((line) => {
    const point = /^commitment ([0-9a-f]{64})$/.exec(line)?.[1];
    return point === undefined ? [] : [fromHex(point)];
  });
  const holders = rest.flatMap(parseHolder);
  if (holders.length > sealLimits.holdersMax || !distinct(holders)) return undefined;
  return {
    site,
    setId,
    epoch: Number(epoch),
    threshold: Number(threshold),
    createdMs,
    commitments,
    holders,
    journal,
  };
}

function parseHolder(line: string): Holder[] {
  const parts = /^holder ([1-9][0-9]?) ([0-9a-f]{64}) ([a-z0-9-]{1,32}) ([0-9a-f]{64})$/.exec(line);
  const [, number, identifier, officer, certificateFingerprint] = parts ?? [];
  if (number === undefined || identifier === undefined) return [];
  if (officer === undefined || certificateFingerprint === undefined) return [];
  return [{ number: Number(number), identifier, officer, certificateFingerprint }];
}

function distinct(holders: readonly Holder[]): boolean {
  const inOrder = holders.every((holder, index) => holder.number === index + 1);
  return inOrder && new Set(holders.map((holder) => holder.officer)).size === holders.length;
}
