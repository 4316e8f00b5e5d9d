/** All dates and times of the records are in the one zone of the country. */
const zoneMs = 8 * 3_600_000;
const dayMs = 86_400_000;
const firstYear = 1800;
const lastYear = 2199;

/** As spreadsheets write them, too: `2016-01-02`, `2016/1/2`, `20160102`. */
const dateForm = /^(\d{4})(?:-(\d\d)-(\d\d)|\/(\d{1,2})\/(\d{1,2})|(\d\d)(\d\d))$/;
const timeForm = /^([\d/-]{8,10})[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d\d:\d\d)?$/;
const compactTimeForm = /^(\d{8})(\d\d)(\d\d)(\d\d)$/;

/** Days since 1970-01-01 (proleptic Gregorian), or undefined when there is no such day. */
export function parseDate(text: string): number | undefined {
  const match = dateForm.exec(text);
  if (match === null) return undefined;
  return dayNumber(
    Number(match[1]),
    Number(match[2] ?? match[4] ?? match[6]),
    Number(match[3] ?? match[5] ?? match[7]),
  );
}

export function printDate(day: number): string {
  const { year, month, date } = civil(day);
  return `${year}-${pad(month)}-${pad(date)}`;
}

/** Milliseconds since 1970 (UTC). Without an offset the text means +08:00; a bare date means its midnight. */
export function parseDateTime(text: string): number | undefined {
  const bare = parseDate(text);
  if (bare !== undefined) return bare * dayMs - zoneMs;
  const compact = compactTimeForm.exec(text);
  if (compact !== null) return instant(compact[1], compact[2], compact[3], compact[4], undefined, undefined);
  const match = timeForm.exec(text);
  if (match === null) return undefined;
  return instant(match[1], match[2], match[3], match[4], match[5], match[6]);
}

/** `2016-01-02T08:30:00+08:00`, with milliseconds only where there are some. */
export function printDateTime(ms: number): string {
  const local = ms + zoneMs;
  const day = Math.floor(local / dayMs);
  const rest = local - day * dayMs;
  const seconds = Math.floor(rest / 1000);
  const fraction = rest % 1000 === 0 ? '' : `.${String(rest % 1000).padStart(3, '0')}`;
  const minutes = Math.floor(seconds / 60);
  const clock = `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
  return `${printDate(day)}T${clock}${fraction}+08:00`;
}

/** The day (+08:00) on which an instant falls. */
export function dayOf(ms: number): number {
  return Math.floor((ms + zoneMs) / dayMs);
}

export function yearOf(day: number): number {
  return civil(day).year;
}

/** Day number of a date, or undefined when the month has no such day. */
export function dayNumber(year: number, month: number, date: number): number | undefined {
  if (year < firstYear || year > lastYear || month < 1 || month > 12 || date < 1) return undefined;
  if (date > daysOfMonth(year, month)) return undefined;
  return daysFromCivil(year, month, date);
}

function instant(
  date: string | undefined,
  hours: string | undefined,
  minutes: string | undefined,
  seconds: string | undefined,
  fraction: string | undefined,
  offset: string | undefined,
): number | undefined {
  const day = parseDate(date ?? '');
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds ?? 0)];
  if (day === undefined || h > 23 || m > 59 || s > 59) return undefined;
  const ms = Number((fraction ?? '').padEnd(3, '0'));
  return day * dayMs + ((h * 60 + m) * 60 + s) * 1000 + ms - offsetMs(offset);
}

function offsetMs(offset: string | undefined): number {
  if (offset === undefined) return zoneMs;
  if (offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** H. Hinnant, chrono-compatible low-level date algorithms: days_from_civil. */
function daysFromCivil(year: number, month: number, date: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The same source: civil_from_days. */
function civil(day: number): { year: number; month: number; date: number } {
  const z = day + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const date = doy - Math.floor((153 * mp + 2) / 5) + 1;
  return { year: yoe + era * 400 + (month <= 2 ? 1 : 0), month, date };
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function pad(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
