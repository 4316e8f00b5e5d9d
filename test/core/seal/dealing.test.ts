import { ristretto255_FROST as frost, ristretto255 } from '@noble/curves/ed25519.js';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../core/base/random.ts';
import {
  checkCommitments,
  checkShare,
  combine,
  deal,
  holderIdentifier,
  type Polynomial,
} from '../../../core/seal/dealing.ts';
import { refusal } from './setting.ts';

const names = ['chen', 'li', 'wang', 'zhao', 'sun'];
const dealing = deal(3, names, 'aa'.repeat(16), seededRandom(3));
const holders = names.map((officer) => ({ officer, identifier: holderIdentifier(officer) }));
const set: Polynomial = { setId: 'aa'.repeat(16), threshold: 3, commitments: dealing.commitments, holders };
const shareOf = (i: number) => dealing.shares[i] ?? new Uint8Array();
const some = (...indices: number[]) => new Map(indices.map((i) => [names[i] ?? '', shareOf(i)]));

test('t shares or more give the one secret, whose point is the first commitment', () => {
  const point = ristretto255.Point.BASE.multiply(ristretto255.Point.Fn.fromBytes(dealing.secret)).toBytes();
  expect(Buffer.from(dealing.commitments[0] ?? [])).toEqual(Buffer.from(point));
  for (const indices of [
    [0, 1, 2],
    [4, 2, 0],
    [1, 3, 4],
    [0, 1, 2, 3],
    [0, 1, 2, 3, 4],
  ]) {
    expect(combine(set, some(...indices))).toEqual(dealing.secret);
  }
});

test('fewer shares than the threshold are refused with what is there and what is needed', () => {
  const few = { code: 'TB1215', parameters: { have: 2, need: 3 } };
  expect(refusal(() => combine(set, some(0, 1)))).toEqual(few);
});

test('an altered, a non-canonical and a foreign share never reach the combination', () => {
  for (const at of [0, 7, 31]) {
    const altered = Uint8Array.from(shareOf(0));
    altered[at] = (altered[at] ?? 0) ^ 1;
    const invalid = { code: 'TB1213', parameters: { officer: 'chen', set: set.setId } };
    expect(refusal(() => combine(set, new Map([...some(1, 2), ['chen', altered]])))).toEqual(invalid);
  }
  expect(refusal(() => checkShare(set, 'chen', shareOf(1))).code).toBe('TB1213');
  expect(refusal(() => checkShare(set, 'chen', Buffer.alloc(32, 0xff))).code).toBe('TB1213');
  expect(refusal(() => checkShare(set, 'chen', new Uint8Array(32))).code).toBe('TB1213');
  expect(refusal(() => checkShare(set, 'chen', shareOf(0).subarray(1))).code).toBe('TB1213');
});

test.each([2, 4])('a dealer of threshold 3 who uses %i coefficients is refused by every holder', (degree) => {
  const ids = holders.map((holder) => holder.identifier);
  const cheat = frost.trustedDealer({ min: degree, max: 5 }, ids);
  const dealt: Polynomial = { ...set, commitments: cheat.public.commitments };
  for (const { officer, identifier } of holders) {
    const share = cheat.secretShares[identifier]?.signingShare ?? new Uint8Array();
    // the library alone takes it: that is why the count is ours
    const signers = { min: 3, max: 5 };
    const validate = () =>
      frost.validateSecret(
        { identifier, signingShare: share },
        { signers, commitments: cheat.public.commitments, verifyingShares: {} },
      );
    expect(validate).not.toThrow();
    expect(refusal(() => checkShare(dealt, officer, share))).toEqual({
      code: 'TB1225',
      parameters: { set: set.setId, found: degree, threshold: 3 },
    });
  }
});

test('commitments that are no points, or the identity, are refused', () => {
  const [first = new Uint8Array(), second = new Uint8Array()] = dealing.commitments;
  const code = (commitments: Uint8Array[]) => refusal(() => checkCommitments({ ...set, commitments })).code;
  for (const bad of [Buffer.alloc(32, 0xff), Buffer.alloc(32), Buffer.alloc(31)]) {
    expect(code([first, second, bad])).toBe('TB1225');
    expect(code([...dealing.commitments, bad])).toBe('TB1225');
  }
});

describe('a set that one person could open, or that nobody could, is not dealt', () => {
  test.each([
    [1, ['chen', 'li']],
    [0, ['chen', 'li']],
    [1.5, ['chen', 'li']],
    [3, ['chen', 'li']],
    [2, ['chen', 'chen', 'li']],
    [2, ['chen', 'Li']],
    [2, Array.from({ length: 17 }, (_, i) => `officer-${i}`)],
  ])('threshold %d of %j', (threshold, officers) => {
    expect(refusal(() => deal(threshold, officers, 'aa'.repeat(16), seededRandom(1))).code).toBe('TB1221');
    const commitments = Array.from({ length: threshold }, () => dealing.commitments[0] ?? new Uint8Array());
    const named = officers.map((officer) => ({ officer, identifier: holderIdentifier(officer) }));
    const stored = { setId: set.setId, threshold, commitments, holders: named };
    expect(refusal(() => checkCommitments(stored)).code).toBe('TB1221');
  });
});

test('an identifier that is not derived from its officer is refused', () => {
  const [one, two] = [holders[0]?.identifier ?? '', holders[1]?.identifier ?? ''];
  const swapped = holders.map((holder, i) => ({
    ...holder,
    identifier: i === 0 ? two : i === 1 ? one : holder.identifier,
  }));
  expect(refusal(() => checkCommitments({ ...set, holders: swapped })).code).toBe('TB1212');
});
