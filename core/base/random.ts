import { randomBytes } from 'node:crypto';

/** Where random bytes come from. Keys, salts and identifiers use `systemRandom`; simulations a seed. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** Uniform in [0, 1), for jitter; never for keys. */
  uniform(): number;
}

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  uniform: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};

/** A repeatable source (splitmix64) for simulations and generated data. Not for keys. */
export function seededRandom(seed: number): Random {
  let state = BigInt.asUintN(64, BigInt(seed));
  const next = (): bigint => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
  return {
    uniform: () => Number(next() >> 11n) / 2 ** 53,
    bytes: (length) => {
      const bytes = Buffer.alloc(length);
      for (let i = 0; i < length; i += 8) {
        const word = Buffer.alloc(8);
        word.writeBigUInt64LE(next());
        word.copy(bytes, i);
      }
      return bytes;
    },
  };
}
