import type { Mutant } from './mutant.ts';

const copy = 'core/log/copy.ts';
const store = 'core/site/logs/receiving-store.ts';

/** Defects of the receiving half. */
export const receivingMutants: readonly Mutant[] = [
  {
    name: 'answers before it stores',
    edits: [
      {
        file: store,
        find: 'const problem = this.#commit(copies);',
        put: 'const problem = undefined as ReturnType<ReceivingStore["#commit"]>;\n    setImmediate(() => this.#commit(copies));',
      },
    ],
    caughtBy: 'simulation',
  },
  {
    name: 'counts what is only staged as its position',
    edits: [
      {
        file: copy,
        find: 'return { size: this.#durable.size, root: this.#durable.root() };',
        put: 'const edge = this.#pending.at(-1)?.edge ?? this.#durable;\n    return { size: edge.size, root: edge.root() };',
      },
      { file: store, find: 'for (const copy of copies) copy.discard();', put: '' },
    ],
    caughtBy: 'simulation',
  },
  {
    name: 'drops the check of a repeated batch',
    edits: [
      {
        file: copy,
        find: 'if (batch.first < held.size) return this.#again(batch, end, held.size, verifier);',
        put: '',
      },
    ],
    caughtBy: ['test/core/log/copy.test.ts'],
  },
  {
    name: 'answers a repeated batch with no receipt',
    edits: [
      {
        file: store,
        find: "const state = kind === 'known' ? this.#store.find(copy.name) : undefined;",
        put: "const state = kind === ('never' as string) ? this.#store.find(copy.name) : undefined;",
      },
    ],
    caughtBy: [
      'test/core/log/copy.test.ts',
      'test/conformance/ledger.test.ts',
      'test/fault/durable-steps.test.ts',
    ],
  },
  {
    name: 'moves its position without compare-and-swap on the size',
    edits: [
      {
        file: copy,
        find: 'WHERE log_id = ? AND size = ? AND fence = ?`',
        put: 'WHERE log_id = ? AND (1 OR size = ?) AND fence = ?`',
      },
    ],
    caughtBy: ['test/core/log/copy.test.ts', 'test/conformance/ledger.test.ts'],
  },
  {
    name: 'lets a fenced session write',
    edits: [
      {
        file: copy,
        find: "if (fence !== this.#fence) return refused('fenced', 'a newer session holds this log');",
        put: '',
      },
      {
        file: copy,
        find: 'WHERE log_id = ? AND size = ? AND fence = ?`',
        put: 'WHERE log_id = ? AND size = ? AND (1 OR fence = ?)`',
      },
    ],
    caughtBy: 'simulation',
  },
  {
    name: 'takes entries that do not give the signed root',
    edits: [{ file: copy, find: 'if (!equal(edge.root(), checkpoint.root)) {', put: 'if (edge.size < 0) {' }],
    caughtBy: 'simulation',
  },
  {
    name: 'accepts a checkpoint of another size than the batch',
    edits: [{ file: copy, find: 'if (checkpoint.size !== end) {', put: 'if (checkpoint.size < 0) {' }],
    caughtBy: ['test/core/log/copy.test.ts'],
  },
  {
    name: 'leaves out the check for a gap',
    edits: [
      {
        file: copy,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: text of the source
        find: "if (batch.first > held.size) return refused('gap', `first ${batch.first}, position ${held.size}`);",
        put: '',
      },
    ],
    caughtBy: ['test/core/log/copy.test.ts'],
  },
  {
    name: 'forgets a contradicting checkpoint instead of keeping it',
    edits: [
      {
        file: copy,
        find: "this.keepEvidence(end, batch.checkpoint, 'another root at a size that is held');",
        put: '',
      },
    ],
    caughtBy: ['test/core/log/copy.test.ts'],
  },
  {
    name: 'takes another root at a size that it holds for a repetition',
    edits: [
      {
        file: copy,
        find: 'if (root && !equal(checkpoint.root, root)) {',
        put: 'if (root && root.length === 0) {',
      },
    ],
    caughtBy: ['test/core/log/copy.test.ts'],
  },
  {
    name: 'stores one entry too few of what it answers for',
    edits: [
      {
        file: copy,
        find: 'this.#insert.run(this.#id, batch.first, end, batch.compression, batch.entries, root, batch.checkpoint);',
        put: 'this.#insert.run(this.#id, batch.first, end - 1, batch.compression, batch.entries, root, batch.checkpoint);',
      },
    ],
    caughtBy: 'simulation',
  },
  {
    name: 'begins a session with what it remembers instead of what is on the disk',
    edits: [
      {
        file: copy,
        find: 'this.#durable = RightEdge.from(row.signed, row.edge);\n    return row.fence;',
        put: 'return row.fence;',
      },
    ],
    caughtBy: ['test/core/log/copy.test.ts', 'test/conformance/ledger.test.ts'],
  },
  {
    name: 'takes a batch without a window',
    edits: [
      {
        file: 'core/link/receiver-session.ts',
        find: 'if (state.storing.length >= state.self.windowBatches || bytes >= state.self.windowBytes) {',
        put: 'if (bytes < 0) {',
      },
    ],
    caughtBy: ['test/core/link/receiver-session.test.ts'],
  },
  {
    name: 'waits for ever on a receiver’s half-open line',
    edits: [
      {
        file: 'core/link/receiver-session.ts',
        find: 'if (silentMs > limits.silenceMs) {',
        put: 'if (silentMs < 0) {',
      },
    ],
    caughtBy: ['test/core/link/receiver-session.test.ts', 'test/core/link/lane.test.ts'],
  },
];
