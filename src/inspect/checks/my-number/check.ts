import { type Hit, masked } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';
import { before, GOODS_LABEL, type GroupedNumber, numbersIn, placeOf } from '../../text/index.ts';

const CONTEXT = /マイ\s?ナンバー|個人番号|my\s?number|individual\s+number/i;
const LABEL_CHARS = 24;

/**
 * Japan's individual numbers: 12 digits whose check digit fits. One number in eleven has it by chance, and parcels have 12 digits too: a run
 * without gaps counts only in a text that speaks of such numbers, one in three groups of four also without.
 */
export function* myNumber(texts: readonly TextOfMail[], all: readonly TextOfMail[] = texts): Generator<Hit> {
  const isSpoken = all.some(({ raw }) => CONTEXT.test(raw));
  for (const { part, plain } of texts) {
    const isTold = isSpoken || CONTEXT.test(plain);
    const accept = (number: GroupedNumber) =>
      isMyNumber(number, isTold) && !GOODS_LABEL.test(before(plain, number.at, LABEL_CHARS));
    for (const number of numbersIn(plain, accept)) {
      const { digits } = number;
      const reason = {
        en: `A My Number (${masked(digits)}) stands in it.`,
        ja: `マイナンバー（${masked(digits)}）があります。`,
      };
      yield { key: digits, part, at: placeOf(number), reason };
    }
  }
}

function isMyNumber({ digits, grouping }: GroupedNumber, isTold: boolean): boolean {
  if (grouping !== '4-4-4' && !(grouping === '12' && isTold)) return false;
  return hasCheckDigit(digits) && new Set(digits).size > 1;
}

// Ordinance No. 85 of the Ministry of Internal Affairs and Communications (2014), article 5: weights from the right are 2 to 7, then 2 to 6; modulus 11.
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let n = 1; n <= 11; n++) sum += (digits.charCodeAt(11 - n) - 0x30) * (n <= 6 ? n + 1 : n - 5);
  const rest = sum % 11;
  return digits.charCodeAt(11) - 0x30 === (rest <= 1 ? 0 : 11 - rest);
}
