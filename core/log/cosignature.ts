import { fault } from '../base/errors.ts';
import { parseCheckpoint } from './checkpoint.ts';
import type { Cosigner, VerifierKey } from './keys.ts';
import { type Note, type NoteSignature, parseNote, parseSignature, printSignature } from './note.ts';

/*
 * C2SP tlog-cosignature: "as of that time, this is the largest consistent tree of this log that I have seen"
 * and whatever else the cosigner's name says. So only the newest size that is held durably may be cosigned;
 * the caller compares and swaps (I4).
 */

/** The signature line (with newline) of the cosigner under a checkpoint note. Throws TB1405, TB1408. */
export function cosign(noteBytes: Uint8Array, cosigner: Cosigner, timeMs: number): Buffer {
  const { text } = parseNote(noteBytes);
  parseCheckpoint(text); // a cosigner signs checkpoints and nothing else
  return printSignature(cosigner.verifier, cosigner.sign(text, Math.floor(timeMs / 1000)));
}

/**
 * When the cosigner signed, in whole seconds. Throws TB1405 for a line or note that does not parse, TB1408,
 * TB1417 for the line of another key or an impossible time, TB1407 for a wrong signature.
 */
export function verifyCosignature(
  noteBytes: Uint8Array,
  line: Uint8Array,
  verifier: VerifierKey,
): { readonly timeMs: number } {
  const { text } = parseNote(noteBytes);
  parseCheckpoint(text);
  const cosignature = parseSignature(line);
  if (!isOf(cosignature, verifier)) throw fault('TB1417', { name: verifier.name });
  if (!verifier.verify(text, cosignature.signature)) throw fault('TB1407', { name: verifier.name });
  return { timeMs: timeOf(cosignature) };
}

/** The newest time at which `verifier` cosigned a note that has been verified. Throws TB1417. */
export function cosignatureTimeMs(note: Note, verifier: VerifierKey): number {
  const times = note.signatures.filter((line) => isOf(line, verifier)).map(timeOf);
  if (times.length === 0) throw fault('TB1417', { name: verifier.name });
  return Math.max(...times);
}

function isOf({ name, keyId }: NoteSignature, verifier: VerifierKey): boolean {
  return verifier.type === 'cosignature' && name === verifier.name && keyId === verifier.keyId;
}

function timeOf({ name, signature }: NoteSignature): number {
  const timeMs = Number(signature.readBigUInt64BE()) * 1000;
  if (!Number.isSafeInteger(timeMs)) throw fault('TB1417', { name });
  return timeMs;
}
