import { dayOf, parseDate, parseDateTime, yearOf } from '../../core/records/calendar.ts';
import type { Row } from '../generate/scale.ts';
import type { CodeMap } from './code-map.ts';
import type { KnownPerson } from './legacy-people.ts';
import { readTable, type SourceRow } from './source-table.ts';

interface Institution {
  readonly code: string;
  readonly level: string;
  readonly county: string;
}

interface Tables {
  readonly codes: CodeMap;
  readonly people: ReadonlyMap<string, KnownPerson>;
  readonly institutions: ReadonlyMap<string, Institution>;
  /** Local item to national code and class. */
  readonly items: ReadonlyMap<string, { readonly code: string; readonly level: string }>;
  readonly diagnoses: ReadonlyMap<string, readonly SourceRow[]>;
  readonly lines: ReadonlyMap<string, readonly SourceRow[]>;
  readonly settled: ReadonlyMap<string, SourceRow>;
}

/**
 * Visits, claims and lines of system B (kc21, kc22, kc33, kc24), by `county dataset entity`; the county is
 * the one of the institution. Name and telephone of the visit rows are left out: the person number stands
 * for them.
 */
export async function readClaims(
  folder: string,
  codes: CodeMap,
  people: ReadonlyMap<string, KnownPerson>,
): Promise<Map<string, Row[]>> {
  const tables = await readTables(folder, codes, people);
  const rows = new Map<string, Row[]>();
  const add = (county: string, entity: string, row: Row): void => {
    const name = `${county} claims ${entity}`;
    const list = rows.get(name);
    if (list === undefined) rows.set(name, [row]);
    else list.push(row);
  };
  for (const visit of await readTable(folder, 'legacy-b/kc21.csv')) {
    const person = people.get(visit('AAC001'));
    const institution = tables.institutions.get(visit('AKB020'));
    if (person === undefined || institution === undefined) continue;
    add(institution.county, 'visit', visitRow(visit, person, institution, tables));
    const lines = tables.lines.get(visit('AKC190')) ?? [];
    lines.forEach((line, i) => {
      add(institution.county, 'line', lineRow(line, lines.slice(0, i), visit, tables));
    });
    const claim = tables.settled.get(visit('AKC190'));
    if (claim !== undefined) add(institution.county, 'claim', claimRow(claim, lines));
  }
  return rows;
}

async function readTables(
  folder: string,
  codes: CodeMap,
  people: ReadonlyMap<string, KnownPerson>,
): Promise<Tables> {
  const institutions = await readTable(folder, 'legacy-expected/institution_map.csv');
  const items = await readTable(folder, 'legacy-expected/catalog_map.csv');
  return {
    codes,
    people,
    institutions: new Map(
      institutions.map((row) => [
        row('b_code'),
        { code: row('fixmedins_code'), level: row('hosp_lv'), county: row('admdvs') },
      ]),
    ),
    items: new Map(
      items.flatMap((row) =>
        row('system') === 'B' && row('national_code') !== ''
          ? [[row('local_code'), { code: row('national_code'), level: row('chrgitm_lv') }] as const]
          : [],
      ),
    ),
    diagnoses: grouped(await readTable(folder, 'legacy-b/kc33.csv')),
    lines: grouped(await readTable(folder, 'legacy-b/kc22.csv')),
    settled: new Map((await readTable(folder, 'legacy-b/kc24.csv')).map((row) => [row('AKC190'), row])),
  };
}

function visitRow(visit: SourceRow, person: KnownPerson, institution: Institution, tables: Tables): Row {
  const id = visit('AKC190');
  const begin = dayOf(parseDateTime(visit('AKC192')) ?? 0);
  const end = visit('AKC194') === '' ? begin : dayOf(parseDateTime(visit('AKC194')) ?? 0);
  const year = tables.settled.get(id)?.('AAE001') ?? String(yearOf(begin));
  const diagnoses = (tables.diagnoses.get(id) ?? []).map((row) => ({
    diag_type: '1',
    diag_srt_no: Number(row('BKE150')),
    maindiag_flag: row('BKE150') === '1' ? '1' : '0',
    diag_code: withPoint(row('AKA120')),
    diag_name: row('AKA121'),
    diag_code_src: row('AKA120'),
  }));
  return {
    mdtrt_id: id,
    psn_no: person.psnNo,
    psn_insu_rlts_id: person.enrollments.get(String(yearOf(begin))) ?? '',
    insutype: '391',
    psn_type: person.psnType,
    insu_admdvs: person.county,
    gend: person.sex,
    age: ageAt(person.birth, begin),
    fixmedins_code: institution.code,
    hosp_lv: institution.level,
    fix_blng_admdvs: institution.county,
    med_type: tables.codes.map('B', 'AAE140+AKA130', `${visit('AAE140')}+${visit('AKA130')}`),
    mdtrt_cert_type: '03',
    ipt_otp_no: id,
    medrcdno: visit('AKC031'),
    begntime: visit('AKC192'),
    endtime: visit('AKC194'),
    dept_code: visit('AKF001'),
    dept_name: visit('AKC025'),
    atddr_no: visit('AKC008'),
    diag: JSON.stringify(diagnoses),
    dscg_way: visit('AKC195'),
    ars_year_ipt_flag: yearOf(end) > yearOf(begin) ? '1' : '0',
    year,
    inhosp_stas: '0',
    ttp_pay_flag: visit('AKC120'),
    access_path: institution.county,
    src_sys: 'B',
    src_key: id,
    opter_id: visit('AAE011'),
  };
}

function lineRow(line: SourceRow, before: readonly SourceRow[], visit: SourceRow, tables: Tables): Row {
  const item = tables.items.get(line('AKC222'));
  // System B marks a return by its negative quantity alone; it is about the last line of the same item.
  const returned = line('AKC226').startsWith('-')
    ? before.findLast((other) => other('AKC222') === line('AKC222') && !other('AKC226').startsWith('-'))
    : undefined;
  return {
    feedetl_sn: line('AKC378'),
    mdtrt_id: line('AKC190'),
    chrg_bchno: line('AAE072'),
    rxno: line('AKC220'),
    rx_circ_flag: '0',
    hosp_appr_flag: '1',
    fee_ocur_time: line('AKC221'),
    med_list_codg: item?.code ?? line('AKC222'),
    medins_list_codg: line('AKC515'),
    medins_list_name: line('AKC516'),
    det_item_fee_sumamt: line('AKC227'),
    cnt: line('AKC226'),
    pric: line('AKC225'),
    bilg_dept_codg: visit('AKF001'),
    bilg_dr_codg: visit('AKC008'),
    selfpay_prop: line('AKA069'),
    chrgitm_lv: item?.level ?? '',
    rtn_feedetl_sn: returned?.('AKC378') ?? '',
    src_sys: 'B',
    src_key: line('AKC378'),
  };
}

function claimRow(claim: SourceRow, lines: readonly SourceRow[]): Row {
  const days = lines.map((line) => line('AKC221').slice(0, 8)).sort();
  return {
    claim_no: `C${claim('AKC190')}`,
    mdtrt_id: claim('AKC190'),
    chrg_bchno: claim('AAE072'),
    claim_type: '即时',
    submit_channel: 'file',
    fee_begndate: days[0] ?? claim('AAE040').slice(0, 8),
    fee_enddate: days.at(-1) ?? claim('AAE040').slice(0, 8),
    medfee_sumamt: claim('AKC264'),
    line_cnt: String(lines.length),
    year: claim('AAE001'),
    stas: 'settled',
    msgid: claim('AKC190'),
    src_sys: 'B',
    src_key: claim('AAE072'),
  };
}

/** System B writes insurance-edition codes without their point. */
function withPoint(code: string): string {
  return /^[A-Z]\d\d[\dx]/.test(code) ? `${code.slice(0, 3)}.${code.slice(3)}` : code;
}

function ageAt(birth: string, day: number): string {
  const born = parseDate(birth);
  return born === undefined ? '' : String(Math.max(0, Math.floor((day - born) / 365.25)));
}

function grouped(rows: readonly SourceRow[]): Map<string, SourceRow[]> {
  const groups = new Map<string, SourceRow[]>();
  for (const row of rows) {
    const group = groups.get(row('AKC190'));
    if (group === undefined) groups.set(row('AKC190'), [row]);
    else group.push(row);
  }
  return groups;
}
