import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Fault, type FaultParameters, fault, isErrorCode } from '../../base/errors.ts';
import type { QueryCell } from './query-cell.ts';

const script = fileURLToPath(new URL('./query-child.ts', import.meta.url));

/** What one statement gave. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly QueryCell[])[];
  /** There were more rows or bytes than one answer holds. */
  readonly truncated: boolean;
}

/** To the child: first the file and its keys, then one statement after another. */
export type QueryOrder =
  | { readonly kind: 'open'; readonly path: string; readonly databaseKey: Uint8Array }
  | { readonly kind: 'run'; readonly sql: string };

export type QueryReply =
  | { readonly kind: 'answer'; readonly answer?: QueryAnswer }
  | { readonly kind: 'fault'; readonly code: string; readonly parameters: FaultParameters };

/**
 * A process that holds one database file open for reading. A thread would not do: the driver can't
 * interrupt a statement, and a thread ends only after it. A process is gone at once, with its copy of the
 * key.
 */
export class QueryProcess {
  readonly #child: ChildProcess;
  #waiting: { resolve(answer: QueryAnswer | undefined): void; reject(error: unknown): void } | undefined;
  #ended: Fault | undefined;

  private constructor() {
    this.#child = fork(script, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // Nothing of the site's own settings: no variables, no inspector, little memory for rows.
      env: {},
      execArgv: ['--disable-sigusr1', '--max-old-space-size=256'],
    });
    this.#child.on('message', (reply: QueryReply) => this.#settle(reply));
    this.#child.on('exit', () => this.#drop(fault('TB1922', { id: '', result: 'ended' })));
    this.#child.on('error', () => this.#drop(fault('TB1922', { id: '', result: 'not started' })));
  }

  /** `databaseKey` stays the caller's. Throws what opening a database throws. */
  static async open(path: string, databaseKey: Uint8Array): Promise<QueryProcess> {
    const made = new QueryProcess();
    try {
      await made.#ask({ kind: 'open', path, databaseKey });
      return made;
    } catch (error) {
      made.kill();
      throw error;
    }
  }

  /** One statement at a time. Throws TB1914, TB1915, what reading a file throws, and TB1922 after `kill`. */
  async run(sql: string): Promise<QueryAnswer> {
    const answer = await this.#ask({ kind: 'run', sql });
    return answer ?? { columns: [], rows: [], truncated: false };
  }

  /** At once, also in the middle of a statement. */
  kill(): void {
    this.#child.kill('SIGKILL');
    this.#drop(fault('TB1922', { id: '', result: 'ended' }));
  }

  #ask(order: QueryOrder): Promise<QueryAnswer | undefined> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.send(order, (error) => {
        if (error) this.#drop(fault('TB1922', { id: '', result: 'ended' }, error));
      });
    });
  }

  #settle(reply: QueryReply): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (reply.kind === 'answer') waiting?.resolve(reply.answer);
    else if (isErrorCode(reply.code)) waiting?.reject(new Fault(reply.code, reply.parameters));
    else waiting?.reject(fault('TB1922', { id: '', result: 'ended' }));
  }

  #drop(error: Fault): void {
    this.#ended ??= error;
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
  }
}
