import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parameterOf, readMessage } from './index.ts';
import { parametersMax } from './limits.ts';
import { assertLinear } from './linear-time.ts';
import type { Parameter } from './message.ts';

function read(text: string): readonly Parameter[] {
  return readMessage(Buffer.from(`Content-Type: application/x; ${text}\r\n\r\n`, 'utf8')).structure.parameters;
}

const cases: readonly (readonly [string, readonly Parameter[]])[] = [
  ['charset=us-ascii (Plain text)', [['charset', 'us-ascii']]],
  [
    'A=b; C="d;e"',
    [
      ['a', 'b'],
      ['c', 'd;e'],
    ],
  ],
  ['a="b\\"c\\\\"', [['a', 'b"c\\']]],
  [
    'a\t= \r\n b ;;; c=d;',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['(x;y=z) a=b', [['a', 'b']]],
  ['boundary=----=_Part_1', [['boundary', '----=_Part_1']]],
  [
    'name=my report (1).pdf; x=y',
    [
      ['name', 'my report (1).pdf'],
      ['x', 'y'],
    ],
  ],
  ['name="=?utf-8?Q?a?="', [['name', '=?utf-8?Q?a?=']]],
  ['name="山.txt"', [['name', '山.txt']]],
  ['a; b=c', [['b', 'c']]],
  ['=; =x; a=', [['a', '']]],
  ['a="unclosed; b=c', [['a', 'unclosed; b=c']]],
  ['url*0="ftp://"; url*1="a.test/b"', [['url', 'ftp://a.test/b']]],
  [
    'x=1; url*1=b; y=2; url*0=a',
    [
      ['x', '1'],
      ['url', 'ab'],
      ['y', '2'],
    ],
  ],
  ["title*=us-ascii'en-us'This%20is", [['title*', "us-ascii'en-us'This%20is"]]],
  ["t*0*=us-ascii'en'a%20; t*1*=b%2A; t*2=\"c%'d\"", [['t*', "us-ascii'en'a%20b%2Ac%25%27d"]]],
  ['t*0=a; t*1*=%20b', [['t*', "''a%20b"]]],
];

for (const [text, expected] of cases) {
  test(`RFC 2231 §3: the parameters of ${JSON.stringify(text)} are read`, () => {
    assert.deepEqual(read(text), expected);
  });
}

const values: readonly (readonly [string, string | null])[] = [
  ["name*=utf-8''%E5%B1%B1.txt; name=fallback.txt", '山.txt'],
  ["name*0*=iso-2022-jp'ja'%1B$BF%7C; name*1*=K%5C%1B(B", '日本'],
  ["name*=shift_jis'ja'%93%FA%96%7B", '日本'],
  ['name*=%41', 'A'],
  ["name*=x'山", "x'山"],
  ['name=plain', 'plain'],
  ['other=x', null],
];

for (const [text, expected] of values) {
  test(`RFC 2231 §4: the name of ${JSON.stringify(text)} is ${JSON.stringify(expected)}`, () => {
    assert.equal(parameterOf(read(text), 'name'), expected);
  });
}

test('RFC 2231 §3: a value in any pieces is one', () => {
  const pieces = fc.array(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(pieces, fc.boolean(), (texts, marked) => {
      const sections = texts.map((text, number) => {
        const escaped = Array.from(Buffer.from(text), (octet) => `%${octet.toString(16).padStart(2, '0')}`).join('');
        if (marked && number % 2 === 0) return `n*${number}*=${number === 0 ? "utf-8''" : ''}${escaped}`;
        return `n*${number}="${text.replace(/["\\]/g, '\\$&')}"`;
      });
      assert.equal(parameterOf(read(sections.toReversed().join('; ')), 'n'), texts.join(''));
    }),
  );
});

test('B3: parameters are bounded, and hostile ones read in linear time', () => {
  assert.equal(read('a=b; '.repeat(parametersMax * 2)).length, parametersMax);
  for (const scrap of ['(', '"\\', 'a=(;', '=', 'a*0=', ' ', ';', 'a="', '\t(']) assertLinear(scrap, read);
});
