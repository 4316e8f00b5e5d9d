import { toBase64, view } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { canonicalBase64, canonicalDecimal } from './canonical.ts';
import { hashBytes } from './leaf.ts';

/*
 * C2SP tlog-proof, `.tlog-proof`: a proof that anybody can check offline, years later, with the entry, the
 * keys and the published format, and without any of us.
 */

export interface ProofFile {
  readonly index: number;
  /** From the leaf's sibling upwards. */
  readonly path: readonly Uint8Array[];
  /** Signed note of the checkpoint with its cosignatures. */
  readonly checkpoint: Uint8Array;
  /** Whatever the writer adds; covered by no signature, so never to be trusted. */
  readonly extra?: Uint8Array;
}

const header = 'c2sp.org/tlog-proof@v1';
/** Bytes of a proof file: 53 hashes, a note of 64 KiB, and as much again for `extra`. */
export const proofFileBytesMax = 2 * 65_536 + 4_096;
/** Hashes of a path in a log of 2^53 entries. */
const pathLengthMax = 53;

export function printProofFile({ index, path, checkpoint, extra }: ProofFile): Buffer {
  const lines = [header];
  if (extra !== undefined) lines.push(`extra ${toBase64(extra)}`);
  lines.push(`index ${index}`, ...path.map(toBase64), '', '');
  return Buffer.concat([Buffer.from(lines.join('\n')), checkpoint]);
}

/** Only the form is checked. Throws TB1414. */
export function parseProofFile(bytes: Uint8Array): ProofFile {
  const file = view(bytes);
  if (file.length > proofFileBytesMax) throw malformed(`it has more than ${proofFileBytesMax} bytes`);
  const gap = file.indexOf('\n\n');
  if (gap < 0) throw malformed('no empty line parts path and checkpoint');
  const [first, ...lines] = file.toString('latin1', 0, gap).split('\n');
  if (first !== header) throw malformed(`its first line is not ${header}`);
  const extraText = lines[0]?.startsWith('extra ') ? lines.shift()?.slice('extra '.length) : undefined;
  const extra = extraText === undefined ? undefined : canonicalBase64(extraText);
  if (extraText !== undefined && extra === undefined) throw malformed('its extra line is not base64');
  const index = canonicalDecimal(/^index (.*)$/.exec(lines.shift() ?? '')?.[1] ?? '');
  if (index === undefined) throw malformed('it has no index line');
  if (lines.length > pathLengthMax) throw malformed(`it has more than ${pathLengthMax} hashes`);
  const path = lines.map((line, at) => {
    const hash = canonicalBase64(line, hashBytes);
    if (!hash) throw malformed(`hash ${at} is not base64 of 32 bytes`);
    return hash;
  });
  const proof = { index, path, checkpoint: file.subarray(gap + 2) };
  return extra === undefined ? proof : { ...proof, extra };
}

function malformed(reason: string): Error {
  return fault('TB1414', { reason });
}
