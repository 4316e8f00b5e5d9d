import { assert } from '../base/assert.ts';
import { dayNumber, yearOf } from './calendar.ts';
import type { Report } from './dataset.ts';
import type { Draft } from './field.ts';
import { type IdNumber, normaliseIdNumber, readIdNumber } from './id-number.ts';
import type { RuleContext } from './rule.ts';

/** Flag n of `qlty_flag` is bit n - 1. */
export const qualityFlags = {
  checkDigit: 1,
  contradictsId: 2,
  ethnicMissing: 3,
  telMissing: 4,
  addressMissing: 5,
  id15: 6,
  suspectedDuplicate: 7,
  merged: 8,
  replacementCharacter: 9,
} as const;
type Flag = keyof typeof qualityFlags;

/** Set by duplicate screening and merging, so they are taken over from the row. */
const foreignBits = bit('suspectedDuplicate') | bit('merged');
const oldestYears = 120;
const nameBlanks = /[\s\u200b\ufeff]/g;
/** What keyboards and fonts offer for the middle dot: full stop, bullet, katakana dots, full-width stop. */
const wrongDots = /[.\u2022\u30fb\uff65\uff0e\u2027]/g;
const replacement = /[?\uff1f\ufffd]/;
/** Village codes that a reference number must not contain have 12 digits; shorter parts occur by chance. */
const partMin = 12;

export function normalisePerson(draft: Draft, report: Report, context: RuleContext): void {
  let flags = (typeof draft['qlty_flag'] === 'number' ? draft['qlty_flag'] : 0) & foreignBits;
  for (const field of ['psn_name', 'used_name']) {
    const name = draft[field];
    if (typeof name !== 'string') continue;
    const clean = normaliseName(name);
    if (clean !== name) report('P04', field);
    draft[field] = clean;
    if (replacement.test(clean)) {
      report('P04', field);
      flags |= bit('replacementCharacter');
    }
  }
  const certno = draft['certno'];
  if (typeof certno === 'string' && draft['psn_cert_type'] === '01') {
    draft['certno'] = normaliseIdNumber(certno);
    const id = readIdNumber(certno);
    if (id !== undefined) {
      draft['certno'] = id.id;
      flags |= flagsOfId(id, draft, context);
    } else flags |= bit('checkDigit');
  }
  if (draft['naty'] === undefined) flags |= bit('ethnicMissing');
  if (draft['tel'] === undefined) flags |= bit('telMissing');
  if (draft['hsreg_addr'] === undefined && draft['live_addr'] === undefined) flags |= bit('addressMissing');
  draft['qlty_flag'] = flags;
}

export function checkPerson(draft: Draft, report: Report, context: RuleContext): void {
  checkCertificate(draft, report, context);
  checkDates(draft, report, context);
  // A new row without it is refused as a missing field (F01) before it comes here.
  if (draft['naty'] === undefined && context.migrated) report('E06', 'naty');
  if (draft['tel'] === undefined) report('E06', 'tel');
  if (draft['hsreg_addr'] === undefined && draft['live_addr'] === undefined) report('E06', 'hsreg_addr');
  const psnNo = draft['psn_no'];
  if (typeof psnNo === 'string' && identityParts(draft).some((part) => psnNo.includes(part))) {
    report('N02', 'psn_no');
  }
}

export function checkMember(draft: Draft, report: Report): void {
  const { begndate, enddate } = draft;
  if (typeof begndate === 'number' && typeof enddate === 'number' && enddate <= begndate) {
    report('E05', 'enddate');
  }
}

/** P04: NFC, no blanks, one middle dot. Rare characters stay as they are. */
export function normaliseName(name: string): string {
  return name.normalize('NFC').replace(nameBlanks, '').replace(wrongDots, '\u00b7');
}

function checkCertificate(draft: Draft, report: Report, context: RuleContext): void {
  const { certno } = draft;
  if (typeof certno !== 'string' || draft['psn_cert_type'] !== '01') return;
  const id = readIdNumber(certno);
  if (id === undefined) return report('P01', 'certno');
  const fixture = id.area.startsWith('99');
  if (!id.checkRight || id.birth === undefined || (fixture && !context.testIds)) report('P01', 'certno');
  if (draft['brdy'] !== undefined && id.birth !== draft['brdy']) report('P01', 'brdy');
  if (contradictsSex(id, draft)) report('P01', 'gend');
  if (!fixture && context.divisionKnown?.(id.area) === false) report('P02', 'certno');
}

function checkDates(draft: Draft, report: Report, context: RuleContext): void {
  const { brdy, die_date } = draft;
  if (typeof brdy !== 'number') return;
  const oldest = dayNumber(yearOf(context.today) - oldestYears - 1, 1, 1);
  assert(oldest !== undefined, 'today is within the calendar');
  if (brdy > context.today || brdy < oldest) report('P03', 'brdy');
  if (typeof die_date === 'number' && (die_date < brdy || die_date > context.today))
    report('P03', 'die_date');
}

function flagsOfId(id: IdNumber, draft: Draft, context: RuleContext): number {
  let flags = 0;
  const fixtureRefused = id.area.startsWith('99') && !context.testIds;
  if (!id.checkRight || fixtureRefused) flags |= bit('checkDigit');
  const birthDiffers = draft['brdy'] !== undefined && id.birth !== draft['brdy'];
  if (birthDiffers || contradictsSex(id, draft)) flags |= bit('contradictsId');
  if (id.converted) flags |= bit('id15');
  return flags;
}

/** Sex 9 (not stated) and 0 (unknown) contradict nothing. */
function contradictsSex(id: IdNumber, draft: Draft): boolean {
  return (draft['gend'] === '1' || draft['gend'] === '2') && draft['gend'] !== id.sex;
}

/** N02: whole numbers, and of the ID number also birth date and sequence together. */
function identityParts(draft: Draft): string[] {
  const parts: string[] = [];
  for (const field of ['certno', 'hi_card_no', 'ssc_no', 'live_admdvs']) {
    const value = draft[field];
    if (typeof value === 'string' && value.length >= partMin) parts.push(value);
  }
  const { certno } = draft;
  if (typeof certno === 'string' && certno.length === 18) parts.push(certno.slice(6), certno.slice(0, 14));
  return parts;
}

function bit(flag: Flag): number {
  return 1 << (qualityFlags[flag] - 1);
}
