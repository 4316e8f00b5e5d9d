import { describe, expect, test } from 'vitest';
import { limits } from '../../../core/link/limits.ts';
import type { Frame } from '../../../core/link/messages.ts';
import { helloOf } from '../../../core/link/protocol.ts';
import {
  type Outcome,
  openReceiver,
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
} from '../../../core/link/receiver-session.ts';
import type { Batch } from '../../../core/log/batch.ts';
import { enrollment } from '../../support/log-setting.ts';
import { describeStep } from './describe-step.ts';

const hello = helloOf('430121', enrollment);
const none = new Uint8Array();
const signed = new Uint8Array(10);

function batch(first: number, count: number, bytes = 10): Batch {
  return { first, count, compression: 'none', entries: new Uint8Array(bytes), checkpoint: none };
}

function frame(said: Frame, atMs = 2_000): ReceiverEvent {
  return { kind: 'frame', frame: said, atMs };
}

function stepped(state: ReceiverState, ...events: ReceiverEvent[]): ReceiverState {
  return events.reduce((at, event) => stepReceiver(at, event)[0], state);
}

const accepted = (size: number, cosignature = signed): ReceiverEvent => ({
  kind: 'stored',
  outcome: { kind: 'accepted', size, cosignature },
});
const refused = (code: Extract<Outcome, { kind: 'refused' }>['code'], size: number): ReceiverEvent => ({
  kind: 'stored',
  outcome: { kind: 'refused', code, size, text: '' },
});

const opened: ReceiverEvent = { kind: 'opened', atMs: 1_000 };
const greeting = stepped(openReceiver(helloOf('430000', enrollment), undefined), opened);
const opening = stepped(greeting, frame(hello));
const positioned: ReceiverEvent = { kind: 'positioned', position: { size: 5, root: new Uint8Array(32) } };
// Five are held; [5, 8) is being stored.
const receiving = stepped(opening, positioned, frame({ kind: 'batch', ...batch(5, 3) }));
const ended = stepped(receiving, frame({ kind: 'refusal', code: 'silent', size: undefined, text: '' }));
const states = { greeting, opening, receiving } as const;

const out = 'ended: refuse protocol at -, end';
const outAt5 = 'ended: refuse protocol at 5, end';
const heartbeat: Frame = { kind: 'heartbeat', timeMs: 1, size: 9, checkpoint: none, newestMs: 0 };

/** event → what each state makes of it, in the order of `states`; an ended session stays as it is. */
const table: readonly [string, ReceiverEvent, readonly [string, string, string]][] = [
  ['hello', frame(hello), ['opening: open', out, outAt5]],
  ['a hello of another protocol', frame({ ...hello, protocolMin: 2, protocolMax: 3 }), [out, out, outAt5]],
  ['batch', frame({ kind: 'batch', ...batch(8, 2) }), [out, out, 'receiving: store 8+2']],
  ['heartbeat', frame(heartbeat), ['greeting: note', 'opening: note', 'receiving: note']],
  ['position', frame({ kind: 'position', size: 1, root: none }), [out, out, outAt5]],
  ['ack', frame({ kind: 'ack', size: 1, cosignature: none }), [out, out, outAt5]],
  [
    'refusal',
    frame({ kind: 'refusal', code: 'fork', size: undefined, text: '' }),
    ['ended: end (fork)', 'ended: end (fork)', 'ended: end (fork)'],
  ],
  [
    'a frame that does not parse',
    { kind: 'malformed', text: 'batch.count' },
    [
      'ended: refuse malformed at -, end',
      'ended: refuse malformed at -, end',
      'ended: refuse malformed at 5, end',
    ],
  ],
  [
    'the connection is to be changed',
    { kind: 'finish' },
    ['ended: end (finished)', 'ended: end (finished)', 'receiving'],
  ],
  ['an early tick', { kind: 'tick', atMs: 3_000 }, ['greeting', 'opening', 'receiving']],
  [
    'a tick when a heartbeat is due',
    { kind: 'tick', atMs: 1_000 + limits.heartbeatMs },
    ['greeting', 'opening', 'receiving: beat'],
  ],
  [
    'a tick after silence',
    { kind: 'tick', atMs: 2_001 + limits.silenceMs },
    ['ended: refuse silent at -, end', 'ended: refuse silent at -, end', 'ended: refuse silent at 5, end'],
  ],
];

describe.each(table)('%s', (_name, event, outcomes) => {
  test.each(Object.keys(states).map((phase, i) => [phase, outcomes[i]]))('in %s: %s', (phase, outcome) => {
    expect(describeStep(stepReceiver(states[phase as keyof typeof states], event))).toBe(outcome);
  });

  test('after the end: nothing', () => {
    expect(stepReceiver(ended, event)).toEqual([ended, []]);
  });
});

test('the dialler greets; who was greeted greets back and opens the log', () => {
  const self = helloOf('430000', enrollment);
  expect(describeStep(stepReceiver(openReceiver(self, undefined), opened))).toBe('greeting: hello');
  expect(describeStep(stepReceiver(openReceiver(self, hello), opened))).toBe('opening: hello, open');
});

test('the position that is answered is the one that is durable (I3)', () => {
  expect(describeStep(stepReceiver(opening, positioned))).toBe('receiving: position 5');
  const more = stepped(receiving, frame({ kind: 'batch', ...batch(8, 2) }));
  expect(more).toMatchObject({ size: 5, expected: 10 });
  expect(describeStep(stepReceiver(more, accepted(8)))).toBe('receiving: ack 8');
  expect(stepped(more, accepted(8)).size).toBe(8);
});

test('batches that were stored together are answered once, with the receipt of the newest', () => {
  const more = stepped(receiving, frame({ kind: 'batch', ...batch(8, 2) }));
  expect(describeStep(stepReceiver(more, accepted(10, none)))).toBe('receiving');
  expect(describeStep(stepReceiver(stepped(more, accepted(10, none)), accepted(10)))).toBe(
    'receiving: ack 10',
  );
});

test.each([
  'gap',
  'overlap',
  'root',
  'signature',
  'fork',
  'limit',
  'malformed',
  'fenced',
  'storage',
  'unknown-key',
] as const)('a refusal (%s) carries the position and ends the conversation', (code) => {
  expect(describeStep(stepReceiver(receiving, refused(code, 5)))).toBe(`ended: refuse ${code} at 5, end`);
});

test('an answered position never goes back, whatever a refusal says', () => {
  const more = stepped(receiving, accepted(8));
  expect(describeStep(stepReceiver(more, refused('unknown-key', 0)))).toBe(
    'ended: refuse unknown-key at 8, end',
  );
});

describe('the window', () => {
  function fill(bytes: number): { state: ReceiverState; taken: number } {
    let state = stepped(opening, positioned);
    for (let taken = 0; taken < 1_000; taken += 1) {
      const [next, effects] = stepReceiver(state, frame({ kind: 'batch', ...batch(5 + taken, 1, bytes) }));
      if (next.phase === 'ended') {
        expect(describeStep([next, effects])).toBe('ended: refuse limit at 5, end');
        return { state, taken };
      }
      state = next;
    }
    return expect.unreachable('a thousand batches were taken');
  }

  test('is enforced in batches', () => {
    expect(fill(1).taken).toBe(limits.windowBatches);
  });

  test('is enforced in bytes', () => {
    expect(fill(limits.windowBytes / 2).taken).toBe(2);
  });

  test('opens with every answer', () => {
    const { state } = fill(1);
    const next = stepped(state, accepted(6));
    expect(describeStep(stepReceiver(next, frame({ kind: 'batch', ...batch(13, 1) })))).toBe(
      'receiving: store 13+1',
    );
  });
});

test('a session that is to move answers what it has taken, takes no more, and ends', () => {
  const finishing = stepped(receiving, { kind: 'finish' });
  expect(describeStep(stepReceiver(finishing, frame({ kind: 'batch', ...batch(8, 2) })))).toBe('receiving');
  expect(describeStep(stepReceiver(finishing, accepted(8)))).toBe('ended: ack 8, end (finished)');
});
