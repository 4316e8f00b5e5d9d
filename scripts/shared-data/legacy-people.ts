import { Dice } from '../generate/dice.ts';
import type { Row } from '../generate/scale.ts';
import type { CodeMap } from './code-map.ts';
import { dateOf, readTable, type SourceRow, timeOfA } from './source-table.ts';

/** What visits need to know of a person; nothing that identifies. */
export interface KnownPerson {
  readonly psnNo: string;
  readonly sex: string;
  readonly birth: string;
  readonly county: string;
  readonly psnType: string;
  /** Enrolment of a year. */
  readonly enrollments: Map<string, string>;
}

export interface People {
  /** Rows by `county dataset entity`. */
  readonly rows: Map<string, Row[]>;
  /** Persons of system B by personal number, for their visits. */
  readonly byPersonalNo: ReadonlyMap<string, KnownPerson>;
}

type Add = (county: string, dataset: string, entity: string, row: Row) => void;

/** Kinds of a person that are identity categories (legacy person kinds with the unified category). */
const categories: Readonly<Record<string, string>> = {
  '残疾人(一二级)': '残疾',
  建档立卡人口: '建档立卡',
  五保对象: '特困',
  低保对象: '低保',
  优抚对象: '优抚',
  '45': '残疾',
  '46': '低保',
};

/**
 * Persons, their old numbers and their enrolments from both legacy systems. Person and household numbers are
 * drawn (repeatably) and have nothing to do with what they replace.
 */
export async function readPeople(folder: string, seed: number, codes: CodeMap): Promise<People> {
  const rows = new Map<string, Row[]>();
  const add: Add = (county, dataset, entity, row) => {
    const name = `${county} ${dataset} ${entity}`;
    const list = rows.get(name);
    if (list === undefined) rows.set(name, [row]);
    else list.push(row);
  };
  await readSystemA(folder, new Dice(seed, 1), codes, add);
  return { rows, byPersonalNo: await readSystemB(folder, new Dice(seed, 2), codes, add) };
}

async function readSystemA(folder: string, dice: Dice, codes: CodeMap, add: Add): Promise<void> {
  const persons = await readTable(folder, 'legacy-a/d401_persons.csv', 'gb18030');
  const households = new Map<string, string>();
  /** One card and member number may name two persons; their enrolments are dealt out in order. */
  const byCard = new Map<string, { psnNo: string; psnType: string }[]>();
  for (const row of persons) {
    const psnNo = `4300${dice.digits(16)}`;
    const card = row('D401_10');
    const key = `${card}/${row('D401_21')}`;
    if (!households.has(card)) households.set(card, `HH${dice.digits(14)}`);
    const known = byCard.get(key) ?? [];
    known.push({ psnNo, psnType: codes.map('A', 'GRLB', row('GRLB')) });
    byCard.set(key, known);
    const county = row('AREA_NO');
    add(county, 'persons', 'person', {
      psn_no: psnNo,
      psn_cert_type: '01',
      certno: row('D401_01'),
      psn_name: row('D401_02'),
      gend: codes.map('A', 'D401_03', row('D401_03')),
      brdy: row('D401_04'),
      naty: codes.map('A', 'NAMENATIONAL', row('NAMENATIONAL')),
      hsreg_admdvs: county,
      hsreg_addr: row('D401_13'),
      tel: row('D401_15'),
      surv_stas: '1',
      hi_card_no: card,
      src_sys: 'A',
      src_key: key,
    });
    link(add, county, psnNo, 'card_member', key, 'A');
    if (row('D401_10_TEMP') !== '') link(add, county, psnNo, 'card_old', row('D401_10_TEMP'), 'A');
    if (row('D401_01').length === 15) link(add, county, psnNo, 'id15', row('D401_01'), 'A');
  }
  const enrolled = await readTable(folder, 'legacy-a/d401_enrollment.csv');
  const dealt = new Map<string, number>();
  enrolled.forEach((row, i) => {
    const key = `${row('D401_10')}/${row('D401_21')}`;
    const turn = `${key} ${row('D603_02')}`;
    const owners = byCard.get(key) ?? [];
    const owner = owners[(dealt.get(turn) ?? 0) % Math.max(1, owners.length)];
    dealt.set(turn, (dealt.get(turn) ?? 0) + 1);
    if (owner === undefined) return;
    add(row('AREA_NO'), 'enrollment', 'enrollment', {
      ...enrolmentOfYear(row('AREA_NO'), row('D603_02'), 'A', i, owner),
      hh_ref: households.get(row('D401_10')) ?? '',
      insutype: '380',
      psn_idet_type: categories[row('GRLB')] ?? '',
      psn_insu_stas: codes.map('A', 'D401_52', row('D401_52')),
      psn_insu_date: dateOf(timeOfA(row('JFRQ'))) || `${row('D603_02')}-01-01`,
      psn_clct_amt: row('GRJF'),
      fin_subs_ctr: row('ZYBZ'),
      fin_subs_prov: row('SBZ'),
      fin_subs_city: row('SHBZ'),
      fin_subs_cty: row('XBZ'),
      med_aid_subs_amt: row('MZZZ'),
      clct_time: timeOfA(row('JFRQ')),
      invono: row('PJH'),
    });
  });
}

async function readSystemB(
  folder: string,
  dice: Dice,
  codes: CodeMap,
  add: Add,
): Promise<ReadonlyMap<string, KnownPerson>> {
  const known = new Map<string, KnownPerson>();
  for (const row of await readTable(folder, 'legacy-b/insurinfo.csv'))
    known.set(row('AAC001'), personB(row, dice, codes, add));
  const enrolled = await readTable(folder, 'legacy-b/enrollment.csv');
  enrolled.forEach((row, i) => {
    const person = known.get(row('AAC001'));
    if (person === undefined) return;
    const year = row('AAE001');
    const common = enrolmentOfYear(row('AAB301'), year, 'B', i, person);
    person.enrollments.set(year, common['psn_insu_rlts_id'] ?? '');
    add(row('AAB301'), 'enrollment', 'enrollment', {
      ...common,
      insutype: codes.map('B', 'AAE140', row('AAE140')),
      psn_type: codes.map('B', 'AKC021', row('AKC021')),
      psn_idet_type: categories[row('AKC021')] ?? '',
      psn_insu_stas: codes.map('B', 'AAC008', row('AAC008')),
      psn_insu_date: row('AAC030') || dateOf(row('AAE036')),
      psn_clct_amt: row('BAE101'),
      fin_subs_ctr: row('BAE102'),
      fin_subs_prov: row('BAE103'),
      fin_subs_city: row('BAE104'),
      fin_subs_cty: row('BAE105'),
      med_aid_subs_amt: row('BAE106'),
      clct_time: row('AAE036'),
    });
  });
  return known;
}

function personB(row: SourceRow, dice: Dice, codes: CodeMap, add: Add): KnownPerson {
  const psnNo = `4300${dice.digits(16)}`;
  const county = row('AAB301');
  const sex = codes.map('B', 'AAC004', row('AAC004'));
  add(county, 'persons', 'person', {
    psn_no: psnNo,
    psn_cert_type: '01',
    certno: row('AAC002'),
    psn_name: row('AAC003'),
    gend: sex,
    brdy: row('AAC006'),
    naty: row('AAC005'),
    hsreg_admdvs: row('AKC803') || county,
    hsreg_addr: row('AAE006'),
    tel: row('AAE005'),
    surv_stas: '1',
    hi_card_no: row('AKC020'),
    src_sys: 'B',
    src_key: row('AAC001'),
  });
  link(add, county, psnNo, 'personal_no', row('AAC001'), 'B');
  const psnType = codes.map('B', 'AKC021', row('AKC021'));
  return { psnNo, sex, birth: row('AAC006'), county, psnType, enrollments: new Map() };
}

/** What both systems' enrolments share. A row number replaces the source key, which is a card number. */
function enrolmentOfYear(
  county: string,
  year: string,
  system: 'A' | 'B',
  index: number,
  person: { readonly psnNo: string; readonly psnType: string },
): Record<string, string> {
  return {
    psn_insu_rlts_id: `R${county}${year}${system}${String(index).padStart(8, '0')}`,
    psn_no: person.psnNo,
    insu_year: year,
    insu_admdvs: county,
    poolarea: county,
    psn_type: person.psnType,
    trt_begndate: `${year}-01-01`,
    trt_enddate: `${Number(year) + 1}-01-01`,
    clct_way: '01',
    clct_grde: '01',
    src_sys: system,
    src_key: `enrollment:${index + 2}`,
  };
}

function link(add: Add, county: string, psnNo: string, kind: string, value: string, system: string): void {
  add(county, 'persons', 'id_link', { psn_no: psnNo, id_kind: kind, id_value: value, src_sys: system });
}
