import { checkCharacter } from '../../core/records/id-number.ts';
import { personRows } from '../../scripts/generate/person-rows.ts';
import { encodeGb18030 } from './gb18030.ts';
import type { RowObject } from './rows.ts';

/**
 * Parts that every canary person's data share and nothing else has: three characters that no name has, the
 * never assigned area 99 with one birthday, a phone of the unassigned prefix 100. Long enough that no random
 * bytes hold one by chance.
 */
export const canaries = {
  name: '龘靐齉',
  idNumber: '99773119770717',
  phone: '10077313',
  address: '爨麤驫',
  card: 'C997731319',
} as const;

export function canaryIdNumber(index: number): string {
  const first17 = `${canaries.idNumber}${String((index % 499) * 2 + 1).padStart(3, '0')}`;
  return first17 + checkCharacter(first17);
}

/** Rows of `persons` that are right in every way. */
export function canaryPersons(county: string, count: number, from: number): RowObject[] {
  const scale = { seed: 31, county, persons: from + count, year: 2026, eventsPerPerson: 1, linesPerStay: 1 };
  return [...personRows(scale)].slice(from).map((row, i) => ({
    ...row,
    psn_name: canaries.name + '甲乙丙丁戊己庚辛壬癸'.charAt(i % 10),
    certno: canaryIdNumber(from + i),
    gend: '1',
    brdy: '1977-07-17',
    tel: canaries.phone + String(from + i).padStart(3, '0'),
    hsreg_addr: `${canaries.address}路${from + i}号`,
    live_addr: `${canaries.address}街${from + i}号`,
    hi_card_no: canaries.card + String(from + i).padStart(4, '0'),
  }));
}

/** Rows that are wrong, each in its own way, and carry canaries where they are wrong. */
export function wrongPersons(county: string): RowObject[] {
  const [row = {}] = canaryPersons(county, 1, 400);
  const id = canaryIdNumber(400);
  return [
    { ...row, certno: id.slice(0, 17) + (id.endsWith('1') ? '2' : '1') },
    { ...row, certno: `${canaries.idNumber}0` },
    { ...row, psn_name: canaries.name.repeat(30) },
    { ...row, psn_name: `${canaries.name} ${id}` },
    { ...row, psn_no: id },
    { ...row, gend: canaries.name },
    { ...row, brdy: canaries.address },
    { ...row, hsreg_addr: canaries.address.repeat(100) },
    { ...row, tel: `${canaries.phone}x`.repeat(20) },
    { ...row, naty: canaries.phone },
    { ...row, [canaries.name]: canaries.address },
  ];
}

export function csv(rows: readonly RowObject[], { header = true } = {}): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join(','));
  return `${[...(header ? [columns.join(',')] : []), ...lines].join('\n')}\n`;
}

export function csvGb18030(rows: readonly RowObject[]): Buffer {
  return encodeGb18030(csv(rows));
}
