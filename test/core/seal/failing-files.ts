import fs from 'node:fs';
import type { FileSystem } from '../../../core/seal/file-system.ts';

const changing = [
  'openSync',
  'writeSync',
  'fsyncSync',
  'ftruncateSync',
  'closeSync',
  'renameSync',
  'unlinkSync',
  'mkdirSync',
];

type AnyCall = (...given: never[]) => unknown;

/**
 * The real disk, but the k-th changing call fails, before or after it took effect, and so do all that follow
 * until `heal`: a full disk, or a process that was killed there.
 */
export class FailingFiles {
  readonly port: FileSystem;
  /** The changing calls so far. */
  readonly log: string[] = [];
  #calls = 0;
  #failAt = Number.POSITIVE_INFINITY;
  #persists = false;

  constructor() {
    this.port = new Proxy<FileSystem>(fs, {
      get: (target, name) => {
        const real: unknown = Reflect.get(target, name);
        if (!changing.includes(String(name))) return real;
        return (...given: unknown[]) => this.#call(String(name), real as AnyCall, given);
      },
    });
  }

  failAt(call: number, persists: boolean): void {
    this.#calls = 0;
    this.#failAt = call;
    this.#persists = persists;
  }

  /** Whether the call that fails has been made. */
  failed(): boolean {
    return this.#calls >= this.#failAt;
  }

  heal(): void {
    this.#failAt = Number.POSITIVE_INFINITY;
  }

  #call(name: string, real: AnyCall, given: unknown[]): unknown {
    this.#calls += 1;
    this.log.push(name);
    if (this.#calls < this.#failAt) return Reflect.apply(real, fs, given as never[]);
    if (this.#calls === this.#failAt && this.#persists) Reflect.apply(real, fs, given as never[]);
    throw Object.assign(new Error('injected'), { code: 'EIO' });
  }
}
