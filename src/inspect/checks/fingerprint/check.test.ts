import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldWords, TextOfMail } from '../../text/index.ts';
import { fingerprint, IndexMaker, shinglesOf } from './index.ts';

const SENTENCES = [
  '本契約は、甲が乙に対し、別紙に定める業務を委託し、乙がこれを受託することに関する条件を定めるものとする。',
  '乙は、本契約に基づき知り得た甲の営業上又は技術上の秘密を、第三者に開示し、又は漏えいしてはならない。',
  '委託料は月額百二十万円とし、甲は毎月末日までに乙の指定する銀行口座に振り込む方法により支払う。',
  '本契約の有効期間は契約締結日から一年間とし、期間満了の一か月前までに申し出がないときは更新される。',
  '甲又は乙は、相手方が本契約に違反したときは、催告のうえ本契約の全部又は一部を解除することができる。',
  'この契約に定めのない事項については、甲乙誠意をもって協議し、円満に解決を図るものとする。',
];
const CONTRACT = SENTENCES.join('\n');
const numbers = numbersOf(CONTRACT);
const document = new IndexMaker(numbers.size).add('業務委託契約書', numbers).index;

function numbersOf(text: string): ReadonlySet<number> {
  return shinglesOf(foldWords(text));
}

function share(text: string, similarity = 0.5): boolean {
  return [...fingerprint([new TextOfMail('2', 'attachments', text)], document, similarity)].length === 1;
}

test('H1: a registered document is known whole, in part, spaced out, in other widths, and inside of more', () => {
  assert.ok(share(CONTRACT, 1));
  assert.ok(share(`お世話になっております。\n\n> ${CONTRACT.replaceAll('\n', '\n> ')}\n\n以上`, 0.9));
  assert.ok(share(SENTENCES.slice(0, 4).join(''), 0.5));
  assert.ok(share([...SENTENCES].reverse().join('\n\n'), 0.7));
  assert.ok(share(CONTRACT.replaceAll('甲', '㈱アクメ').replaceAll('月額', '月　額'), 0.3));
});

test('H1: another contract of the same trade, and the greeting of every letter, are not the document', () => {
  assert.ok(
    !share(
      '本契約は、売主が買主に対し、別紙に定める商品を売り渡し、買主がこれを買い受けることに関する条件を定めるものとする。',
    ),
  );
  assert.ok(!share('いつもお世話になっております。添付の資料をご確認ください。よろしくお願いいたします。'));
  assert.ok(!share('') && !share(SENTENCES[0] ?? ''));
  const letter = 'よろしくお願いいたします。';
  const greeting = new IndexMaker(99).add('g', numbersOf(letter)).index;
  assert.deepEqual([...fingerprint([new TextOfMail('1', 'body', letter)], greeting, 0.5)], []);
});

test('H1: a text holds all numbers of a long passage of its own', () => {
  const letters = fc.string({
    unit: fc.constantFrom(...Array.from('あいうえおかきくけこ秘密計画表')),
    minLength: 200,
    maxLength: 400,
  });
  fc.assert(
    fc.property(letters, letters, (passage, around) => {
      const inside = shinglesOf(`${around}${passage}${around}`);
      const own = shinglesOf(passage);
      const kept = own.intersection(inside).size / own.size;
      assert.ok(kept > 0.9, `${kept} of ${own.size}`);
    }),
    { numRuns: 50 },
  );
});
