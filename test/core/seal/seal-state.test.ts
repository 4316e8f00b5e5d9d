import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Ceremony, ceremonyKinds } from '../../../core/seal/ceremony.ts';
import { parseState, printState, type SealState } from '../../../core/seal/seal-state.ts';
import { sealedSite } from './setting.ts';

async function stateOf(): Promise<SealState> {
  const { folder } = await sealedSite();
  const state = parseState(fs.readFileSync(join(folder, 'seal.state')));
  return typeof state === 'string' ? expect.fail(state) : state;
}

const state = await stateOf();
const other = await stateOf();

const change: Ceremony = {
  id: 'ef'.repeat(16),
  kind: 'change-holders',
  setId: other.active?.set.setId ?? '',
  required: 2,
  received: ['li'],
  openedBy: 'wang',
  openedAtMs: 1_700_000_000_000,
  expiresAtMs: 1_700_086_400_000,
  reason: '轮换',
};

test('a state with a set that waits, retired sets and any ceremony is read back as it was printed', () => {
  for (const kind of ceremonyKinds) {
    const full: SealState = {
      ...state,
      epoch: 7,
      pending: other.active,
      change,
      unproved: ['wang'],
      retired: [
        { setId: 'ab'.repeat(16), epoch: 3 },
        { setId: 'cd'.repeat(16), epoch: 1 },
      ],
      ceremony: {
        id: '12'.repeat(16),
        kind,
        setId: other.active?.set.setId ?? '',
        required: 2,
        received: ['chen', 'li'],
        openedBy: 'chen',
        openedAtMs: 1_700_000_000_000,
        expiresAtMs: 1_700_001_800_000,
        reason: '王某离职\n"更换"',
      },
    };
    const read = parseState(printState(full));
    if (typeof read === 'string') return expect.fail(read);
    expect(read.ceremony).toEqual(full.ceremony);
    expect(read.change).toEqual(change);
    expect(read.unproved).toEqual(['wang']);
    expect(read.retired).toEqual(full.retired);
    expect(read.pending?.manifest).toEqual(other.active?.manifest);
    expect(printState(read)).toEqual(printState(full));
  }
});

test('a state of another form is refused with the part that is wrong, also when its sum is right', () => {
  const text = printState(state)
    .toString()
    .replace(/sha256 .*\n$/, '');
  const reason = (changed: string) => {
    const sum = createHash('sha256').update(changed).digest('hex');
    return parseState(Buffer.from(`${changed}sha256 ${sum}\n`));
  };
  expect(typeof reason(text)).toBe('object');
  expect(reason(text.replace('/v1', '/v3'))).toBe('format');
  expect(reason(text.replace('/v1', '/v2'))).toBe('ceremony');
  // the second form with nothing in it is not how such a state is printed
  expect(reason(`${text.replace('/v1', '/v2')}change -\nunproved -\n`)).toBe('format');
  expect(reason(text.replace('site 430121', 'site 430122'))).toBe('share set');
  expect(reason(text.replace('epoch 1', 'epoch 0'))).toBe('epoch');
  expect(reason(text.replace('epoch 1', 'epoch 01'))).toBe('epoch');
  expect(reason(text.replace(/^ring /m, 'ring ='))).toBe('ring');
  expect(reason(text.replace(/^active .*$/m, 'active -'))).toBe('share set');
  expect(reason(text.replace('retired -', 'retired x'))).toBe('ceremony');
  expect(reason(text.replace('ceremony -', 'ceremony dance'))).toBe('ceremony');
  expect(reason(`${text}more\n`)).toBe('format');
  expect(reason(text.replace('pending -\n', ''))).toBe('share set');
});

test('a set that waits without its change, a change of another set, and an unproved stranger are refused', () => {
  const { active: pending } = other;
  const read = (parts: Partial<SealState>) => parseState(printState({ ...state, ...parts }));
  expect(typeof read({ pending, change })).toBe('object');
  expect(read({ pending })).toBe('change');
  expect(read({ change })).toBe('change');
  expect(read({ pending, change: { ...change, setId: state.active?.set.setId ?? '' } })).toBe('change');
  expect(read({ pending, change: { ...change, kind: 'rotate-root' } })).toBe('change');
  expect(read({ unproved: ['sun'] })).toBe('change');
  expect(read({ unproved: ['Sun'] })).toBe('ceremony');
});

test('any bytes and any change of one byte are a reason and never an exception', () => {
  const bytes = printState(state);
  fc.assert(fc.property(fc.uint8Array(), (junk) => parseState(junk) === 'checksum'));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ flip;
      return parseState(changed) === 'checksum';
    }),
  );
});
