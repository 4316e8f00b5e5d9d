import type { LogName } from '../log/batch.ts';
import { limits, protocol } from './limits.ts';
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
    const [there, here] = [theirs, ours].map((hello) => `${hello.protocolMin} to ${hello.protocolMax}`);
    return `protocol ${there}, here ${here}`;
  }
  if (theirs.log.origin !== ours.log.origin || theirs.log.dataset !== ours.log.dataset) {
    return 'the hellos name different logs';
  }
  // A batch ends at its origin's checkpoint and can't be cut on the way, so nobody may take less than these.
  if (theirs.batchEntriesMax < limits.batchEntries || theirs.batchBytesMax < limits.batchBytes) {
    const least = `${limits.batchEntries} entries and ${limits.batchBytes} bytes`;
    return `batches of ${least} are the least to be taken`;
  }
  if (theirs.windowBatches < 1 || theirs.windowBytes < 1) return 'a window of nothing';
  return undefined;
}
