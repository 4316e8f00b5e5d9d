import { describe, expect, test } from 'vitest';
import { limits } from '../../../core/link/limits.ts';
import type { Frame, Hello } from '../../../core/link/messages.ts';
import { helloOf } from '../../../core/link/protocol.ts';
import {
  openSender,
  type SenderEvent,
  type SenderState,
  stepSender,
} from '../../../core/link/sender-session.ts';
import type { Batch } from '../../../core/log/batch.ts';
import { enrollment } from '../../support/log-setting.ts';
import { describeStep } from './describe-step.ts';

const hello = helloOf('430000', enrollment);
const none = new Uint8Array();

function batch(first: number, count: number, bytes = 10): Batch {
  return { first, count, compression: 'none', entries: new Uint8Array(bytes), checkpoint: none };
}

function frame(said: Frame, atMs = 2_000): SenderEvent {
  return { kind: 'frame', frame: said, atMs };
}

function stepped(state: SenderState, ...events: SenderEvent[]): SenderState {
  return events.reduce((at, event) => stepSender(at, event)[0], state);
}

const opened: SenderEvent = { kind: 'opened', atMs: 1_000 };
const position = frame({ kind: 'position', size: 5, root: new Uint8Array(32) });
const greeting = stepped(openSender(helloOf('430121', enrollment), undefined), opened);
const positioning = stepped(greeting, frame(hello));
const comparing = stepped(positioning, position);
// Five are held; [5, 8) is under way and the next read too.
const sending = stepped(
  comparing,
  { kind: 'compared', verdict: 'same' },
  { kind: 'read', batch: batch(5, 3) },
);
const ended = stepped(sending, frame({ kind: 'refusal', code: 'sealed', size: 5, text: '' }));
const states = { greeting, positioning, comparing, sending, ended } as const;

const wrong = { ...hello, protocolMin: 9, protocolMax: 9 };
const ack = (size: number) => frame({ kind: 'ack', size, cosignature: none });
const out = 'ended: refuse protocol at -, end';

/** event → what each state makes of it, in the order of `states`; an ended session stays as it is. */
const table: readonly [string, SenderEvent, readonly [string, string, string, string]][] = [
  ['hello', frame(hello), ['positioning', out, out, out]],
  ['a hello of another protocol', frame(wrong), [out, out, out, out]],
  ['position', position, [out, 'comparing: compare 5', out, out]],
  [
    'compared: same',
    { kind: 'compared', verdict: 'same' },
    ['greeting', 'positioning', 'sending: beat, read 5', 'sending'],
  ],
  [
    'compared: ahead',
    { kind: 'compared', verdict: 'ahead' },
    ['greeting', 'positioning', 'ended: end (ahead)', 'sending'],
  ],
  [
    'compared: fork',
    { kind: 'compared', verdict: 'fork' },
    ['greeting', 'positioning', 'ended: refuse fork at -, end', 'sending'],
  ],
  [
    'a batch was read',
    { kind: 'read', batch: batch(8, 2) },
    ['greeting', 'positioning', 'comparing', 'sending: batch 8+2, read 10'],
  ],
  [
    'nothing to read',
    { kind: 'read', batch: undefined },
    ['greeting', 'positioning', 'comparing', 'sending'],
  ],
  ['ack of what is under way', ack(8), [out, out, out, 'sending: keep 8']],
  ['ack of what was acked', ack(5), [out, out, out, 'sending']],
  ['ack of what was never sent', ack(9), [out, out, out, out]],
  ['ack inside a batch', ack(6), [out, out, out, out]],
  [
    'heartbeat',
    frame({ kind: 'heartbeat', timeMs: 1, size: 5, checkpoint: none, newestMs: 0 }),
    ['greeting', 'positioning', 'comparing', 'sending'],
  ],
  ['batch', frame({ kind: 'batch', ...batch(0, 1) }), [out, out, out, out]],
  [
    'refusal',
    frame({ kind: 'refusal', code: 'gap', size: 3, text: '' }),
    ['ended: end (gap)', 'ended: end (gap)', 'ended: end (gap)', 'ended: end (gap)'],
  ],
  [
    'a frame that does not parse',
    { kind: 'malformed', text: 'ack.size' },
    [
      'ended: refuse malformed at -, end',
      'ended: refuse malformed at -, end',
      'ended: refuse malformed at -, end',
      'ended: refuse malformed at -, end',
    ],
  ],
  [
    'the connection is to be changed',
    { kind: 'finish' },
    ['ended: end (finished)', 'ended: end (finished)', 'ended: end (finished)', 'sending'],
  ],
  ['grew', { kind: 'grew' }, ['greeting', 'positioning', 'comparing', 'sending']],
  ['an early tick', { kind: 'tick', atMs: 3_000 }, ['greeting', 'positioning', 'comparing', 'sending']],
  [
    'a tick when a heartbeat is due',
    { kind: 'tick', atMs: 1_000 + limits.heartbeatMs },
    ['greeting', 'positioning: beat', 'comparing: beat', 'sending: beat'],
  ],
  [
    'a tick after silence',
    { kind: 'tick', atMs: 2_001 + limits.silenceMs },
    [
      'ended: refuse silent at -, end',
      'ended: refuse silent at -, end',
      'ended: refuse silent at -, end',
      'ended: refuse silent at -, end',
    ],
  ],
];

describe.each(table)('%s', (_name, event, outcomes) => {
  test.each(
    Object.keys(states)
      .slice(0, 4)
      .map((phase, i) => [phase, outcomes[i]]),
  )('in %s: %s', (phase, outcome) => {
    expect(describeStep(stepSender(states[phase as keyof typeof states], event))).toBe(outcome);
  });

  test('after the end: nothing', () => {
    expect(stepSender(ended, event)).toEqual([ended, []]);
  });
});

test('the dialler greets at once; so does who was greeted, and it waits for the position', () => {
  const self = helloOf('430121', enrollment);
  expect(describeStep(stepSender(openSender(self, undefined), opened))).toBe('greeting: hello');
  expect(describeStep(stepSender(openSender(self, hello), opened))).toBe('positioning: hello');
});

test('what two hellos can’t agree on ends the conversation', () => {
  const bad: readonly Partial<Hello>[] = [
    { log: { origin: '430121', dataset: 'claims' } },
    { batchEntriesMax: limits.batchEntries - 1 },
    { batchBytesMax: 1 },
    { windowBatches: 0 },
    { windowBytes: 0 },
    { protocolMin: 0, protocolMax: 0 },
  ];
  for (const change of bad) {
    expect(describeStep(stepSender(greeting, frame({ ...hello, ...change })))).toBe(out);
  }
  const newer = frame({ ...hello, protocolMax: 7, batchEntriesMax: 50_000 });
  expect(describeStep(stepSender(greeting, newer))).toBe('positioning');
});

describe('the window', () => {
  function sendAll(state: SenderState, bytes: number): { state: SenderState; sent: number } {
    let at = state;
    for (let sent = 0; ; sent += 1) {
      const [next, effects] = stepSender(at, { kind: 'read', batch: batch(at.next, 1, bytes) });
      at = next;
      if (!effects.some((effect) => effect.do === 'read')) return { state: at, sent: sent + 1 };
    }
  }

  test('bounds the batches ahead of the last ack, and one ack opens it for as many', () => {
    const { state } = sendAll(sending, 1);
    expect(state.inflight).toHaveLength(limits.windowBatches);
    expect(state.reading).toBe(false);
    const [open, effects] = stepSender(state, ack(9));
    expect(describeStep([open, effects])).toBe(`sending: keep 9, read ${5 + 3 + 7}`);
    expect(sendAll(open, 1).sent).toBe(2);
  });

  test('bounds their bytes', () => {
    const { state } = sendAll(sending, limits.windowBytes / 2);
    expect(state.inflight.slice(1)).toHaveLength(2);
  });

  test('is the receiver’s, when that is smaller', () => {
    const small = stepped(greeting, frame({ ...hello, windowBatches: 2 }), position);
    const { state } = sendAll(stepped(small, { kind: 'compared', verdict: 'same' }), 1);
    expect(state.inflight).toHaveLength(2);
  });

  test('an ack of several batches counts for all of them', () => {
    const { state } = sendAll(sending, 1);
    const [open] = stepSender(state, ack(state.next));
    expect(open).toMatchObject({ acked: state.next, inflight: [] });
  });
});

describe('growth is never missed', () => {
  const dry = stepped(sending, { kind: 'read', batch: undefined });

  test('a hint wakes a dry sender', () => {
    expect(dry.dry).toBe(true);
    expect(describeStep(stepSender(dry, { kind: 'grew' }))).toBe('sending: read 8');
  });

  test('a hint that comes while the log is being read makes it read again', () => {
    const hinted = stepped(sending, { kind: 'grew' });
    expect(describeStep(stepSender(hinted, { kind: 'read', batch: undefined }))).toBe('sending: read 8');
    const again = stepped(hinted, { kind: 'read', batch: undefined });
    expect(describeStep(stepSender(again, { kind: 'read', batch: undefined }))).toBe('sending');
  });

  test('a hint that got lost is made up for with the next heartbeat', () => {
    const tick: SenderEvent = { kind: 'tick', atMs: 1_000 + limits.heartbeatMs };
    expect(describeStep(stepSender(dry, tick))).toBe('sending: beat, read 8');
  });
});

test('nothing was heard before the other side has spoken', () => {
  expect(greeting).toMatchObject({ openedMs: 1_000, heardMs: 0 });
  expect(positioning.heardMs).toBe(2_000);
});

test('a session that is to move ends at a batch border: what was read is sent, what was sent is answered', () => {
  const finishing = stepped(sending, { kind: 'finish' });
  const last = stepSender(finishing, { kind: 'read', batch: batch(8, 2) });
  expect(describeStep(last)).toBe('sending: batch 8+2');
  const half = stepSender(last[0], ack(8));
  expect(describeStep(half)).toBe('sending: keep 8');
  expect(describeStep(stepSender(half[0], ack(10)))).toBe('ended: keep 10, end (finished)');
  // Hints and heartbeats do not make it read on.
  expect(describeStep(stepSender(half[0], { kind: 'grew' }))).toBe('sending');
});
