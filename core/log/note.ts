import { isUtf8 } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import { assert } from '../base/assert.ts';
import { view } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { canonicalBase64 } from './canonical.ts';
import { isKeyName, type SignerKey, type VerifierKey } from './keys.ts';

/*
 * C2SP signed note: a text, an empty line, and lines `— <key name> <base64(key id ‖ signature)>`. What was
 * parsed is what is verified and stored: the bytes are kept as they came and never printed anew.
 */

/** Bytes of a note: bounds what a peer makes us parse; 64 lines of any type we know fit. */
export const noteBytesMax = 65_536;
/** Signature lines of a note; the format asks for at least 16. */
export const noteSignaturesMax = 64;

export interface NoteSignature {
  readonly name: string;
  /** 8 lower-case hex digits. */
  readonly keyId: string;
  /** Without the key id. */
  readonly signature: Buffer;
}

export interface Note {
  /** With its last newline. */
  readonly text: Buffer;
  readonly signatures: readonly NoteSignature[];
  /** The whole note as it came; the other parts are views of it. */
  readonly bytes: Buffer;
}

const keyIdBytes = 4;

/** Throws TB1405. Nothing of the note may be believed before `verifyNote`. */
export function parseNote(bytes: Uint8Array): Note {
  const note = view(bytes);
  if (note.length > noteBytesMax) throw malformed(`it has more than ${noteBytesMax} bytes`);
  if (!isPlainText(note)) throw malformed('it is not plain UTF-8 text');
  const gap = note.lastIndexOf('\n\n');
  if (gap < 0) throw malformed('no empty line parts text and signatures');
  if (note.at(-1) !== 0x0a || note.length === gap + 2) throw malformed('no signature line ends it');
  const lines = note.toString('utf8', gap + 2, note.length - 1).split('\n');
  if (lines.length > noteSignaturesMax) throw malformed(`it has more than ${noteSignaturesMax} signatures`);
  return { text: note.subarray(0, gap + 1), signatures: lines.map(parseLine), bytes: note };
}

/**
 * The keys that signed the note, each once. A line whose name and id are both known must verify, else the
 * whole note is refused (TB1407); lines of unknown keys are ignored; at least one must be known (TB1406).
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): VerifierKey[] {
  const verified = new Set<VerifierKey>();
  for (const { name, keyId, signature } of note.signatures) {
    for (const key of keys) {
      if (key.name !== name || key.keyId !== keyId) continue;
      if (!key.verify(note.text, signature)) throw fault('TB1407', { name });
      verified.add(key);
    }
  }
  if (verified.size === 0) throw fault('TB1406', { names: keys.map((key) => key.name).join(', ') });
  return [...verified];
}

/** The note of a text (which ends with a newline), signed by each of the signers in turn. */
export function signNote(text: Uint8Array, signers: readonly SignerKey[]): Buffer {
  assert(view(text).at(-1) === 0x0a && isPlainText(text), 'a note is plain text that ends with a newline');
  const lines = signers.map(({ verifier, sign }) => printSignature(verifier, sign(text)));
  return Buffer.concat([text, Buffer.of(0x0a), ...lines]);
}

/** The note with one more signature line; the same note when it has that line. Throws TB1405. */
export function appendSignature(noteBytes: Uint8Array, line: Uint8Array): Buffer {
  const { bytes, signatures } = parseNote(noteBytes);
  const added = parseSignature(line);
  if (signatures.some((held) => isDeepStrictEqual(held, added))) return bytes;
  return parseNote(Buffer.concat([bytes, line])).bytes;
}

/** A signature line with its newline. */
export function printSignature(key: VerifierKey, signature: Uint8Array): Buffer {
  const payload = Buffer.concat([Buffer.from(key.keyId, 'hex'), signature]);
  return Buffer.from(`— ${key.name} ${payload.toString('base64')}\n`);
}

/** Reads one signature line with its newline. Throws TB1405. */
export function parseSignature(line: Uint8Array): NoteSignature {
  const text = view(line).toString('utf8');
  if (!isPlainText(line) || text.indexOf('\n') !== text.length - 1) throw malformed('not one signature line');
  return parseLine(text.slice(0, -1));
}

function parseLine(line: string): NoteSignature {
  const [dash, name = '', base64 = '', ...rest] = line.split(' ');
  if (dash !== '—' || rest.length > 0 || !isKeyName(name)) throw malformed('not a signature line');
  const payload = canonicalBase64(base64);
  if (!payload || payload.length <= keyIdBytes) throw malformed(`the signature of ${name} is not base64`);
  const keyId = payload.toString('hex', 0, keyIdBytes);
  return { name, keyId, signature: payload.subarray(keyIdBytes) };
}

/** UTF-8 without control characters other than newlines. */
function isPlainText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && bytes.every((byte) => byte >= 0x20 || byte === 0x0a);
}

function malformed(reason: string): Error {
  return fault('TB1405', { reason });
}
