import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPdf, widthOf } from './index.ts';

const PAPER = { title: 'Report (1)', language: 'en', width: 595, height: 842 };

function fileOf(...texts: readonly string[]): string {
  const pages = texts.map((text) => [{ kind: 'text', x: 60, y: 700, size: 10, text } as const]);
  return formatPdf({ ...PAPER, pages }).toString('latin1');
}

test('house: each object of a PDF stands where its table says, and each stream is as long as it says', () => {
  const file = fileOf('one', '二 (two) \\ ends )', 'naïve – “so”');
  const [, start = ''] = /startxref\n(\d+)\n%%EOF\n$/.exec(file) ?? [];
  const table = file.slice(Number(start));
  assert.match(table, /^xref\n0 14\n/);
  const places = [...table.matchAll(/^(\d{10}) 00000 n $/gm)].map(([, place]) => Number(place));
  assert.equal(places.length, 13);
  for (const [i, place] of places.entries()) assert.ok(file.slice(place).startsWith(`${i + 1} 0 obj\n`), `${i + 1}`);
  for (const [, length, text = ''] of file.matchAll(/<< \/Length (\d+) >>\nstream\n([\s\S]*?)\nendstream/g))
    assert.equal(text.length, Number(length));
});

test('house: letters go into the font that has them, and no text ends its string', () => {
  const file = fileOf('a)b(c\\ é’ 配送\u0000\n😀\ud800');
  assert.ok(file.includes('/F1 10 Tf (a\\)b\\(c\\\\ \\351\\222 ) Tj /F2 10 Tf <914d9001d83dde00fffd> Tj ET'), file);
});

test('house: widths are those of Helvetica, of full and of half width', () => {
  assert.equal(widthOf('Wi', 1_000), 944 + 222);
  assert.equal(widthOf('配ﾊ', 10), 15);
  assert.equal(widthOf('ÿ”', 1_000), 500 + 333);
});
