import { inspect } from 'node:util';

/** What of a value may be shown: `name` its first character, `id` 4 + 1, `phone` 3 + 4, `all` nothing. */
export type Masking = 'name' | 'id' | 'phone' | 'all';

/**
 * A value that identifies a person or opens something. However it is printed (JSON, template, format,
 * inspect) only its mask appears (I9). `reveal` is called in record, index and screen code alone.
 */
export class Sensitive<T> {
  readonly #value: T;
  readonly #masking: Masking;

  constructor(value: T, masking: Masking) {
    this.#value = value;
    this.#masking = masking;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return maskAs(this.#masking, typeof this.#value === 'string' ? this.#value : '');
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

export function maskAs(masking: Masking, text: string): string {
  const characters = [...text];
  switch (masking) {
    case 'name':
      return keep(characters, 1, 0);
    case 'id':
      return keep(characters, 4, 1);
    case 'phone':
      return keep(characters, 3, 4);
    case 'all':
      return '***';
  }
}

/** A text so short that its ends would be most of it is hidden whole. */
function keep(characters: readonly string[], head: number, tail: number): string {
  if (characters.length < head + tail + 1) return '***';
  return `${characters.slice(0, head).join('')}***${tail === 0 ? '' : characters.slice(-tail).join('')}`;
}
