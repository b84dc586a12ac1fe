import { type Hit, masked } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';
import { before, GOODS_LABEL, type GroupedNumber, numbersIn, placeOf } from '../../text/index.ts';

/** How cards are written: without gaps, or in the groups that are embossed on them. */
const GROUPINGS = new Set([
  '13',
  '14',
  '15',
  '16',
  '18',
  '19',
  '4-4-4-4',
  '4-6-5',
  '4-6-4',
  '4-4-4-4-3',
  '8-8',
  '4-4-5',
  '4-4-4-1',
]);

interface Brand {
  readonly name: string;
  readonly prefix: RegExp;
  readonly lengths: readonly number[];
}

// ISO/IEC 7812: the first digits name the issuer.
const BRANDS: readonly Brand[] = [
  { name: 'Visa', prefix: /^4/, lengths: [13, 16, 19] },
  { name: 'Mastercard', prefix: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { name: 'American Express', prefix: /^3[47]/, lengths: [15] },
  { name: 'JCB', prefix: /^35(?:2[89]|[3-8])/, lengths: [16, 19] },
  { name: 'Diners Club', prefix: /^3(?:0[0-5]|095|[689])/, lengths: [14, 16, 19] },
  { name: 'Discover', prefix: /^6(?:011|4[4-9]|5)/, lengths: [16, 19] },
  { name: 'UnionPay', prefix: /^62/, lengths: [16, 18, 19] },
];

/** Characters in front of a number in which its label stands. */
const LABEL_CHARS = 24;

/**
 * Card numbers: brand, length and check digit (Luhn) fit, and they are grouped as cards are. A run without gaps that is labelled as an order or
 * a parcel is one: one such number in ten has a fitting check digit.
 */
export function* creditCard(texts: readonly TextOfMail[]): Generator<Hit> {
  for (const { part, plain } of texts) {
    const accept = (number: GroupedNumber) => isCard(number) && !isGoods(number, plain);
    for (const number of numbersIn(plain, accept)) {
      const { digits } = number;
      const brand = brandOf(digits)?.name ?? '';
      const reason = {
        en: `A ${brand} card number (${masked(digits)}) stands in it.`,
        ja: `${brand}のカード番号（${masked(digits)}）があります。`,
      };
      yield { key: digits, part, at: placeOf(number), reason };
    }
  }
}

function isCard({ digits, grouping }: GroupedNumber): boolean {
  return GROUPINGS.has(grouping) && brandOf(digits) !== undefined && hasLuhn(digits) && !isMonotone(digits);
}

function isGoods({ at, grouping }: GroupedNumber, text: string): boolean {
  return !grouping.includes('-') && GOODS_LABEL.test(before(text, at, LABEL_CHARS));
}

function brandOf(digits: string): Brand | undefined {
  return BRANDS.find(({ prefix, lengths }) => lengths.includes(digits.length) && prefix.test(digits));
}

// ISO/IEC 7812-1, annex B: every second digit from the right doubled, the sum of all digits ends in 0.
function hasLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    const value = i % 2 === 1 ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

// Placeholders in forms: 4444 4444 4444 4448 is no card of anybody.
function isMonotone(digits: string): boolean {
  return new Set(digits.slice(0, -1)).size === 1;
}
