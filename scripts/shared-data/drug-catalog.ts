import type { Row } from '../generate/scale.ts';
import { readTable } from './source-table.ts';

const release = '2024.01';
const validFrom = '2024-01-01';

/** Rows of `catalog`, entity drug, from the published drug codes and their limits of use. */
export async function readDrugs(folder: string): Promise<Row[]> {
  const limits = new Map<string, string[]>();
  for (const row of await readTable(folder, 'catalogs/nhsa_drug_limits.csv')) {
    const known = limits.get(row('generic_name')) ?? [];
    known.push(`${row('limit_type')}:${row('limit_value')}`);
    limits.set(row('generic_name'), known);
  }
  const drugs = await readTable(folder, 'catalogs/nhsa_drug_codes.csv');
  return drugs.map((row) => {
    const content = (limits.get(row('generic_name')) ?? []).join(';');
    return {
      hilist_code: row('drug_code'),
      begndate: validFrom,
      hilist_name: row('generic_name'),
      list_type: '101',
      med_chrgitm_type: row('drug_code').startsWith('X') ? '09' : '11',
      lmt_used_flag: row('limit_types') === '' ? '0' : '1',
      lmt_cont: content.slice(0, 500),
      list_ver: release,
      chg_type: '新增',
      src_sys: 'U',
    };
  });
}
