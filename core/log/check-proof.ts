import { fault } from '../base/errors.ts';
import { openCheckpoint } from './checkpoint.ts';
import { cosignatureTimeMs } from './cosignature.ts';
import type { VerifierKey } from './keys.ts';
import { leafHash } from './leaf.ts';
import { type LogPolicy, quorumReached } from './log-policy.ts';
import { type Note, verifyNote } from './note.ts';
import { verifyInclusion } from './proof.ts';
import { parseProofFile } from './proof-file.ts';

/** What a valid proof shows: this entry is number `index` of that log, and who vouches for it. */
export interface ProvenEntry {
  readonly origin: string;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  /** Witnesses of the policy that cosigned, and when. */
  readonly cosigners: readonly { readonly name: string; readonly timeMs: number }[];
}

/**
 * Checks a `.tlog-proof` offline: the entry's bytes, the signature of a trusted log, the policy's quorum, the
 * path. Throws TB1405 to TB1409, TB1412, TB1414, TB1416 or TB1417.
 */
export function checkProof(proofFile: Uint8Array, entry: Uint8Array, policy: LogPolicy): ProvenEntry {
  const { index, path, checkpoint } = parseProofFile(proofFile);
  const { origin, size, root, note } = openCheckpoint(checkpoint, ...policy.logs);
  const cosigners = cosignersOf(note, policy.witnesses);
  if (!quorumReached(policy, cosigners)) throw fault('TB1416', { quorum: policy.quorumName });
  verifyInclusion(index, size, leafHash(entry), path, root);
  const times = cosigners.map((key) => ({ name: key.name, timeMs: cosignatureTimeMs(note, key) }));
  return { origin, index, size, root, cosigners: times };
}

/** Having no line of a witness is for the quorum to judge; a wrong line refuses the whole note. */
function cosignersOf(note: Note, witnesses: readonly VerifierKey[]): VerifierKey[] {
  const present = witnesses.filter((key) =>
    note.signatures.some(({ name, keyId }) => name === key.name && keyId === key.keyId),
  );
  return present.length === 0 ? [] : verifyNote(note, present);
}
