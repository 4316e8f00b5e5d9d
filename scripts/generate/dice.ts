/**
 * A fast repeatable source for generated data (xorshift32 over a mixed seed). The same parts always give the
 * same numbers, so a person's number can be drawn again wherever it is needed. Not for keys.
 */
export class Dice {
  #state: number;

  constructor(...seed: readonly number[]) {
    let state = 0x9e3779b9;
    for (const part of seed) {
      state = Math.imul(state ^ part, 0x85ebca6b);
      state = Math.imul(state ^ (state >>> 13) ^ Math.floor(part / 2 ** 32), 0xc2b2ae35);
      state ^= state >>> 16;
    }
    this.#state = state === 0 ? 1 : state;
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor((this.next() / 2 ** 32) * bound);
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  chance(probability: number): boolean {
    return this.next() / 2 ** 32 < probability;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new RangeError('an empty list');
    return item;
  }

  digits(count: number): string {
    let text = '';
    for (; text.length < count; ) text += String(this.next() % 100_000_000).padStart(8, '0');
    return text.slice(0, count);
  }
}
