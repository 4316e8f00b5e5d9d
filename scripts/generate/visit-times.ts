import { dayNumber, printDate } from '../../core/records/calendar.ts';
import type { Dice } from './dice.ts';

/** First day of the Spring Festival. */
const springFestival: Readonly<Record<number, string>> = {
  2024: '02-10',
  2025: '01-29',
  2026: '02-17',
  2027: '02-06',
};
/** 1970-01-01 was a Thursday. */
const mondayOffset = 4;

/**
 * A day of the year: Mondays are a quarter busier, the week of the Spring Festival has less than a third.
 * Drawn by rejection, so the shape holds at every scale.
 */
export function drawDay(dice: Dice, year: number): string {
  const first = dayNumber(year, 1, 1) ?? 0;
  const [month, date] = (springFestival[year] ?? '02-10').split('-');
  const festival = dayNumber(year, Number(month), Number(date)) ?? 0;
  for (;;) {
    const day = first + dice.below(365);
    let weight = (day - mondayOffset) % 7 === 0 ? 1.25 : 1;
    if (day >= festival && day < festival + 7) weight = 0.3;
    if (dice.chance(weight / 1.25)) return printDate(day);
  }
}

/** 55 % between 8 and 11, 35 % between 14 and 17, the rest spread. */
export function drawHour(dice: Dice): number {
  const part = dice.below(100);
  if (part < 55) return dice.between(8, 10);
  return part < 90 ? dice.between(14, 16) : dice.between(7, 21);
}
