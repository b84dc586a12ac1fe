import type { Hit } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';

/** ITU-T E.164: a plus sign, then up to 15 digits, in groups parted by one sign, one of them perhaps in brackets. */
const INTERNATIONAL = /(?<![A-Za-z0-9+])\+\d{1,15}(?:[ .-]?\(\d{1,4}\)\d{0,4})?(?:[ .-]\d{1,5}){0,5}(?!\d)/g;
/** Japan: a 0, area and subscriber in groups (03-1234-5678, 0466(12)3456), or a mobile number in one run. */
const GROUPED =
  /(?<![\d+-])\(?0\d{1,4}\)?[ (.\-\u2010-\u2015\u2212]?\d{1,4}[ ).\-\u2010-\u2015\u2212]\d{3,4}(?![\d-])/g;
const RUN = /(?<![\w+.-])0(?:[5789]0\d{8}|[1-9]\d{8})(?![\w-])/g;

const DIGITS = { min: 8, max: 15 } as const;

/** Telephone numbers, each once however it is written: Japan's in their national form, all others with their country. A list of them is data about people. */
export function* phoneList(texts: readonly TextOfMail[]): Generator<Hit> {
  for (const { part, plain } of texts) {
    for (const pattern of [INTERNATIONAL, GROUPED, RUN]) {
      for (const { 0: written, index } of plain.matchAll(pattern)) {
        const number = numberOf(written);
        if (number === null) continue;
        const shown = `…${number.slice(-2)}`;
        yield {
          key: number,
          part,
          at: { from: index, to: index + written.length },
          reason: { en: `A telephone number (${shown}) stands in it.`, ja: `電話番号（${shown}）があります。` },
        };
      }
    }
  }
}

/** The number in E.164; null for what is none. */
function numberOf(written: string): string | null {
  const digits = written.replace(/\D/g, '');
  if (written.startsWith('+')) return digits.startsWith('81') ? japanese(digits) : inRange(digits);
  const isMobile = /^0[5789]0/.test(digits);
  if (digits.length !== (isMobile ? 11 : 10) || digits.startsWith('00')) return null;
  return inRange(`81${digits.slice(1)}`);
}

// +81 (0)3 …: the 0 belongs to calls inside the country. What stands behind the number is another one.
function japanese(digits: string): string | null {
  const national = digits.slice(2).replace(/^0/, '');
  const length = /^[5789]0/.test(national) ? 10 : 9;
  return national.length < length ? null : `+81${national.slice(0, length)}`;
}

function inRange(digits: string): string | null {
  return digits.length >= DIGITS.min && digits.length <= DIGITS.max ? `+${digits}` : null;
}
