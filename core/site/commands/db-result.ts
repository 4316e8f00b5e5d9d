import type { CliContext } from '../../cli/context.ts';
import { formatTable } from '../../cli/table.ts';

/** RunStatementResponse of database.proto, as it comes. */
export interface ResultMessage {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly cells: readonly CellMessage[] }[];
  readonly truncated: boolean;
}

interface CellMessage {
  readonly value?: 'null' | 'integer' | 'real' | 'text' | 'bytes';
  readonly integer?: string;
  readonly real?: number;
  readonly text?: string;
  readonly bytes?: Uint8Array;
}

/** Rows as lists, because two columns of one result may have the same name. */
export function documentOf({ columns, rows, truncated }: ResultMessage): object {
  return { columns, rows: rows.map(({ cells }) => cells.map(jsonOf)), truncated };
}

export function textOf(context: CliContext, result: ResultMessage, format: 'table' | 'csv'): string {
  const { columns, rows, truncated } = result;
  const cells = rows.map((row) => row.cells.map(printCell));
  if (format === 'csv') return [columns, ...cells].map((row) => row.map(quoted).join(',')).join('\n');
  const count = context.text({ en: `${rows.length} rows`, zh: `${rows.length} 行` });
  const more = context.text({ en: ', and more that are not shown', zh: '，其余未显示' });
  const table = formatTable(
    columns.map((title) => ({ title })),
    cells,
  );
  return `${table}\n${count}${truncated ? more : ''}`;
}

/** Integers beyond what JSON numbers hold exactly stay texts. */
function jsonOf(cell: CellMessage): unknown {
  if (cell.value === 'integer') {
    const number = Number(cell.integer);
    return Number.isSafeInteger(number) ? number : cell.integer;
  }
  if (cell.value === 'real') return cell.real;
  return cell.value === 'null' ? null : printCell(cell);
}

function printCell(cell: CellMessage): string {
  switch (cell.value) {
    case 'integer':
      return cell.integer ?? '';
    case 'real':
      return String(cell.real);
    case 'text':
      return cell.text ?? '';
    case 'bytes':
      return Buffer.from(cell.bytes ?? []).toString('hex');
    default:
      return '';
  }
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
