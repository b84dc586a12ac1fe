import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, formatTable, harmless, widthOf, wrap } from './table.ts';
import { openTerminal } from './terminal.ts';

const terminal = openTerminal({ write: () => true }, { write: () => true }, null);

test('design 5: a table fits 100 columns, and only flexible columns are cut', () => {
  const columns = [{ title: 'ID' }, { title: 'ADDRESS', least: 10 }, { title: 'N', align: 'right' as const }];
  const table = formatTable(columns, [['01M6Z0V6K8Q3T9XA', `${'a'.repeat(120)}@acme.test`, '7']], terminal);
  const [heading = '', row = ''] = table.split('\n');
  assert.equal(row.length, 100);
  assert.match(row, /^01M6Z0V6K8Q3T9XA {2}a+… {2}7$/);
  assert.equal(heading.indexOf('N', 20), 99);
});

test('design 5: wide characters take two columns, marks none', () => {
  assert.equal(widthOf('配送待ち'), 8);
  assert.equal(widthOf('e\u0301'), 1);
  assert.equal(cut('見積もりの件', 7), '見積も…');
  assert.equal(cut('short', 7), 'short');
});

test('design 5: a line is broken at blanks, and anywhere where it has none', () => {
  assert.equal(wrap('one two three', 8, '  '), 'one two\n  three');
  assert.deepEqual(wrap('配送待ちです', 6).split('\n').map(widthOf), [6, 6]);
});

test('design 6: a subject can not move the cursor or turn the reading direction', () => {
  assert.equal(harmless('a\x1b[2J\u202eb\r\nc'), 'a [2J b  c');
});

test('design 5: colour appears on a terminal only', () => {
  const painted = (isTTY: boolean): string =>
    openTerminal({ write: () => true, isTTY, hasColors: () => isTTY }, { write: () => true }, null).paint('ok', 'x');
  assert.equal(painted(false), 'x');
  assert.equal(painted(true), '\x1b[32mx\x1b[39m');
});
