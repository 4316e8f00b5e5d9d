import type { Database, Statement } from '../store/database.ts';

/** Nodes of one append, kept until the transaction that stores them. */
export interface NodeCollector {
  /** For RightEdge's callback; `hash` is a latin1 string of 32 characters. */
  readonly add: (level: number, index: number, hash: string) => void;
  store(): void;
}

/** Roots of full 256-, 65,536-, …-entry subtrees of one log. */
export class NodeTable {
  readonly #id: number;
  readonly #insert: Statement;
  readonly #read: Statement<{ hash: Uint8Array }>;

  constructor(database: Database, id: number) {
    this.#id = id;
    this.#insert = database.prepare(
      'INSERT OR REPLACE INTO node (log_id, level, idx, hash) VALUES (?, ?, ?, ?)',
    );
    this.#read = database.prepare<{ hash: Uint8Array }>(
      'SELECT hash FROM node WHERE log_id = ? AND level = ? AND idx = ?',
    );
  }

  collector(): NodeCollector {
    const nodes: [level: number, index: number, hash: string][] = [];
    return {
      add: (level, index, hash) => void nodes.push([level, index, hash]),
      store: () => {
        for (const [level, index, hash] of nodes) {
          this.#insert.run(this.#id, level, index, Buffer.from(hash, 'latin1'));
        }
      },
    };
  }

  read(level: number, index: number): Uint8Array | undefined {
    return this.#read.get(this.#id, level, index)?.hash;
  }
}
