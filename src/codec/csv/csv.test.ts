import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CsvError, readCsv, separatorOf } from './index.ts';

const read = (text: string, separator = ',') => [...readCsv(text, separator)].map(({ fields }) => fields);

test('RFC 4180 §2: records, quoted fields, doubled quotation marks and line ends of all kinds', () => {
  assert.deepEqual(read('a,b\r\nc,d\n\re,\r\n\r\n'), [
    ['a', 'b'],
    ['c', 'd'],
    ['e', ''],
  ]);
  assert.deepEqual(read('"a ""b"", c","d\r\ne"\n'), [['a "b", c', 'd\r\ne']]);
  assert.deepEqual(read('it is 3" long;""', ';'), [['it is 3" long', '']]);
  assert.deepEqual(read(''), []);
});

test('RFC 4180 §2: each record knows its line, also behind fields of several lines', () => {
  const lines = [...readCsv('a\n"b\nc"\r\n\nd', ',')].map(({ line }) => line);
  assert.deepEqual(lines, [1, 2, 5]);
});

test('RFC 4180 §2: a quotation mark that never ends is told with its line, and nothing is made of it', () => {
  for (const [text, line] of [
    ['a\nb,"c\nd', 2],
    ['"a"b', 1],
  ] as const) {
    assert.throws(
      () => read(text),
      (error: unknown) => error instanceof CsvError && error.line === line,
    );
  }
});

test('RFC 4180 §2: what was written is what is read', () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', ' ', '漢') });
  const records = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(records, fc.constantFrom(',', ';', '\t'), (given, separator) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = given.map((fields) => fields.map(quoted).join(separator)).join('\r\n');
      assert.deepEqual(read(text, separator), given);
    }),
  );
});

test('RFC 4180 §2: any text gives records or the one error', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r') }), (text) => {
      try {
        for (const { fields } of readCsv(text, ',')) assert.ok(fields.length > 0);
      } catch (error) {
        assert.ok(error instanceof CsvError);
      }
    }),
  );
});

test('RFC 4180 §2: the separator is what the first line has most of', () => {
  assert.equal(separatorOf('a;b;c,d\n1,2,3,4'), ';');
  assert.equal(separatorOf('"a;b;c",d'), ',');
  assert.equal(separatorOf('a\tb'), '\t');
  assert.equal(separatorOf('alone'), ',');
});
