import type { Hit } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';
import { type GroupedNumber, numbersIn, placeOf } from '../../text/index.ts';

const CONTEXT = /法人番号|登録番号|インボイス|適格請求書|corporate\s+number|registration\s+number/i;
/** 適格請求書発行事業者: the number of an invoice's issuer is a T and the corporate number. */
const INVOICE = /(?<![A-Za-z0-9])T[ -]?(\d{13})(?!\d)/gi;

/** Japan's corporate numbers: 13 digits whose check digit fits, behind a T, in their groups, or in a text that speaks of them; barcodes have 13 digits too. */
export function* corporateNumber(texts: readonly TextOfMail[]): Generator<Hit> {
  for (const { part, plain } of texts) {
    const isTold = CONTEXT.test(plain);
    const accept = (number: GroupedNumber) =>
      (number.grouping === '1-4-4-4' || (number.grouping === '13' && isTold)) && hasCheckDigit(number.digits);
    for (const number of numbersIn(plain, accept)) yield hit(part, number.digits, placeOf(number));
    for (const { 0: written, 1: digits = '', index } of plain.matchAll(INVOICE)) {
      if (hasCheckDigit(digits)) yield hit(part, digits, { from: index, to: index + written.length });
    }
  }
}

function hit(part: string, digits: string, at: NonNullable<Hit['at']>): Hit {
  return {
    key: digits,
    part,
    at,
    reason: { en: `The corporate number ${digits} stands in it.`, ja: `法人番号${digits}があります。` },
  };
}

// Ordinance No. 70 of the Ministry of Finance (2014), article 2: weights 1 and 2 in turn from the right, modulus 9.
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let n = 1; n <= 12; n++) sum += (digits.charCodeAt(13 - n) - 0x30) * (n % 2 === 1 ? 1 : 2);
  return digits.charCodeAt(0) - 0x30 === 9 - (sum % 9);
}
