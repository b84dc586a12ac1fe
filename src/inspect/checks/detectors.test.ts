/** The detectors of data by its form: each has a table of texts, hostile and innocent ones, in `fixtures/inspect/checks/`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkCases } from '#/testkit/facts/index.ts';
import type { Hit } from '../hits.ts';
import { TextOfMail } from '../text/index.ts';
import { apiKey } from './api-key/index.ts';
import { corporateNumber } from './corporate-number/index.ts';
import { creditCard } from './credit-card/index.ts';
import { iban } from './iban/index.ts';
import { mailList } from './mail-list/index.ts';
import { myNumber } from './my-number/index.ts';
import { passport } from './passport/index.ts';
import { phoneList } from './phone-list/index.ts';

type Detector = (texts: readonly TextOfMail[]) => Iterable<Hit>;

const DETECTORS: readonly (readonly [fixture: string, what: string, detector: Detector])[] = [
  ['credit-card', 'payment card', creditCard],
  ['iban', 'bank account', iban],
  ['my-number', 'My Number', myNumber],
  ['corporate-number', 'corporate number', corporateNumber],
  ['passport', 'passport', passport],
  ['phone-list', 'telephone number', phoneList],
  ['mail-list', 'mail address', mailList],
  ['api-key', 'key of a program', apiKey],
];

function hitsIn(detector: Detector, text: string): Hit[] {
  return [...detector([new TextOfMail('1', 'body', text)])];
}

for (const [fixture, what, detector] of DETECTORS) {
  for (const { text, found } of checkCases(fixture)) {
    test(`H1: ${JSON.stringify(text)} ${found.length === 0 ? 'holds no' : 'holds a'} ${what}`, () => {
      const hits = hitsIn(detector, text);
      assert.deepEqual([...new Set(hits.map(({ key }) => key))].sort(), found);
    });
  }
}

test('H1: reasons stand on one line and do not tell the secret', () => {
  for (const [fixture, , detector] of DETECTORS) {
    for (const { key, reason } of checkCases(fixture).flatMap(({ text }) => hitsIn(detector, text))) {
      assert.doesNotMatch(reason.en + reason.ja, /[\p{Cc}\p{Cf}]/u);
      const isPublic = ['corporate-number', 'mail-list'].includes(fixture);
      assert.ok(isPublic || !(reason.en + reason.ja).includes(key), reason.en);
    }
  }
});

test('M4: no text makes a detector throw, or wait for more than its length', () => {
  const pieces = fc.constantFrom(
    '0',
    '4',
    '1111',
    '-',
    ' ',
    '+81',
    '(',
    ')',
    '@',
    '.',
    'A',
    'T',
    'DE89',
    '番号',
    '\n',
    '－',
    '４',
    'token=',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (list) => {
      for (const [, , detector] of DETECTORS) hitsIn(detector, list.join(''));
    }),
  );
  for (const piece of [
    '1',
    '1 ',
    '4111-',
    'a@',
    '@',
    '+1(',
    '0-',
    'DE89',
    'passport no ',
    'token=a',
    'P<',
    'AKIA',
    'A1',
    '1-1 ',
    `+${'1'.repeat(28)} `,
    '+1 1 1 1 1 1',
    '(0111)111',
  ]) {
    for (const [, , detector] of DETECTORS) hitsIn(detector, piece.repeat(Math.ceil(200_000 / piece.length)));
  }
});
