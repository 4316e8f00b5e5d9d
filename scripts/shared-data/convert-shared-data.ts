import { parseArgs } from 'node:util';
import { convertSharedData } from './convert.ts';

const help = `Turns legacy exports and published tables into CSV files for load and publish.

  node scripts/shared-data/convert-shared-data.ts --data DIR --out DIR

Prints one line for each file: county, dataset, entity, rows, path. The rows are migrated ones.
`;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help || values.data === undefined || values.out === undefined) {
  process.stdout.write(help);
  process.exitCode = values.help ? 0 : 2;
} else {
  const { files } = await convertSharedData(values.data, values.out);
  for (const { county, dataset, entity, rows, path } of files) {
    process.stdout.write(`${county} ${dataset} ${entity} ${rows} ${path}\n`);
  }
}
