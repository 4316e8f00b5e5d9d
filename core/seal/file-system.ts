import fs from 'node:fs';

/**
 * The calls by which the seal touches the disk, in the shape of node:fs, so that a test can fail or stop at
 * each of them. All are synchronous: a ceremony step is a few hundred bytes, and no two may interleave.
 */
export type FileSystem = Pick<
  typeof fs,
  | 'openSync'
  | 'writeSync'
  | 'fsyncSync'
  | 'ftruncateSync'
  | 'closeSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'readdirSync'
  | 'readFileSync'
  | 'statSync'
  | 'mkdirSync'
>;

export const nodeFiles: FileSystem = fs;
