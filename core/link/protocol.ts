import { limits, protocol } from './limits.ts';
import type { LogName } from '../log/batch.ts';
import type { Hello } from './messages.ts';

/** This program's hello: what it speaks, and what it takes at most. */
export function helloOf(site: string, log: LogName): Hello {
  return {
    kind: 'hello',
    site,
    log,
    protocolMin: protocol.min,
    protocolMax: protocol.max,
    batchEntriesMax: limits.batchEntries,
    batchBytesMax: limits.batchBytes,
    windowBatches: limits.windowBatches,
    windowBytes: limits.windowBytes,
  };
}

/** Why two hellos can't talk; undefined when they can. */
export function commonProtocol(ours: Hello, theirs: Hello): string | undefined {
  if (theirs.protocolMin > ours.protocolMax || theirs.protocolMax < ours.protocolMin) {
    return `protocol ${theirs.protocolMin} to ${theirs.protocolMax}, here ${ours.protocolMin} to ${ours.protocolMax}`;
  }
  if (theirs.log.origin !== ours.log.origin || theirs.log.dataset !== ours.log.dataset) {
    return 'the hellos name different logs';
  }
  // A batch ends at its origin's checkpoint and can't be cut on the way, so nobody may take less than these.
  if (theirs.batchEntriesMax < limits.batchEntries || theirs.batchBytesMax < limits.batchBytes) {
    return `batches of ${limits.batchEntries} entries and ${limits.batchBytes} bytes are the least to be taken`;
  }
  if (theirs.windowBatches < 1 || theirs.windowBytes < 1) return 'a window of nothing';
  return undefined;
}
