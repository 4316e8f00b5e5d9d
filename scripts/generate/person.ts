import { printDate } from '../../core/records/calendar.ts';
import { checkCharacter } from '../../core/records/id-number.ts';
import { Dice } from './dice.ts';

/** A made-up person: an ID number with the never assigned area 99, a phone with the unassigned prefix 100. */
export interface Person {
  readonly psnNo: string;
  readonly hhRef: string;
  readonly name: string;
  readonly sex: '1' | '2';
  /** Days since 1970-01-01. */
  readonly birth: number;
  readonly certno: string;
  readonly tel: string;
}

const surnames = [...'王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余'];
const givenNames = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉力红鑫雨晨梓涵欣怡浩宇'];
/** Birth dates from 1937 on: about 32,000 days. */
const firstBirth = -12_053;
const birthDays = 32_000;
const spread = 7919;
const personsPerHousehold = 3;

/** Number of the person, 20 digits as in Hunan: drawn, not derived from anything that the person has. */
export function psnNoOf(seed: number, county: string, index: number): string {
  return `4300${new Dice(seed, Number(county), index, 1).digits(16)}`;
}

export function hhRefOf(seed: number, county: string, index: number): string {
  const household = Math.floor(index / personsPerHousehold);
  return `HH${new Dice(seed, Number(county), household, 2).digits(14)}`;
}

/** Birth and sex are needed at visits, so they come without the rest. */
export function birthOf(index: number): number {
  return firstBirth + ((index * spread) % birthDays);
}

export function sexOf(seed: number, county: string, index: number): '1' | '2' {
  return new Dice(seed, Number(county), index, 3).chance(0.51) ? '1' : '2';
}

export function personOf(seed: number, county: string, index: number): Person {
  const dice = new Dice(seed, Number(county), index, 4);
  const sex = sexOf(seed, county, index);
  const birth = birthOf(index);
  // Day and sequence together are different for every index up to 16 million.
  const sequence = (Math.floor(index / birthDays) % 500) * 2 + (sex === '1' ? 1 : 0);
  const birthDigits = printDate(birth).replaceAll('-', '');
  const first17 = `99${county.slice(2)}${birthDigits}${String(sequence).padStart(3, '0')}`;
  const given = dice.chance(0.7) ? dice.pick(givenNames) + dice.pick(givenNames) : dice.pick(givenNames);
  return {
    psnNo: psnNoOf(seed, county, index),
    hhRef: hhRefOf(seed, county, index),
    name: dice.pick(surnames) + given,
    sex,
    birth,
    certno: first17 + checkCharacter(first17),
    tel: `100${dice.digits(8)}`,
  };
}
