import { describe, expect, test } from 'vitest';
import { decodeBody } from '../../../core/records/body.ts';
import { type Dataset, entityOf } from '../../../core/records/dataset.ts';
import { datasetOf, datasets } from '../../../core/records/datasets.ts';
import {
  type Prepared,
  prepareRow,
  type Rejected,
  type RowContext,
} from '../../../core/records/prepare-row.ts';
import type { RuleContext } from '../../../core/records/rule.ts';
import { context, exampleRow } from './example-row.ts';

const migrated: RowContext = { ...context, migrated: true };

function prepare(
  dataset: Dataset,
  entity: string,
  changes: Readonly<Record<string, unknown>>,
  within: RowContext = context,
): Prepared | Rejected {
  return prepareRow(dataset, entity, exampleRow(entityOf(dataset, entity), changes), within);
}

/** What is found, as `rule field severity`. */
function found(result: Prepared | Rejected): string[] {
  const findings = result.accepted ? result.warnings : result.findings;
  return findings.map(({ rule, field, severity }) => `${rule} ${field} ${severity}`);
}

const all = datasets.flatMap((dataset) =>
  dataset.entities.map((entity) => ({ dataset, entity, name: `${dataset.name} ${entity.name}` })),
);

describe.each(all)('$name', ({ dataset, entity }) => {
  test('the examples of the definition make a row that is accepted without a finding', () => {
    const result = prepare(dataset, entity.name, {});
    expect(found(result)).toEqual([]);
    expect(result.accepted).toBe(true);
  });

  test('without any one required field it is refused for that field by F01', () => {
    for (const { name, required } of entity.fields) {
      if (required !== 'Y' || name === 'qlty_flag') continue;
      const result = prepare(dataset, entity.name, { [name]: '' });
      expect(result.accepted, name).toBe(false);
      expect(found(result)).toContain(`F01 ${name} reject`);
    }
  });

  test('the same content gives the same bytes, however it is written', () => {
    const row = exampleRow(entity);
    const turned = Object.fromEntries(Object.entries(row).reverse());
    const [one, other] = [row, turned].map((raw) => prepareRow(dataset, entity.name, raw, context));
    if (!one?.accepted || !other?.accepted) throw new Error('refused');
    expect(other.body).toEqual(one.body);
    expect(other.contentHash).toEqual(one.contentHash);
    expect(one.key.startsWith(`${entity.name}/`)).toBe(true);
  });
});

interface Case {
  readonly rule: string;
  readonly dataset: string;
  readonly entity: string;
  readonly about: string;
  readonly right: Readonly<Record<string, unknown>>;
  readonly wrong: Readonly<Record<string, unknown>>;
  /** `rule field severity` of the new row, and of the migrated one; '' where the wrong row has no finding. */
  readonly fresh: string;
  readonly old: string;
  readonly within?: Partial<RuleContext>;
}

const person = { dataset: 'persons', entity: 'person' } as const;
const enrolment = { dataset: 'enrollment', entity: 'enrollment' } as const;
const visit = { dataset: 'claims', entity: 'visit' } as const;
const claim = { dataset: 'claims', entity: 'claim' } as const;
const line = { dataset: 'claims', entity: 'line' } as const;
const drug = { dataset: 'catalog', entity: 'drug' } as const;
const perHead = () => 107_000;
const divisionKnown = (area: string) => area === '430121';

const cases: Case[] = [
  {
    rule: 'F02',
    ...enrolment,
    about: 'an unreadable date',
    right: { trt_begndate: '2026/1/1' },
    wrong: { trt_begndate: '2026-02-30' },
    fresh: 'F02 trt_begndate reject',
    old: 'F02 trt_begndate reject',
  },
  {
    rule: 'F02',
    ...enrolment,
    about: 'an unreadable amount',
    right: { psn_clct_amt: '400.0' },
    wrong: { psn_clct_amt: '4OO.00' },
    fresh: 'F02 psn_clct_amt reject',
    old: 'F02 psn_clct_amt reject',
  },
  {
    rule: 'F03',
    ...enrolment,
    about: 'a text that is too long',
    right: { invono: '1'.repeat(30) },
    wrong: { invono: '1'.repeat(31) },
    fresh: 'F03 invono reject',
    old: 'F03 invono hold',
  },
  {
    rule: 'F04',
    ...enrolment,
    about: 'a status that does not exist',
    right: { psn_insu_stas: '4' },
    wrong: { psn_insu_stas: '3' },
    fresh: 'F04 psn_insu_stas reject',
    old: 'F04 psn_insu_stas hold',
  },
  {
    rule: 'F04',
    ...enrolment,
    about: 'a code that an imported table does not know',
    right: { psn_type: '15' },
    wrong: { psn_type: '77' },
    within: { codeKnown: (table, code) => (table === 'psn_type' ? code === '15' : undefined) },
    fresh: 'F04 psn_type reject',
    old: 'F04 psn_type hold',
  },
  {
    rule: 'F05',
    ...enrolment,
    about: 'an unknown field',
    right: {},
    wrong: { insuyear: '2026' },
    fresh: 'F05 insuyear reject',
    old: 'F05 insuyear reject',
  },
  {
    rule: 'F05',
    ...enrolment,
    about: 'a field with the name of an object method',
    right: {},
    wrong: { constructor: 'x' },
    fresh: 'F05 constructor reject',
    old: 'F05 constructor reject',
  },
  {
    rule: 'N01',
    ...enrolment,
    about: 'a name outside persons',
    right: {},
    wrong: { psn_name: '样例甲' },
    fresh: 'N01 psn_name reject',
    old: 'N01 psn_name reject',
  },
  {
    rule: 'N01',
    ...visit,
    about: 'a certificate number outside persons',
    right: { mdtrt_cert_type: '02' },
    wrong: { mdtrt_cert_no: '990101199001010019' },
    fresh: 'N01 mdtrt_cert_no reject',
    old: 'N01 mdtrt_cert_no reject',
  },
  {
    rule: 'N01',
    ...visit,
    about: 'an ID number inside a free text',
    right: { adm_cond: '一般' },
    wrong: { adm_cond: '证件 990101199001010019' },
    fresh: 'N01 adm_cond reject',
    old: 'N01 adm_cond reject',
  },
  {
    rule: 'N01',
    ...line,
    about: 'an ID number as source key',
    right: { src_key: 'R17' },
    wrong: { src_key: '990101199001010019' },
    fresh: 'N01 src_key reject',
    old: 'N01 src_key reject',
  },
  {
    rule: 'N02',
    ...enrolment,
    about: 'an ID number as person number',
    right: { psn_no: '43008812345678901234' },
    wrong: { psn_no: '990101199001010019' },
    fresh: 'N02 psn_no reject',
    old: 'N02 psn_no reject',
  },
  {
    rule: 'N02',
    ...person,
    about: 'a person number that holds the ID number',
    right: {},
    wrong: { psn_no: '43990101199001010019' },
    fresh: 'N02 psn_no reject',
    old: 'N02 psn_no reject',
  },
  {
    rule: 'N02',
    ...person,
    about: 'a person number that holds the village',
    right: {},
    wrong: { psn_no: '43012110120100000001' },
    fresh: 'N02 psn_no reject',
    old: 'N02 psn_no reject',
  },
  {
    rule: 'P01',
    ...person,
    about: 'a wrong check character',
    right: { certno: '９９０１０１19900101 0019' },
    wrong: { certno: '990101199001010018' },
    fresh: 'P01 certno reject',
    old: 'P01 certno warn',
  },
  {
    rule: 'P01',
    ...person,
    about: 'a birth date other than in the ID number',
    right: { brdy: '19900101' },
    wrong: { brdy: '1990-01-02' },
    fresh: 'P01 brdy reject',
    old: 'P01 brdy warn',
  },
  {
    rule: 'P01',
    ...person,
    about: 'a sex other than in the ID number',
    right: { gend: '9' },
    wrong: { gend: '2' },
    fresh: 'P01 gend reject',
    old: 'P01 gend warn',
  },
  {
    rule: 'P02',
    ...person,
    about: 'an area that never was',
    right: {},
    wrong: { certno: numberWithArea('439999') },
    within: { divisionKnown },
    fresh: 'P02 certno warn',
    old: 'P02 certno warn',
  },
  {
    rule: 'P03',
    ...person,
    about: 'a death before the birth',
    right: { surv_stas: '2', die_date: '2020-01-01' },
    wrong: { surv_stas: '2', die_date: '1989-12-31' },
    fresh: 'P03 die_date reject',
    old: 'P03 die_date hold',
  },
  {
    rule: 'P03',
    ...person,
    about: 'a birth in the future',
    right: {},
    wrong: { psn_cert_type: '99', brdy: '2026-11-21' },
    fresh: 'P03 brdy reject',
    old: 'P03 brdy hold',
  },
  {
    rule: 'P03',
    ...person,
    about: 'an age above 120',
    right: { psn_cert_type: '99', brdy: '1906-01-01' },
    wrong: { psn_cert_type: '99', brdy: '1896-12-31' },
    fresh: 'P03 brdy reject',
    old: 'P03 brdy hold',
  },
  {
    rule: 'P04',
    ...person,
    about: 'a name with blanks',
    right: { psn_name: '样例𠀀' },
    wrong: { psn_name: '样　例 甲' },
    fresh: 'P04 psn_name warn',
    old: 'P04 psn_name warn',
  },
  {
    rule: 'E03',
    ...enrolment,
    about: 'amounts that are not the standard',
    right: { psn_clct_amt: '0.00', med_aid_subs_amt: '400.00' },
    wrong: { psn_clct_amt: '399.99' },
    within: { perHead },
    fresh: 'E03 psn_clct_amt hold',
    old: 'E03 psn_clct_amt hold',
  },
  {
    rule: 'E04',
    ...enrolment,
    about: 'a benefit period of another year',
    right: { trt_begndate: '2026-04-10' },
    wrong: { trt_begndate: '2025-12-31' },
    fresh: 'E04 trt_begndate reject',
    old: 'E04 trt_begndate hold',
  },
  {
    rule: 'E04',
    ...enrolment,
    about: 'a payment before the season',
    right: { clct_time: '2025-09-01 00:00:00' },
    wrong: { clct_time: '2025-08-31 23:59:59' },
    fresh: 'E04 clct_time reject',
    old: 'E04 clct_time hold',
  },
  {
    rule: 'E05',
    dataset: 'persons',
    entity: 'member',
    about: 'a membership that ends before it begins',
    right: { enddate: '' },
    wrong: { enddate: '2015-12-31' },
    fresh: 'E05 enddate hold',
    old: 'E05 enddate hold',
  },
  {
    rule: 'E06',
    ...person,
    about: 'a missing telephone',
    right: {},
    wrong: { tel: '' },
    fresh: 'E06 tel warn',
    old: 'E06 tel warn',
  },
  {
    rule: 'C01',
    ...drug,
    about: 'a validity that ends before it begins',
    right: { enddate: '' },
    wrong: { enddate: '2026-01-01' },
    fresh: 'C01 enddate reject',
    old: 'C01 enddate hold',
  },
  {
    rule: 'V01',
    ...visit,
    about: 'a visit that ends before it begins',
    right: { endtime: '' },
    wrong: { endtime: '2026-03-02 08:59:59' },
    fresh: 'V01 endtime hold',
    old: 'V01 endtime hold',
  },
  {
    rule: 'V01',
    ...claim,
    about: 'charges that end before they begin',
    right: {},
    wrong: { fee_enddate: '2026-03-01' },
    fresh: 'V01 fee_enddate hold',
    old: 'V01 fee_enddate hold',
  },
  {
    rule: 'V04',
    ...visit,
    about: 'a diagnosis of another edition',
    right: { diag: diagnosis('A01.000x005+J17.0*') },
    wrong: { diag: diagnosis('J06.9') },
    fresh: 'V04 diag hold',
    old: 'V04 diag hold',
  },
  {
    rule: 'L01',
    ...line,
    about: 'an amount off by two fen',
    right: { det_item_fee_sumamt: '11.67', inscp_scp_amt: '9.92' },
    wrong: { det_item_fee_sumamt: '11.68' },
    fresh: 'L01 det_item_fee_sumamt reject',
    old: 'L01 det_item_fee_sumamt hold',
  },
  {
    rule: 'L01',
    ...line,
    about: 'a return that names no line',
    right: returned('L0000'),
    wrong: returned(''),
    fresh: 'L01 rtn_feedetl_sn reject',
    old: 'L01 rtn_feedetl_sn hold',
  },
  {
    rule: 'L02',
    ...line,
    about: 'a local item code',
    right: { med_list_codg: 'XA01ABD075A002010100483' },
    wrong: { med_list_codg: 'CZ00012' },
    fresh: 'L02 med_list_codg reject',
    old: 'L02 med_list_codg hold',
  },
  {
    rule: 'L02',
    ...line,
    about: 'an item that is not valid on the day of the charge',
    right: {},
    wrong: { fee_ocur_time: '2025-12-31 23:00:00' },
    within: { itemKnown: (_code, day) => day >= 20_454 },
    fresh: 'L02 med_list_codg reject',
    old: 'L02 med_list_codg hold',
  },
  {
    rule: 'L03',
    ...line,
    about: 'a share above one',
    right: { selfpay_prop: '1' },
    wrong: { selfpay_prop: '1.0001' },
    fresh: 'L03 selfpay_prop reject',
    old: 'L03 selfpay_prop hold',
  },
  {
    rule: 'L03',
    ...line,
    about: 'parts that do not add up',
    right: { preselfpay_amt: '1.76', inscp_scp_amt: '9.90' },
    wrong: { preselfpay_amt: '1.76' },
    fresh: 'L03 det_item_fee_sumamt reject',
    old: 'L03 det_item_fee_sumamt hold',
  },
  {
    rule: 'S09',
    ...line,
    about: 'a price of seven decimals',
    right: { pric: '11.660000' },
    wrong: { pric: '11.6600001' },
    fresh: 'S09 pric reject',
    old: 'S09 pric reject',
  },
];

describe.each(cases)('$rule: $about', ({ dataset, entity, right, wrong, fresh, old, within }) => {
  const of = datasetOf(dataset);

  test('the right row is accepted', () => {
    expect(found(prepare(of, entity, right, { ...context, ...within }))).toEqual([]);
  });

  test('the wrong one is found, as new and as migrated row', () => {
    const result = prepare(of, entity, wrong, { ...context, ...within });
    expect(found(result)).toContain(fresh);
    expect(result.accepted).toBe(!fresh.endsWith('reject'));
    const taken = prepare(of, entity, wrong, { ...migrated, ...within });
    expect(found(taken)).toContain(old);
    expect(taken.accepted).toBe(!old.endsWith('reject'));
  });

  test('no finding repeats a value of the row', () => {
    const result = prepare(of, entity, wrong, { ...context, ...within });
    const values = Object.values(wrong).filter((value) => typeof value === 'string' && value.length > 4);
    for (const value of values) expect(JSON.stringify(found(result))).not.toContain(value);
  });
});

describe('what a row becomes', () => {
  const persons = datasetOf('persons');

  function values(result: Prepared | Rejected): Readonly<Record<string, unknown>> {
    if (!result.accepted) throw new Error(found(result).join());
    return decodeBody(persons, result.body).values;
  }

  test('an unknown field is refused with the nearest right name', () => {
    const result = prepare(datasetOf('enrollment'), 'enrollment', { insu_yaer: '2026' });
    expect(result.accepted ? [] : result.findings).toMatchObject([{ rule: 'F05', nearest: 'insu_year' }]);
  });

  test('all findings of a row come at once', () => {
    const changes = { insu_yaer: '2026', psn_clct_amt: 'x', psn_no: '' };
    const result = prepare(datasetOf('enrollment'), 'enrollment', changes);
    expect(
      found(result)
        .map((text) => text.slice(0, 3))
        .sort(),
    ).toEqual(['F01', 'F02', 'F05']);
  });

  test('a name is normalised and rare characters survive', () => {
    expect(values(prepare(persons, 'person', { psn_name: ' 阿依　古丽.买买提 ' }))['psn_name']).toBe(
      '阿依古丽·买买提',
    );
    expect(values(prepare(persons, 'person', { psn_name: '王𬱖㛃' }))['psn_name']).toBe('王𬱖㛃');
  });

  test('a migrated row lists what it lacks in its quality flags', () => {
    const changes = {
      certno: '990101900101001',
      naty: '',
      tel: '',
      hsreg_addr: '',
      live_addr: '',
      psn_name: '样?',
    };
    const result = values(prepare(persons, 'person', changes, migrated));
    expect(result['certno']).toBe('990101199001010019');
    // Flags 3, 4, 5, 6 and 9.
    expect(result['qlty_flag']).toBe(0b1_0011_1100);
    const wrong = values(prepare(persons, 'person', { certno: '990101199001010018', gend: '2' }, migrated));
    expect(wrong['qlty_flag']).toBe(0b11);
  });

  test('an ID number with area 99 is accepted only where test numbers are admitted', () => {
    const result = prepare(persons, 'person', {}, { ...context, testIds: false });
    expect(found(result)).toEqual(['P01 certno reject']);
  });

  test('the rules that hold a row travel in it', () => {
    const enrollment = datasetOf('enrollment');
    const held = prepare(enrollment, 'enrollment', { psn_clct_amt: '1.00' }, { ...context, perHead });
    if (!held.accepted) throw new Error('refused');
    expect(decodeBody(enrollment, held.body).values['held_by']).toBe('E03');
  });

  test("a province's parameters change a severity", () => {
    const strict = { ...context, perHead, severities: { E03: 'reject' } as const };
    expect(prepare(datasetOf('enrollment'), 'enrollment', { psn_clct_amt: '1.00' }, strict).accepted).toBe(
      false,
    );
  });

  test('JSON numbers and booleans mean what their text means', () => {
    const text = prepare(datasetOf('claims'), 'line', {});
    const json = prepare(datasetOf('claims'), 'line', {
      cnt: 1,
      pric: 11.66,
      det_item_fee_sumamt: 11.66,
      rx_circ_flag: false,
    });
    if (!text.accepted || !json.accepted) throw new Error('refused');
    expect(json.body).toEqual(text.body);
  });

  test('a row may say its entity; one that must and does not throws TB1506', () => {
    const claims = datasetOf('claims');
    const raw = exampleRow(entityOf(claims, 'claim'), { entity: 'claim' });
    expect(prepareRow(claims, undefined, raw, context).accepted).toBe(true);
    expect(() => prepareRow(claims, undefined, exampleRow(entityOf(claims, 'claim')), context)).toThrow(
      /TB1506/,
    );
    expect(() => prepareRow(claims, 'bill', raw, context)).toThrow(/TB1506/);
  });

  test('a row that would not fit into an entry is refused', () => {
    const element = {
      diag_type: '1',
      diag_srt_no: 1,
      maindiag_flag: '1',
      diag_code: 'J06.900',
      diag_name: '感'.repeat(200),
    };
    const result = prepare(datasetOf('claims'), 'visit', { diag: new Array(200).fill(element) });
    expect(found(result)).toContain('F03  reject');
  });
});

function diagnosis(code: string): unknown {
  return [{ diag_type: '1', diag_srt_no: 1, maindiag_flag: '1', diag_code: code, diag_name: '样例诊断' }];
}

function returned(line: string): Readonly<Record<string, unknown>> {
  return {
    cnt: '-1',
    det_item_fee_sumamt: '-11.66',
    preselfpay_amt: '-1.75',
    inscp_scp_amt: '-9.91',
    rtn_feedetl_sn: line,
  };
}

/** A number with a made-up area that is not 99, built here so that none stands in the text. */
function numberWithArea(area: string): string {
  const first17 = `${area}19900101001`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(first17[i]), 0);
  return first17 + '10X98765432'.charAt(sum % 11);
}
