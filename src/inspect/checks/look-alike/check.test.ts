import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recipientTo } from '#/testkit/facts/index.ts';
import { lookAlike } from './index.ts';

const KNOWN = ['acme.test', 'yamada-shoji.co.jp', '山田商事.test', 'ロボ.test'];

function like(domain: string): string | null {
  const [hit] = lookAlike([recipientTo(`taro@${domain}`, 1)], KNOWN);
  return hit === undefined ? null : (/looks like (\S+) and/.exec(hit.reason.en)?.[1] ?? '');
}

const CASES: readonly (readonly [domain: string, like: string | null, why: string])[] = [
  ['acrne.test', 'acme.test', 'two letters that look like one'],
  ['аcme.test', 'acme.test', 'a Cyrillic letter'],
  ['xn--cme-6cd.test', 'acme.test', 'the same in its A-label'],
  ['acmé.test', 'acme.test', 'an accent'],
  ['acme.co', 'acme.test', 'another top-level domain'],
  ['acme.co.jp', 'acme.test', 'another registry'],
  ['amce.test', 'acme.test', 'neighbours swapped'],
  ['acmee.test', 'acme.test', 'a letter more'],
  ['acme-billing.test', 'acme.test', 'a word behind'],
  ['secure-acme.example', 'acme.test', 'a word in front'],
  ['acme.test.example.com', 'acme.test', 'the known domain in front of another'],
  ['yarnada-shoji.co.jp', 'yamada-shoji.co.jp', 'rn for m'],
  ['yamada-shouji.co.jp', 'yamada-shoji.co.jp', 'a letter more'],
  ['yamada-shoji.com', 'yamada-shoji.co.jp', 'another top-level domain'],
  ['yamada-shoji.ne.jp', 'yamada-shoji.co.jp', 'another registry of one country'],
  ['口ボ.test', 'ロボ.test', 'a character for a kana'],
  ['山田商事.example', '山田商事.test', 'a Japanese name elsewhere'],
  ['gmai.com', 'gmail.com', 'the name that collects slips'],
  ['gmail.co', 'gmail.com', 'a letter lost at the end'],
  ['yahooo.co.jp', 'yahoo.co.jp', 'a letter more'],
  ['acme.test', null, 'itself'],
  ['mail.acme.test', null, 'below itself'],
  ['ACME.TEST', null, 'itself in capitals'],
  ['gmail.com', null, 'much used and itself'],
  ['mail.com', null, 'another service, near by chance'],
  ['yahoo.fr', null, 'the same service elsewhere'],
  ['example.test', null, 'somebody else'],
  ['placement.test', null, 'a word that holds the name'],
  ['tanaka-shoji.co.jp', null, 'another company of the trade'],
  ['佐藤商事.test', null, 'another name'],
];

for (const [domain, expected, why] of CASES) {
  test(`H1: ${domain} ${expected === null ? 'looks like none' : `is taken for ${expected}`}: ${why}`, () => {
    assert.equal(like(domain), expected);
  });
}

test('H1: only recipients outside are looked at, each by itself', () => {
  const hits = [
    ...lookAlike(
      [recipientTo('a@acrne.test', 1, 'inbound'), recipientTo('b@x.test', 2), recipientTo('c@acrne.test', 3)],
      KNOWN,
    ),
  ];
  assert.deepEqual(
    hits.map(({ recipient }) => recipient),
    [3],
  );
});

test('H1: no domain makes the check throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (domain) => void like(domain)));
});
