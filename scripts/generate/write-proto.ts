import { readFileSync, writeFileSync } from 'node:fs';
import { datasets } from '../../core/records/datasets.ts';
import { printProto, printStampMessages } from '../../core/records/proto-file.ts';

/**
 * Writes the dataset .proto files from the definitions in core/records, and the two messages that all share
 * below the hand-written part of entry.proto. Run after a change of a definition:
 * `node scripts/generate/write-proto.ts`.
 */
const folder = new URL('../../proto/tongbu/v1/records/', import.meta.url);

for (const dataset of datasets) {
  writeFileSync(new URL(`${dataset.name}.proto`, folder), printProto(dataset));
}
const entryFile = new URL('entry.proto', folder);
const stamp = printStampMessages();
const [written = ''] = readFileSync(entryFile, 'utf8').split(/\/\/ Where a row comes from/);
writeFileSync(entryFile, `${written.trimEnd()}\n\n${stamp}\n`);
