import { StringDecoder } from 'node:string_decoder';
import { fault } from '../base/errors.ts';
import type { Input } from './context.ts';

/** A share is 78 characters, a token fewer; a line beyond this is another file (I7). */
const lineLengthMax = 4096;

export interface LineMode {
  /** The terminal is raw: its control keys are ours to obey. */
  readonly keys: boolean;
  readonly signal: AbortSignal;
}

/** Gives an input line by line and keeps what came behind a line for the next question. */
export class InputLines {
  readonly #input: Input;
  readonly #decoder = new StringDecoder('utf8');
  #waiting = '';
  #ended = false;

  constructor(input: Input) {
    this.#input = input;
  }

  /** Throws TB1018 when interrupted, TB1019 when the input has ended, TB1020 for a line without end. */
  async next({ keys, signal }: LineMode): Promise<string> {
    let line = '';
    for (;;) {
      const taken = this.#take(line, keys);
      if (taken.done) return taken.line;
      line = taken.line;
      if (line.length > lineLengthMax) throw fault('TB1020', { max: lineLengthMax });
      if (this.#ended) {
        if (line !== '') return line;
        throw fault('TB1019');
      }
      await this.#read(signal);
    }
  }

  /** Moves waiting characters to the line until its end. */
  #take(begun: string, keys: boolean): { readonly done: boolean; readonly line: string } {
    const characters = [...begun];
    const source = [...this.#waiting];
    for (const [i, character] of source.entries()) {
      if (character === '\n' || (keys && character === '\r')) {
        this.#waiting = source.slice(i + 1).join('');
        return { done: true, line: characters.join('').replace(/\r$/, '') };
      }
      if (keys && character === '\u0003') throw fault('TB1018');
      if (keys && character === '\u0004' && characters.length === 0) throw fault('TB1019');
      if (keys && (character === '\u007f' || character === '\b')) characters.pop();
      else if (keys && character === '\u0015') characters.length = 0;
      else characters.push(character);
    }
    this.#waiting = '';
    return { done: false, line: characters.join('') };
  }

  /** One chunk more. The input is paused between questions, so that it does not keep the process alive. */
  async #read(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw fault('TB1018');
    const input = this.#input;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onData = (chunk: Buffer | string) => {
      this.#waiting += typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
      resolve();
    };
    const onEnd = () => {
      this.#ended = true;
      resolve();
    };
    const onAbort = () => reject(fault('TB1018'));
    if (input.readableEnded || input.destroyed) return onEnd();
    input.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', reject);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      input.resume();
      await promise;
    } finally {
      input.pause();
      input.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', reject);
      signal.removeEventListener('abort', onAbort);
    }
  }
}
