import { closeSync, openSync, writeSync } from 'node:fs';
import { fault } from '../base/errors.ts';
import type { Entity } from './dataset.ts';
import type { FileRow } from './row-reader.ts';
import { type Finding, rules } from './rule.ts';
import { stampFields } from './stamp.ts';

/** Columns about the rejection; `readRows` leaves out whatever begins with #. */
const ownColumns = [
  '#row 行号',
  '#field 字段',
  '#rule 规则',
  '#原因',
  '#reason',
  '#example 正确示例',
] as const;

/**
 * The rows that were refused, for the clerk: a CSV with a byte order mark, so that a spreadsheet reads the
 * Chinese. After the reasons stand the columns of the file as they came, because the clerk corrects them here
 * and loads this file again: exactly the corrected rows come in. It therefore holds identity data like the
 * file that it comes from; it is written on the clerk's own machine, for the clerk alone (mode 0600), and is
 * never part of a support bundle.
 *
 * Cells that a spreadsheet would change (long digits, leading zeros, formulas) get an apostrophe in front,
 * which `readRows` takes away again. The caller closes.
 */
export class RejectFile {
  readonly #path: string;
  readonly #entity: Entity;
  readonly #file: number;
  #headed = false;
  #count = 0;

  /** Overwrites an earlier file. Throws TB1509. */
  constructor(path: string, entity: Entity) {
    this.#path = path;
    this.#entity = entity;
    try {
      this.#file = openSync(path, 'w', 0o600);
    } catch (error) {
      throw fault('TB1509', { path }, error);
    }
  }

  get count(): number {
    return this.#count;
  }

  write(columns: readonly string[], row: FileRow, findings: readonly Finding[]): void {
    if (!this.#headed)
      this.#line(['\ufeff', ...ownColumns, ...columns.filter((column) => !column.startsWith('#'))]);
    this.#headed = true;
    this.#count += 1;
    const refused = findings.filter((finding) => finding.severity === 'reject');
    const all = refused.length === 0 ? findings : refused;
    const kept = row.cells.filter((_cell, i) => row.raw === undefined || !columns[i]?.startsWith('#'));
    this.#line([
      '',
      String(row.rowNumber),
      all.map((finding) => finding.field).join('; '),
      all.map((finding) => finding.rule).join('; '),
      all.map((finding) => reason(finding, 'zh')).join('; '),
      all.map((finding) => reason(finding, 'en')).join('; '),
      all.map((finding) => this.#example(finding.field)).join('; '),
      ...kept.map(guard),
    ]);
  }

  close(): void {
    closeSync(this.#file);
  }

  #example(name: string): string {
    const known = [...this.#entity.fields, ...stampFields].find((field) => field.name === name);
    return known?.example ?? '';
  }

  /** The first element is put before the line as it is. */
  #line([start = '', ...cells]: readonly string[]): void {
    try {
      writeSync(this.#file, `${start}${cells.map(csvCell).join(',')}\r\n`);
    } catch (error) {
      throw fault('TB1509', { path: this.#path }, error);
    }
  }
}

/** The sentence of a finding; for an unknown field also the name that was probably meant. */
export function reason(finding: Finding, language: 'en' | 'zh'): string {
  const text = rules[finding.rule][language];
  if (finding.nearest === undefined) return text;
  return language === 'zh' ? `${text},最接近的是 ${finding.nearest}` : `${text}; nearest: ${finding.nearest}`;
}

function guard(cell: string): string {
  return /^(['=+@\t]|-\D|0\d|\d{12,}$)/.test(cell) ? `'${cell}` : cell;
}

function csvCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
