import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { fault } from '../base/errors.ts';

export type Encoding = 'utf-8' | 'gb18030';

/** Throws TB1513. */
export function encodingOf(name: string): Encoding {
  const wanted = name.toLowerCase().replaceAll('_', '-');
  if (wanted === 'utf-8' || wanted === 'utf8') return 'utf-8';
  if (wanted === 'gb18030' || wanted === 'gbk' || wanted === 'gb2312') return 'gb18030';
  throw fault('TB1513', { encoding: name.slice(0, 20) });
}

/**
 * Reads the whole file once, before any row of it is used, and throws TB1501 when it is not in the encoding:
 * so a file of the wrong encoding loads nothing at all, and the error names the option that is right.
 * Constant memory. A GB18030 decoder takes most UTF-8 text for rare Chinese characters, so a file that is
 * UTF-8 throughout and not plain ASCII is refused as GB18030.
 */
export async function checkEncoding(path: string, encoding: Encoding): Promise<void> {
  const start = await readStart(path);
  const mark = markOf(start);
  if (mark !== undefined && mark !== encoding) throw wrongEncoding(path, encoding, 0, mark);
  const utf8 = await firstFault(path, 'utf-8');
  if (encoding === 'utf-8') {
    if (utf8 === undefined) return;
    const other = (await firstFault(path, 'gb18030')) === undefined ? 'gb18030' : 'binary';
    throw wrongEncoding(path, encoding, utf8.at, other);
  }
  if (utf8 === undefined && !(await isAscii(path))) throw wrongEncoding(path, encoding, 0, 'utf-8');
  const faultAt = await firstFault(path, 'gb18030');
  if (faultAt !== undefined) throw wrongEncoding(path, encoding, faultAt.at, 'binary');
}

/** Decoded text of a checked file; a byte order mark is left out. `bytesRead` grows as it is consumed. */
export async function* readText(
  path: string,
  encoding: Encoding,
  progress: { bytesRead: number },
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
      const bytes = chunk as Buffer;
      progress.bytesRead += bytes.length;
      const text = decoder.decode(bytes, { stream: true });
      if (text !== '') yield text;
    }
    const rest = decoder.decode();
    if (rest !== '') yield rest;
  } catch (error) {
    throw fault('TB1508', { path }, error);
  }
}

async function readStart(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}

function markOf(start: Buffer): Encoding | 'utf-16' | undefined {
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return 'utf-8';
  if (start[0] === 0x84 && start[1] === 0x31 && start[2] === 0x95 && start[3] === 0x33) return 'gb18030';
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) return 'utf-16';
  return undefined;
}

/** The block in which decoding fails first; exact enough to look at, and it needs no second decoder. */
async function firstFault(path: string, encoding: Encoding): Promise<{ at: number } | undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let at = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 16 })) {
      decoder.decode(chunk as Buffer, { stream: true });
      at += (chunk as Buffer).length;
    }
    decoder.decode();
    return undefined;
  } catch (error) {
    if (error instanceof TypeError) return { at };
    throw fault('TB1508', { path }, error);
  }
}

async function isAscii(path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 16 })) {
    if ((chunk as Buffer).some((byte) => byte > 0x7f)) return false;
  }
  return true;
}

function wrongEncoding(path: string, encoding: Encoding, at: number, other: string): Error {
  return fault('TB1501', { path, encoding, at, other });
}
