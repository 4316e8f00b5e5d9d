/** One piece of a statement, as SQLite parts them; `space` also stands for comments. */
export interface SqlPiece {
  readonly kind: 'space' | 'text' | 'blob' | 'name' | 'quoted' | 'number' | 'sign';
  readonly text: string;
}

const forms: readonly (readonly [SqlPiece['kind'], RegExp])[] = [
  ['space', /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['blob', /[xX]'[^']*(?:'|$)/y],
  ['text', /'(?:[^']|'')*(?:'|$)/y],
  ['quoted', /"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)/y],
  ['number', /\d[\w.]*/y],
  ['name', /[A-Za-z_\u0080-\u{10ffff}$@:?#][\w\u0080-\u{10ffff}$]*/uy],
  ['sign', /[\s\S]/y],
];

/** A text in its pieces; joined they are the text again. */
export function sqlPieces(sql: string): SqlPiece[] {
  const pieces: SqlPiece[] = [];
  for (let at = 0; at < sql.length; ) {
    for (const [kind, form] of forms) {
      form.lastIndex = at;
      const text = form.exec(sql)?.[0];
      if (!text) continue;
      pieces.push({ kind, text });
      at += text.length;
      break;
    }
  }
  return pieces;
}

/**
 * The statement without anything that a person may have typed about a person: texts, bytes, long numbers,
 * comments, and names that are not plain ones.
 */
export function maskSql(sql: string): string {
  const masked = sqlPieces(sql).map(({ kind, text }) => {
    if (kind === 'space') return ' ';
    if (kind === 'text') return "'?'";
    if (kind === 'blob') return "x'?'";
    if (kind === 'number') return text.length > 5 ? '#' : text;
    if (kind === 'quoted') return isPlain(text.slice(1, -1)) ? text : '"?"';
    if (kind === 'name') return isPlain(text) ? text : '?';
    return text;
  });
  return masked.join('').replaceAll(/ +/g, ' ').trim();
}

/** Statements of a script, without the semicolons between them. */
export function splitSql(script: string): string[] {
  const statements = [''];
  for (const { kind, text } of sqlPieces(script)) {
    if (kind === 'sign' && text === ';') statements.push('');
    else statements[statements.length - 1] += text;
  }
  return statements
    .map((sql) => sql.trim())
    .filter((sql) => sqlPieces(sql).some(({ kind }) => kind !== 'space'));
}

/** Why a session does not run it, in both languages; undefined for what may be tried. */
export function refusalOfSql(
  sql: string,
): { readonly reason: string; readonly reasonZh: string } | undefined {
  const pieces = sqlPieces(sql).filter(({ kind }) => kind !== 'space');
  const first = pieces[0]?.text.toLowerCase() ?? '';
  if (!readingWords.has(first)) {
    return { reason: 'it does not begin as one that reads', reasonZh: '语句开头不是读取语句' };
  }
  const called = pieces.find(({ kind, text }) => kind !== 'text' && isForbidden(text));
  if (!called) return undefined;
  return { reason: 'it names a function that does more than read', reasonZh: '语句使用了不止于读取的函数' };
}

const readingWords: ReadonlySet<string> = new Set(['select', 'with', 'values', 'explain']);

/** Extensions, the cipher's own functions, switches of the driver, and what only fills memory. */
const forbidden =
  /^(load_extension|fts3_tokenizer|sqlite3mc_\w+|zeroblob|randomblob|pragma_\w+|sqlite_log|writefile|readfile)$/;

/** Of the many pragmas as tables these only describe the schema. */
const describing = /^pragma_(table_info|table_xinfo|table_list|index_list|index_info|foreign_key_list)$/;

function isForbidden(text: string): boolean {
  const name = text.replaceAll(/^["`[]|["`\]]$/g, '').toLowerCase();
  return forbidden.test(name) && !describing.test(name);
}

function isPlain(name: string): boolean {
  return /^[A-Za-z_]\w{0,63}$/.test(name) && !/\d{6}/.test(name);
}
