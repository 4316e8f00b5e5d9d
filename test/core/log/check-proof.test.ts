import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkProof } from '../../../core/log/check-proof.ts';
import { signCheckpoint } from '../../../core/log/checkpoint.ts';
import { cosign } from '../../../core/log/cosignature.ts';
import { cosigner, ed25519Signer, parseVkey, printVkey } from '../../../core/log/keys.ts';
import { parsePolicy, policyOfLog } from '../../../core/log/log-policy.ts';
import { appendSignature, printSignature } from '../../../core/log/note.ts';
import { inclusionPath, rootAt } from '../../../core/log/proof.ts';
import { printProofFile } from '../../../core/log/proof-file.ts';
import { codeOf, nodesOf, signedLogVectors, someEntries } from './support.ts';

const entries = someEntries(20);
const nodes = nodesOf(entries);
const entry = entries[7] as Buffer;
const signer = ed25519Signer('tongbu.example/430121/enrollment', randomBytes(32));
const mirror = cosigner('tongbu.example/mirror/430000', randomBytes(32), 'mirror');
const witness = cosigner('tongbu.example/witness/430122', randomBytes(32), 'witness');
const signed = signCheckpoint({ origin: signer.name, size: 20, root: rootAt(20, nodes) }, signer);
const bothCosigned = [mirror, witness]
  .map((key, i) => cosign(signed, key, 1_000 * (i + 1)))
  .reduce(appendSignature, signed);
const policy = parsePolicy(
  Buffer.from(
    [
      `log ${printVkey(signer.verifier)}`,
      `witness mirror ${printVkey(mirror.verifier)}`,
      `witness neighbour ${printVkey(witness.verifier)}`,
      'group both all mirror neighbour',
      'quorum both',
    ].join('\n'),
  ),
);

function proof(checkpoint: Uint8Array, index = 7): Buffer {
  return printProofFile({ index, path: inclusionPath(7, 20, nodes), checkpoint });
}

test('the published entry is proven with the published key alone', () => {
  const { note, inclusionOf1, logVkey, mirrorVkey, cosignedAtSeconds } = signedLogVectors();
  const path = inclusionOf1.map((hash) => Buffer.from(hash, 'base64'));
  const file = printProofFile({ index: 1, path, checkpoint: Buffer.from(note) });
  const proven = checkProof(file, Buffer.from('entry 1'), policyOfLog(parseVkey(logVkey)));
  expect(proven).toMatchObject({ origin: signer.name, index: 1, size: 3, cosigners: [] });
  const mirrored = parsePolicy(Buffer.from(`log ${logVkey}\nwitness hub ${mirrorVkey}\nquorum hub\n`));
  const [receipt] = checkProof(file, Buffer.from('entry 1'), mirrored).cosigners;
  expect(receipt).toEqual({ name: mirror.name, timeMs: cosignedAtSeconds * 1000 });
});

test('a proof shows who cosigned and when', () => {
  const { cosigners, index, size } = checkProof(proof(bothCosigned), entry, policy);
  expect([index, size]).toEqual([7, 20]);
  expect(cosigners).toEqual([
    { name: mirror.name, timeMs: 1_000 },
    { name: witness.name, timeMs: 2_000 },
  ]);
});

test('an altered entry, another place and another log are refused', () => {
  const other = ed25519Signer('tongbu.example/430122/enrollment', randomBytes(32));
  expect(codeOf(() => checkProof(proof(signed), Buffer.from('altered'), policyOfLog(signer.verifier)))).toBe(
    'TB1412',
  );
  expect(codeOf(() => checkProof(proof(signed, 8), entry, policyOfLog(signer.verifier)))).toBe('TB1412');
  expect(codeOf(() => checkProof(proof(signed), entry, policyOfLog(other.verifier)))).toBe('TB1409');
  expect(codeOf(() => checkProof(proof(signed), entry, parsePolicy(Buffer.from('quorum none'))))).toBe(
    'TB1409',
  );
});

test('a checkpoint without its quorum is refused, also when one cosigner signed twice', () => {
  const once = appendSignature(signed, cosign(signed, mirror, 1_000));
  const twice = appendSignature(once, cosign(signed, mirror, 2_000));
  for (const checkpoint of [signed, once, twice]) {
    expect(codeOf(() => checkProof(proof(checkpoint), entry, policy))).toBe('TB1416');
  }
});

test('a forged cosignature refuses the proof even where the quorum would not need it', () => {
  const forged = printSignature(witness.verifier, mirror.sign(Buffer.from('something else\n'), 1));
  const checkpoint = appendSignature(signed, forged);
  const lenient = { ...policy, quorum: undefined };
  expect(codeOf(() => checkProof(proof(checkpoint), entry, lenient))).toBe('TB1407');
  expect(checkProof(proof(checkpoint), entry, policyOfLog(signer.verifier)).cosigners).toEqual([]);
});

test('two cosignatures of one witness show the later time', () => {
  const again = appendSignature(bothCosigned, cosign(signed, mirror, 9_000));
  expect(checkProof(proof(again), entry, policy).cosigners[0]).toEqual({ name: mirror.name, timeMs: 9_000 });
});
