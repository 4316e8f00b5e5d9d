/** One holder's part, as it stands in a share file. `value` is secret: who holds a Share wipes it. */
export interface Share {
  readonly site: string;
  /** 16 bytes, hex. */
  readonly setId: string;
  readonly epoch: number;
  readonly threshold: number;
  readonly holders: number;
  /** The holder's number, from 1. */
  readonly holder: number;
  readonly officer: string;
  /** SHA-256 of the manifest of the set, hex: the same in every share file of a set (T17). */
  readonly manifestHash: string;
  /** The scalar, 32 bytes. */
  readonly value: Uint8Array;
}
