import { Dice } from './dice.ts';
import { hhRefOf, psnNoOf } from './person.ts';
import type { Row, Scale } from './scale.ts';

/** Fen per head and year, made up inside what was usual: own contribution and four subsidies. */
const perHead = { own: 400, nation: 420, province: 180, city: 20, county: 50 } as const;

/** The yearly standard in fen that the generated rows keep (rule E03). */
export const standardFen =
  (perHead.own + perHead.nation + perHead.province + perHead.city + perHead.county) * 100;

export function enrollmentIdOf(county: string, year: number, index: number): string {
  return `R${county}${year}${String(index).padStart(8, '0')}`;
}

/** Rows of `enrollment`, one for each person. Every row has the same keys, which keeps readers fast. */
export function* enrollmentRows(scale: Scale): Generator<Row> {
  const { seed, county, persons, year } = scale;
  const dice = new Dice(seed, Number(county), year, 6);
  for (let index = 0; index < persons; index += 1) {
    const poor = dice.chance(0.06);
    // Enrolment season: 1 September to 31 December, half of it in December.
    const month = dice.chance(0.5) ? 12 : dice.between(9, 11);
    const day = dice.between(1, 30);
    const paid = `${year - 1}-${two(month)}-${two(day)}`;
    const own = poor ? 0 : perHead.own;
    yield {
      psn_insu_rlts_id: enrollmentIdOf(county, year, index),
      psn_no: psnNoOf(seed, county, index),
      hh_ref: hhRefOf(seed, county, index),
      insu_year: String(year),
      insutype: '390',
      insu_admdvs: county,
      poolarea: county,
      psn_type: dice.chance(0.18) ? '1403' : '15',
      psn_idet_type: poor ? dice.pick(['低保', '特困', '残疾', '建档立卡']) : '',
      psn_insu_stas: '1',
      psn_insu_date: paid,
      trt_begndate: `${year}-01-01`,
      trt_enddate: `${year + 1}-01-01`,
      clct_way: '01',
      clct_grde: '01',
      psn_clct_amt: `${own}.00`,
      fin_subs_ctr: `${perHead.nation}.00`,
      fin_subs_prov: `${perHead.province}.00`,
      fin_subs_city: `${perHead.city}.00`,
      fin_subs_cty: `${perHead.county}.00`,
      med_aid_subs_amt: poor ? `${perHead.own}.00` : '0.00',
      clct_time: `${paid} ${two(dice.between(8, 17))}:${two(dice.below(60))}:${two(dice.below(60))}`,
      invono: dice.digits(10),
    };
  }
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
