import type { Mutant } from './mutant.ts';

const session = 'core/link/sender-session.ts';
const log = 'core/log/change-log.ts';
const sending = 'core/site/logs/sending-store.ts';

/** Defects of the writing and sending half. */
export const sendingMutants: readonly Mutant[] = [
  {
    name: 'trusts its own memory of the position instead of the answer',
    edits: [
      {
        file: session,
        find: "{ ...state, phase: 'comparing', acked: frame.size, next: frame.size },",
        put: "{ ...state, phase: 'comparing', acked: frame.size, next: Math.max(frame.size, sentOf(state)) },",
      },
      {
        file: session,
        find: 'const inflight = [...state.inflight, sent];',
        put: 'const inflight = [...state.inflight, sent];\n  sentBefore.set(JSON.stringify(state.self.log) + state.self.site, end);',
      },
      {
        file: session,
        find: 'export type SenderStep =',
        put: 'const sentBefore = new Map<string, number>();\nconst sentOf = (state: SenderState) => sentBefore.get(JSON.stringify(state.self.log) + state.self.site) ?? 0;\n\nexport type SenderStep =',
      },
    ],
    caughtBy: 'simulation',
  },
  {
    name: 'sends without a window',
    edits: [
      {
        file: session,
        find: 'if (state.inflight.length >= peer.windowBatches || bytes >= peer.windowBytes) return [state, []];',
        put: 'if (bytes < 0) return [state, []];',
      },
    ],
    caughtBy: 'simulation',
  },
  {
    name: 'is off by one after each batch',
    edits: [
      {
        file: session,
        find: 'const end = batch.first + batch.count;',
        put: 'const end = batch.first + batch.count + 1;',
      },
    ],
    caughtBy: 'simulation',
  },
  {
    name: 'reads nothing more until a hint comes',
    edits: [
      {
        file: session,
        find: 'pump({ ...state, saidMs: atMs, dry: false });',
        put: 'pump({ ...state, saidMs: atMs });',
      },
    ],
    caughtBy: 'simulation',
  },
  {
    name: 'loses a hint that comes while it reads',
    edits: [{ file: session, find: 'hinted: state.reading });', put: 'hinted: false });' }],
    caughtBy: ['test/core/link/sender-session.test.ts'],
  },
  {
    name: 'waits for ever on a sender’s half-open line',
    edits: [{ file: session, find: 'if (silentMs > limits.silenceMs) {', put: 'if (silentMs < 0) {' }],
    caughtBy: ['test/core/link/sender-session.test.ts'],
  },
  {
    name: 'takes any receipt for a proof',
    edits: [
      {
        file: sending,
        find: 'verifyCosignature(segment.checkpoint, ack.cosignature, receiver);',
        put: 'verifyCosignature.length;',
      },
    ],
    caughtBy: ['test/core/site/logs/sending-store.test.ts'],
  },
  {
    name: 'keeps the smaller of two receipts',
    edits: [{ file: sending, find: 'WHERE excluded.size > size`,', put: 'WHERE excluded.size <> size`,' }],
    caughtBy: ['test/core/site/logs/sending-store.test.ts'],
  },
  {
    name: 'does not compare the receiver’s root with its own',
    edits: [
      {
        file: sending,
        find: "return equal(root, position.root) ? 'same' : 'fork';\n  }\n\n  read(",
        put: "return root.length > 0 ? 'same' : 'fork';\n  }\n\n  read(",
      },
    ],
    caughtBy: ['test/core/site/logs/sending-store.test.ts'],
  },
  {
    name: 'does not notice that its receiver holds more than it has',
    edits: [
      {
        file: sending,
        find: "if (position.size > (state?.signed ?? 0)) return 'ahead';",
        put: "if (position.size > (state?.signed ?? 0)) return 'same';",
      },
    ],
    caughtBy: ['test/core/site/logs/sending-store.test.ts'],
  },
  {
    name: 'signs before what it signs is durable',
    edits: [
      {
        file: log,
        find: 'this.#store.database.transaction(() => this.#keep(sealed));\n    // Only now: after a failed commit the old edge still tells the truth.\n    this.#edge = edge;',
        put: 'this.#edge = edge;\n    this.#store.database.transaction(() => this.#keep(sealed));',
      },
    ],
    caughtBy: 'simulation',
  },
  {
    name: 'drops one run too many of its tail',
    edits: [
      {
        file: log,
        find: 'this.#dropTail.run(this.#id, end);',
        put: 'this.#dropTail.run(this.#id, end + 1);',
      },
    ],
    caughtBy: ['test/core/log/change-log.test.ts'],
  },
  {
    name: 'cuts a batch at the wrong entry',
    edits: [
      {
        file: 'core/log/log-store.ts',
        find: 'next.first < from ? sliceBundle(whole, from - next.first, next.count) : whole;',
        put: 'next.first < from ? sliceBundle(whole, Math.max(0, from - next.first - 1), next.count - 1) : whole;',
      },
    ],
    caughtBy: ['test/core/log/log-store.test.ts'],
  },
  {
    name: 'gives up after the first broken line',
    edits: [
      { file: 'core/link/lane.ts', find: "return 'busy';", put: 'return new Promise<Round>(() => {});' },
    ],
    caughtBy: 'simulation',
  },
];
