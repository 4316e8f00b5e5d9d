import { assert } from '../base/assert.ts';
import { equal, toBase64, view } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { canonicalBase64, canonicalDecimal } from './canonical.ts';
import { isKeyName, type SignerKey, type VerifierKey } from './keys.ts';
import { emptyRoot, hashBytes } from './leaf.ts';
import { type Note, parseNote, signNote, verifyNote } from './note.ts';

/** C2SP tlog-checkpoint without extension lines: what a log says of itself. */
export interface Checkpoint {
  /** Origin line, e.g. `hunan.example/430121/enrollment`; also the name of the log's key. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export interface SignedCheckpoint extends Checkpoint {
  /** As it came: what is stored and sent on. */
  readonly note: Note;
}

export function printCheckpoint({ origin, size, root }: Checkpoint): Buffer {
  assert(Number.isSafeInteger(size) && size >= 0 && root.length === hashBytes, 'not a checkpoint');
  return Buffer.from(`${origin}\n${size}\n${toBase64(root)}\n`);
}

/** Reads the text of a note. Throws TB1408. */
export function parseCheckpoint(noteText: Uint8Array): Checkpoint {
  const [origin = '', decimal = '', base64 = '', end, ...rest] = view(noteText).toString('utf8').split('\n');
  if (end !== '' || rest.length > 0) throw fault('TB1408', { reason: 'it has not exactly three lines' });
  const size = canonicalDecimal(decimal);
  const root = canonicalBase64(base64, hashBytes);
  if (!isKeyName(origin)) throw fault('TB1408', { reason: 'its first line names no log' });
  if (size === undefined) throw fault('TB1408', { reason: 'its second line is no size' });
  if (!root) throw fault('TB1408', { reason: 'its third line is no hash' });
  if (size === 0 && !equal(root, emptyRoot)) throw fault('TB1408', { reason: 'size 0 with another root' });
  return { origin, size, root };
}

/**
 * The note of a checkpoint under the log's key; under two while the key changes. Only ever called over
 * durable entries (I2).
 */
export function signCheckpoint(checkpoint: Checkpoint, ...signers: readonly SignerKey[]): Buffer {
  const own = signers.length > 0 && signers.every((signer) => signer.name === checkpoint.origin);
  assert(own, 'a checkpoint is signed by the keys of its own log');
  return signNote(printCheckpoint(checkpoint), signers);
}

/**
 * Parses and verifies in one call. The verifiers are keys of one log; the checkpoint must be of that log
 * (TB1409) and one of them must have signed it. A cosigner's key counts as none. Throws TB1405 to TB1409.
 */
export function openCheckpoint(
  noteBytes: Uint8Array,
  ...verifiers: readonly VerifierKey[]
): SignedCheckpoint {
  const note = parseNote(noteBytes);
  const checkpoint = parseCheckpoint(note.text);
  const own = verifiers.filter((key) => key.type === 'ed25519' && key.name === checkpoint.origin);
  if (own.length === 0) {
    throw fault('TB1409', { found: checkpoint.origin, wanted: verifiers.map((key) => key.name).join(', ') });
  }
  verifyNote(note, own);
  return { ...checkpoint, note };
}
