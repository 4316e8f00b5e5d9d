import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { Fault, type FaultParameters, isErrorCode } from '../base/errors.ts';

/**
 * A worker thread that answers questions. `Asks` maps the name of a question to [what is asked, answer].
 * Faults cross the thread as code and parameters; any other error in the thread is a defect or the loss of
 * certainty about the disk (I10), and ends the process through `failed`.
 */
export type Asks = Record<string, readonly [ask: unknown, answer: unknown]>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly ask: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly fault?: { readonly code: string; readonly parameters: FaultParameters };
}

export class Thread<A extends Asks> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  #nextId = 0;
  #closed = false;
  /** Why nobody answers any more. */
  #dead: { readonly error: unknown } | undefined;

  /** `data` is copied into the thread; `failed` is told when the thread dies by itself. */
  constructor(script: URL, data: unknown, failed: (error: unknown) => void) {
    this.#worker = new Worker(script, { workerData: data });
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (error) => {
      this.#drop(error);
      failed(error);
    });
    this.#worker.on('exit', (code) => {
      const error = new Error(`the thread ended with code ${code}`);
      this.#drop(error);
      if (!this.#closed) failed(error);
    });
  }

  ask<N extends keyof A & string>(
    name: N,
    ask: A[N][0],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<A[N][1]> {
    if (this.#dead) return Promise.reject(this.#dead.error);
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise<A[N][1]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as A[N][1]), reject });
      this.#worker.postMessage({ id, name, ask } satisfies Question, [...transfer]);
    });
  }

  /** Asks the thread to close its files (`close` must be among its questions) and ends it. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.ask('close', undefined).catch(() => undefined);
    await this.#worker.terminate();
  }

  /** Ends it where it stands, as a crash would; whoever waits for an answer hears an error. */
  async terminate(): Promise<void> {
    this.#closed = true;
    await this.#worker.terminate();
  }

  #settle({ id, value, fault }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (!waiting) return;
    if (fault && isErrorCode(fault.code)) waiting.reject(new Fault(fault.code, fault.parameters));
    else waiting.resolve(value);
  }

  #drop(error: unknown): void {
    this.#dead ??= { error };
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

/** One question inside the thread; exactly one of the two ways out is taken. */
export interface Asked {
  readonly name: string;
  readonly ask: unknown;
  answer(value: unknown, transfer?: readonly ArrayBuffer[]): void;
  refuse(fault: Fault): void;
}

/**
 * The thread's side. `handle` gets everything that has arrived since it last ran, so that it can treat many
 * questions as one group.
 */
export function serveThread(handle: (asked: Asked[]) => void): void {
  const port = parentPort;
  assert(port, 'runs in a worker thread');
  let queue: Asked[] = [];
  port.on('message', (question: Question) => {
    queue.push(askedOf(port, question));
    if (queue.length > 1) return;
    setImmediate(() => {
      const asked = queue;
      queue = [];
      handle(asked);
    });
  });
}

/** Nobody knows any more what is on the disk (I10); every other fault is an answer like any other. */
export function isFatal(error: Fault): boolean {
  return error.code === 'TB1107';
}

/** Runs one handler; a fault becomes the answer, anything else ends the thread. */
export function answerWith(asked: Asked, work: () => unknown): void {
  try {
    asked.answer(work());
  } catch (error) {
    if (!(error instanceof Fault) || isFatal(error)) throw error;
    asked.refuse(error);
  }
}

export function threadData<T>(): T {
  return workerData as T;
}

function askedOf(port: MessagePort, { id, name, ask }: Question): Asked {
  return {
    name,
    ask,
    answer: (value, transfer = []) => port.postMessage({ id, value } satisfies Answer, [...transfer]),
    refuse: ({ code, parameters }) => port.postMessage({ id, fault: { code, parameters } } satisfies Answer),
  };
}
