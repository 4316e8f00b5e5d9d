import { dayNumber, parseDate, printDate, yearOf } from '../../core/records/calendar.ts';
import { parseDecimal, printDecimal } from '../../core/records/decimal.ts';
import { productFen } from '../../core/records/line.ts';
import { Dice } from './dice.ts';
import { drugOf } from './drug-rows.ts';
import { enrollmentIdOf } from './enrollment-rows.ts';
import { birthOf, psnNoOf, sexOf } from './person.ts';
import type { Row, Scale } from './scale.ts';
import { drawDay, drawHour } from './visit-times.ts';

const diagnoses = [
  ['J06.900', '急性上呼吸道感染'],
  ['I10.x00', '特发性(原发性)高血压'],
  ['E11.900', '2型糖尿病'],
  ['K29.500', '慢性胃炎'],
  ['M54.500', '下背痛'],
  ['J20.900', '急性支气管炎'],
] as const;
const items = [
  ['001102000010000', '普通门诊诊查费', '11.66', '02'],
  ['001201000020000', '静脉输液', '7.13', '05'],
  ['002503070010000', '葡萄糖测定', '4.82', '04'],
  ['003107010010000', '常规心电图检查', '18.94', '03'],
  ['001109000010000', '普通病房床位费', '18.64', '01'],
] as const;
const hospitals = ['样例人民医院', '样例中医医院', '样例妇幼保健院'] as const;
const stayShare = 0.07;
const catalogDrugs = 2_000;

interface Draw {
  readonly scale: Scale;
  readonly dice: Dice;
  readonly index: number;
  readonly serial: number;
}

/**
 * Rows of `claims`: each visit, its lines, then its claim. Field `entity` says which. Amounts keep the rules:
 * a line is quantity × price, a claim the sum of its lines.
 */
export function* claimRows(scale: Scale): Generator<Row> {
  const dice = new Dice(scale.seed, Number(scale.county), scale.year, 9);
  const events = Math.round(scale.persons * scale.eventsPerPerson);
  for (let serial = 0; serial < events; serial += 1) {
    yield* event({ scale, dice, index: dice.below(scale.persons), serial });
  }
}

/** Names of the institutions that the rows use; all say that they are made. */
export function institutionOf(county: string, number: number): { code: string; name: string } {
  const name = hospitals[number] ?? `样例乡镇卫生院${number}`;
  return { code: `H${county}${String(number + 1).padStart(5, '0')}`, name };
}

function* event(draw: Draw): Generator<Row> {
  const { scale, dice, index } = draw;
  const stay = dice.chance(stayShare);
  const day = drawDay(dice, scale.year);
  const begin = `${day} ${two(drawHour(dice))}:${two(dice.below(60))}:00`;
  const lastDay = stay ? printDate((parseDate(day) ?? 0) + dice.between(3, 14)) : day;
  const end = stay ? `${lastDay} 10:00:00` : `${day} 23:00:00`;
  const id = `${scale.county}${day.slice(2).replaceAll('-', '')}${String(draw.serial).padStart(7, '0')}`;
  const hospital = institutionOf(scale.county, dice.chance(0.5) ? dice.below(3) : dice.between(3, 20));
  const first = parseDate(day) ?? 0;
  const [diagnosis, diagnosisName] = dice.pick(diagnoses);
  yield {
    entity: 'visit',
    mdtrt_id: `M${id}`,
    psn_no: psnNoOf(scale.seed, scale.county, index),
    psn_insu_rlts_id: enrollmentIdOf(scale.county, scale.year, index),
    insutype: '390',
    psn_type: '15',
    insu_admdvs: scale.county,
    gend: sexOf(scale.seed, scale.county, index),
    age: String(ageAt(birthOf(index), first)),
    fixmedins_code: hospital.code,
    hosp_lv: Number(hospital.code.slice(-2)) <= 3 ? '05' : '08',
    fix_blng_admdvs: scale.county,
    med_type: stay ? '21' : dice.chance(0.15) ? '14' : '11',
    mdtrt_cert_type: dice.pick(['01', '02', '03']),
    ipt_otp_no: `Z${dice.digits(8)}`,
    begntime: begin,
    endtime: end,
    dept_code: '0300',
    dept_name: '内科',
    atddr_no: `D${scale.county}${dice.digits(6)}`,
    diag: JSON.stringify([
      { diag_type: '1', diag_srt_no: 1, maindiag_flag: '1', diag_code: diagnosis, diag_name: diagnosisName },
    ]),
    ars_year_ipt_flag: yearOf(parseDate(lastDay) ?? 0) > scale.year ? '1' : '0',
    year: String(scale.year),
    inhosp_stas: '0',
    access_path: scale.county,
  };
  let total = 0;
  const count = stay
    ? Math.max(1, Math.round(scale.linesPerStay * (0.5 + dice.below(100) / 100)))
    : dice.between(2, 8);
  for (let number = 1; number <= count; number += 1) {
    const { row, amountFen } = line(dice, scale.seed, `M${id}`, number, begin);
    total += amountFen;
    yield row;
  }
  yield claim(scale, id, day, lastDay, total, count, hospital.code);
}

function line(
  dice: Dice,
  seed: number,
  visit: string,
  number: number,
  at: string,
): { row: Row; amountFen: number } {
  const [code, name, price, kind] = dice.chance(0.6) ? drug(dice, seed) : dice.pick(items);
  const quantity = String(dice.between(1, 3));
  const amountFen = productFen(Number(quantity) * 10_000, Number(parseDecimal(price, 6)));
  return {
    amountFen,
    row: {
      entity: 'line',
      feedetl_sn: `L${String(number).padStart(4, '0')}`,
      mdtrt_id: visit,
      chrg_bchno: 'B0001',
      rx_circ_flag: '0',
      hosp_appr_flag: '1',
      fee_ocur_time: at,
      med_list_codg: code,
      medins_list_codg: `H${code.slice(-6)}`,
      medins_list_name: name,
      det_item_fee_sumamt: printDecimal(amountFen, 2),
      cnt: quantity,
      pric: price,
      bilg_dept_codg: '0300',
      bilg_dr_codg: 'D430000000001',
      med_chrgitm_type: kind,
    },
  };
}

function drug(dice: Dice, seed: number): readonly [string, string, string, string] {
  const { code, name, price } = drugOf(seed, dice.below(catalogDrugs));
  return [code, name, price, code.startsWith('X') ? '09' : '11'];
}

function claim(
  scale: Scale,
  id: string,
  firstDay: string,
  lastDay: string,
  totalFen: number,
  lines: number,
  institution: string,
): Row {
  return {
    entity: 'claim',
    claim_no: `C${id}`,
    mdtrt_id: `M${id}`,
    chrg_bchno: 'B0001',
    claim_type: '即时',
    submit_channel: 'batch',
    fee_begndate: firstDay,
    fee_enddate: lastDay,
    medfee_sumamt: printDecimal(totalFen, 2),
    line_cnt: String(lines),
    year: String(scale.year),
    stas: 'received',
    msgid: `${institution}${id.slice(-13)}`,
  };
}

function ageAt(birth: number, day: number): number {
  const years = yearOf(day) - yearOf(birth);
  const birthday = dayNumber(yearOf(day), 1, 1) ?? 0;
  const passed = day - birthday >= birth - (dayNumber(yearOf(birth), 1, 1) ?? 0);
  return Math.max(0, passed ? years : years - 1);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
