import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskSql, refusalOfSql, splitSql, sqlPieces } from '../../../../core/site/databases/sql-text.ts';

const id = '990101199001010019';

test('any text is parted into pieces that join to the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (sql) => {
      expect(
        sqlPieces(sql)
          .map(({ text }) => text)
          .join(''),
      ).toBe(sql);
    }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("'", '"', '`', '[', ']', '--', '/*', '*/', '\n', ';', 'a', '1')),
      (parts) => {
        const sql = parts.join('');
        expect(
          sqlPieces(sql)
            .map(({ text }) => text)
            .join(''),
        ).toBe(sql);
      },
    ),
  );
});

describe('a masked statement', () => {
  test.each([
    [`SELECT * FROM person WHERE certno = '${id}'`, "SELECT * FROM person WHERE certno = '?'"],
    [`SELECT * FROM person WHERE certno = ${id}`, 'SELECT * FROM person WHERE certno = #'],
    ["SELECT '张''三' -- 张三", "SELECT '?'"],
    [`SELECT 1 /* ${id} */, x'e5bca0'`, "SELECT 1 , x'?'"],
    [`SELECT "psn_name", "张三", [a${id}] FROM t`, 'SELECT "psn_name", "?", "?" FROM t'],
    [`SELECT 张三, a${id}, ９９０１０１ FROM t`, 'SELECT ?, ?, ? FROM t'],
    ["SELECT 'not closed 张三", "SELECT '?'"],
    ['SELECT x FROM t LIMIT 17;', 'SELECT x FROM t LIMIT 17;'],
  ])('%s', (sql, masked) => {
    expect(maskSql(sql)).toBe(masked);
  });

  test('never shows what stood in a text, a comment or a long number', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 3 }), (value) => {
        const inText = value.replaceAll("'", "''");
        expect(maskSql(`SELECT * FROM t WHERE x = '${inText}'`)).toBe("SELECT * FROM t WHERE x = '?'");
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 100_000n, max: 10n ** 18n }), (number) => {
        expect(maskSql(`SELECT ${number}, t.x${number}, "n${number}"`)).not.toMatch(/\d{6}/);
      }),
    );
  });
});

test('a script is parted at the semicolons that end statements, and at no other', () => {
  expect(splitSql("SELECT ';'; -- a;b\n SELECT 2 /* ; */;; SELECT [;]; -- end")).toEqual([
    "SELECT ';'",
    '-- a;b\n SELECT 2 /* ; */',
    'SELECT [;]',
  ]);
  expect(splitSql(' ;; -- nothing')).toEqual([]);
});

describe('a statement', () => {
  test.each(['SELECT 1', ' -- c\n with a as (select 1) select * from a', 'VALUES (1)', 'EXPLAIN SELECT 1'])(
    'that reads may be tried: %s',
    (sql) => expect(refusalOfSql(sql)).toBeUndefined(),
  );

  test.each([
    'DELETE FROM t',
    'PRAGMA journal_mode = DELETE',
    'ATT' + "ACH 'x' AS y",
    "VACUUM INTO 'copy'",
    'BEGIN',
    '(SELECT 1)',
    '',
    "SELECT load_extension('x')",
    'SELECT "LOAD_EXTENSION"(\'x\')',
    "SELECT sqlite3mc_codec_data('raw')",
    'SELECT * FROM pragma_journal_mode',
    'SELECT zeroblob(1000000000)',
    'WITH a AS (SELECT 1) SELECT [fts3_tokenizer](1) FROM a',
  ])('that does more is refused: %s', (sql) => expect(refusalOfSql(sql)?.reason).toMatch(/^it /));
});
