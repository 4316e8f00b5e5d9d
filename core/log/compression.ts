import { constants, type ZstdOptions, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { unreachable } from '../base/assert.ts';
import { fault } from '../base/errors.ts';
import type { Compression } from './batch.ts';

/**
 * A decoder keeps up to this window (16 MiB) of output; a frame that asks for more is refused, so that a few
 * bytes can't reserve memory. Compressors up to level 19 use at most half.
 */
const windowLogMax = 24;

export interface Compressed {
  readonly compression: Compression;
  readonly bytes: Uint8Array;
}

/**
 * One Zstandard frame with its content size, or the bytes themselves where that is no shorter. Level 1: on
 * rows of claims and enrolment it is twice as fast as level 3 and comes out shorter.
 */
export function compress(bytes: Uint8Array, level = 1): Compressed {
  const frame = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } });
  return frame.length < bytes.length ? { compression: 'zstd', bytes: frame } : { compression: 'none', bytes };
}

/**
 * Always a copy that belongs to the caller. Throws TB1404 for damaged data, for anything after the frame, and
 * before it has unfolded more than `bytesMax`.
 */
export function decompress(compression: Compression, bytes: Uint8Array, bytesMax: number): Buffer {
  switch (compression) {
    case 'none':
      if (bytes.length > bytesMax) throw fault('TB1404', { sizeMax: bytesMax });
      return Buffer.from(bytes);
    case 'zstd':
      return unfold(bytes, bytesMax);
    default:
      return unreachable(compression);
  }
}

function unfold(bytes: Uint8Array, bytesMax: number): Buffer {
  const options = {
    info: true, // also tells how much of the input the frame took; not in the types of @types/node
    maxOutputLength: bytesMax,
    params: { [constants.ZSTD_d_windowLogMax]: windowLogMax },
  } satisfies ZstdOptions & { info: true };
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    result = zstdDecompressSync(bytes, options) as unknown as typeof result;
  } catch (error) {
    throw fault('TB1404', { sizeMax: bytesMax }, error);
  }
  if (result.engine.bytesWritten !== bytes.length) throw fault('TB1404', { sizeMax: bytesMax });
  return result.buffer;
}
