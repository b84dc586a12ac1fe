import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { baseSubject } from './index.ts';
import { assertLinear } from './linear-time.ts';

const subjects: readonly (readonly [string, string, boolean])[] = [
  ['Lunch', 'Lunch', false],
  ['Re: Lunch', 'Lunch', true],
  ['RE : re:  Fwd: fw: Lunch', 'Lunch', true],
  ['Re[2]: Lunch', 'Lunch', true],
  ['[list] Re: [list] Lunch', 'Lunch', true],
  ['[a] [b] Lunch', 'Lunch', false],
  ['[only]', '[only]', false],
  ['Re: [only]', '[only]', true],
  ['Lunch (fwd) (FWD) ', 'Lunch', true],
  ['[Fwd: Re: Lunch]', 'Lunch', true],
  ['[Fwd: [Fwd: Lunch]] (fwd)', 'Lunch', true],
  ['  Lunch \t at\r\n noon ', 'Lunch at noon', false],
  ['=?utf-8?Q?Re=3A_=E6=98=BC=E9=A3=9F?=', '昼食', true],
  ['Reply: Lunch', 'Reply: Lunch', false],
  ['Re:', '', true],
  ['', '', false],
];

for (const [subject, text, isReply] of subjects) {
  test(`RFC 5256 §2.1: the base of ${JSON.stringify(subject)} is ${JSON.stringify(text)}`, () => {
    assert.deepEqual(baseSubject(subject), { text, isReply });
  });
}

test('RFC 5256 §2.1: the base of a base is itself, and marks around it change nothing', () => {
  const scraps = fc.constantFrom('re:', 'Fwd: ', '[x]', '[', ']', ' ', '(fwd)', '[fwd:', 'Lunch', ':', 'fw');
  fc.assert(
    fc.property(fc.array(scraps, { maxLength: 12 }), (parts) => {
      const subject = parts.join('');
      const base = baseSubject(subject);
      assert.deepEqual(baseSubject(base.text), { text: base.text, isReply: false });
      assert.equal(baseSubject(`Re: ${subject} (fwd)`).text, base.text);
    }),
  );
});

test('B3: hostile subjects are read in bounded time', () => {
  for (const scrap of ['[', '[]', 're:', '(fwd)', '[fwd:', 're[a]', '[a] ', ' ']) assertLinear(scrap, baseSubject);
});
