import { Dice } from './dice.ts';
import type { Row } from './scale.ts';

export interface DrugScale {
  readonly seed: number;
  readonly drugs: number;
  readonly year: number;
}

const letters = [...'ABCDGHJLMNPRSV'];
const forms = ['片剂', '胶囊剂', '颗粒剂', '注射剂', '口服液'];

/** Code, made-up name and price of drug number `index`; a third are patent drugs. */
export function drugOf(seed: number, index: number): { code: string; name: string; price: string } {
  const dice = new Dice(seed, index, 7);
  const chemical = index % 3 !== 0;
  const serial = String(index).padStart(5, '0');
  const letter = () => dice.pick(letters);
  const group = `${letter()}${dice.digits(2)}${letter()}${letter()}`;
  const code = chemical
    ? `X${group}${letter()}${serial.slice(-3)}${letter()}${dice.digits(3)}0101${serial}`
    : `Z${group}${letter()}${serial.slice(-4)}0101${serial}`;
  const price = `${dice.between(1, 240)}.${dice.digits(2)}`;
  return { code, name: `样例${chemical ? '西' : '中成'}药${serial}`, price };
}

/** Rows of `catalog`, entity drug. The ceiling is 30 % above the price that generated lines have. */
export function* drugRows(scale: DrugScale): Generator<Row> {
  for (let index = 0; index < scale.drugs; index += 1) {
    const dice = new Dice(scale.seed, index, 8);
    const drug = drugOf(scale.seed, index);
    const form = dice.pick(forms);
    yield {
      hilist_code: drug.code,
      begndate: `${scale.year}-01-01`,
      hilist_name: drug.name,
      reg_name: `${drug.name}${form}`,
      list_type: '101',
      med_chrgitm_type: drug.code.startsWith('X') ? '09' : '11',
      chrgitm_lv: dice.chance(0.4) ? '01' : '02',
      selfpay_prop: dice.chance(0.4) ? '0' : '0.1000',
      pric_uplmt_amt: (Number(drug.price) * 1.3).toFixed(6),
      lmt_used_flag: dice.chance(0.2) ? '1' : '0',
      dosform: form,
      unit: '盒',
      prdr: '样例制药有限公司',
      list_ver: `${scale.year}.01`,
      chg_type: '新增',
    };
  }
}
