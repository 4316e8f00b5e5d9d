import { unreachable } from '../base/assert.ts';
import { fault } from '../base/errors.ts';
import { limits } from '../link/limits.ts';
import { type Frame, type Hello, type RefusalCode, refusalCodes } from '../link/messages.ts';
import type { Compression } from '../log/batch.ts';

/**
 * Frames as proto-loader gives and takes them (replication.proto): camelCase, numbers for integers, Buffers
 * for bytes, names for enums, and the name of the set oneof member in `kind`.
 */
export interface FrameMessage {
  readonly frame?: {
    readonly kind?: string;
    readonly hello?: HelloMessage | null;
    readonly position?: { readonly size: number; readonly root: Uint8Array } | null;
    readonly batch?: BatchMessage | null;
    readonly ack?: { readonly size: number; readonly cosignature: Uint8Array } | null;
    readonly heartbeat?: HeartbeatMessage | null;
    readonly refusal?: RefusalMessage | null;
  } | null;
}

interface HelloMessage {
  readonly site: string;
  readonly origin: string;
  readonly dataset: string;
  readonly protocolMin: number;
  readonly protocolMax: number;
  readonly batchEntriesMax: number;
  readonly batchBytesMax: number;
  readonly windowBatches: number;
  readonly windowBytes: number;
}

interface BatchMessage {
  readonly first: number;
  readonly count: number;
  readonly compression: string;
  readonly entries: Uint8Array;
  readonly checkpoint: Uint8Array;
}

interface HeartbeatMessage {
  readonly timeMs: number;
  readonly size: number;
  readonly checkpoint: Uint8Array;
  readonly newestMs: number;
}

interface RefusalMessage {
  readonly code: string;
  readonly size?: number | undefined;
  readonly text: string;
}

const compressionNames: Readonly<Record<Compression, string>> = {
  none: 'COMPRESSION_NONE',
  zstd: 'COMPRESSION_ZSTD',
};

export function encodeFrame(frame: Frame): FrameMessage {
  switch (frame.kind) {
    case 'hello': {
      const { kind, log, ...rest } = frame;
      return { frame: { kind, hello: { ...rest, origin: log.origin, dataset: log.dataset } } };
    }
    case 'position':
      return { frame: { kind: 'position', position: { size: frame.size, root: frame.root } } };
    case 'batch': {
      const { kind, compression, ...rest } = frame;
      return { frame: { kind, batch: { ...rest, compression: compressionNames[compression] } } };
    }
    case 'ack':
      return { frame: { kind: 'ack', ack: { size: frame.size, cosignature: frame.cosignature } } };
    case 'heartbeat': {
      const { kind, ...rest } = frame;
      return { frame: { kind, heartbeat: rest } };
    }
    case 'refusal': {
      const { code, size } = frame;
      const text = frame.text.slice(0, limits.refusalTextBytes / 4);
      const named = { code: refusalName(code), text };
      return { frame: { kind: 'refusal', refusal: size === undefined ? named : { ...named, size } } };
    }
    default:
      return unreachable(frame);
  }
}

/** Checks every number, length and name; throws TB1401 naming the field that is wrong. */
export function decodeFrame(message: FrameMessage): Frame {
  const frame = message.frame ?? undefined;
  if (frame?.hello) return decodeHello(frame.hello);
  if (frame?.position) {
    const { size, root } = frame.position;
    return { kind: 'position', size: count('position.size', size), root: exactly('position.root', root, 32) };
  }
  if (frame?.batch) return decodeBatch(frame.batch);
  if (frame?.ack) {
    const cosignature = atMost('ack.cosignature', frame.ack.cosignature, limits.noteBytes);
    return { kind: 'ack', size: count('ack.size', frame.ack.size), cosignature };
  }
  if (frame?.heartbeat) {
    const { timeMs, size, checkpoint, newestMs } = frame.heartbeat;
    return {
      kind: 'heartbeat',
      timeMs: count('heartbeat.time_ms', timeMs),
      size: count('heartbeat.size', size),
      checkpoint: atMost('heartbeat.checkpoint', checkpoint, limits.noteBytes),
      newestMs: count('heartbeat.newest_ms', newestMs),
    };
  }
  if (frame?.refusal) {
    const { code, size, text } = frame.refusal;
    return {
      kind: 'refusal',
      code: refusalCode(code),
      size: size === undefined ? undefined : count('refusal.size', size),
      text: text.slice(0, limits.refusalTextBytes),
    };
  }
  throw malformed('frame.kind');
}

function decodeHello(hello: HelloMessage): Hello {
  if (!/^[0-9]{6}$/.test(hello.site)) throw malformed('hello.site');
  if (!/^[0-9]{6}$/.test(hello.origin)) throw malformed('hello.origin');
  if (!/^[a-z0-9/-]{1,64}$/.test(hello.dataset)) throw malformed('hello.dataset');
  const { site, origin, dataset, ...numbers } = hello;
  return { kind: 'hello', site, log: { origin, dataset }, ...numbers };
}

function decodeBatch(batch: BatchMessage): Frame {
  const compression = (['none', 'zstd'] as const).find(
    (name) => compressionNames[name] === batch.compression,
  );
  if (!compression) throw malformed('batch.compression');
  if (batch.count < 1) throw malformed('batch.count');
  const first = count('batch.first', batch.first);
  count('batch.first', first + batch.count);
  return {
    kind: 'batch',
    first,
    count: batch.count,
    compression,
    entries: atMost('batch.entries', batch.entries, limits.messageBytes),
    checkpoint: atMost('batch.checkpoint', batch.checkpoint, limits.noteBytes),
  };
}

/** A whole number from 0 that a double holds exactly. */
function count(field: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw malformed(field);
  return value;
}

function exactly(field: string, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw malformed(field);
  return bytes;
}

function atMost(field: string, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length > length) throw malformed(field);
  return bytes;
}

function refusalName(code: RefusalCode): string {
  return `REFUSAL_CODE_${code.toUpperCase().replaceAll('-', '_')}`;
}

function refusalCode(name: string): RefusalCode {
  return refusalCodes.find((code) => refusalName(code) === name) ?? 'protocol';
}

function malformed(field: string): Error {
  return fault('TB1401', { reason: field });
}
