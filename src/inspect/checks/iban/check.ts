import { type Hit, masked } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';

// The registry of ISO 13616: each country has one length.
const LENGTHS = new Map(
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

const BEGIN = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}/g;

/** International bank account numbers: length of the country and check digits (ISO 7064, mod 97-10) fit. Upper and lower case, in groups or not. */
export function* iban(texts: readonly TextOfMail[]): Generator<Hit> {
  for (const { part, plain } of texts) {
    for (const { index } of plain.matchAll(BEGIN)) {
      const found = numberAt(plain, index);
      if (found === null || !hasMod97(found.number)) continue;
      const { number, to } = found;
      const reason = {
        en: `The number of a bank account (IBAN ${number.slice(0, 2)}${masked(number)}) stands in it.`,
        ja: `銀行口座番号（IBAN ${number.slice(0, 2)}${masked(number)}）があります。`,
      };
      yield { key: number, part, at: { from: index, to }, reason };
    }
  }
}

function numberAt(text: string, from: number): { readonly number: string; readonly to: number } | null {
  const length = LENGTHS.get(text.slice(from, from + 2).toUpperCase());
  if (length === undefined) return null;
  let number = '';
  let i = from;
  for (; number.length < length && i < text.length; i++) {
    const char = text[i] ?? '';
    if (/[A-Za-z0-9]/.test(char)) number += char;
    // One gap at a time: two blanks end a column.
    else if (!/[ -]/.test(char) || !/[A-Za-z0-9]/.test(text[i + 1] ?? '')) break;
  }
  if (number.length !== length || /[A-Za-z0-9]/.test(text[i] ?? '')) return null;
  return { number: number.toUpperCase(), to: i };
}

function hasMod97(number: string): boolean {
  const turned = number.slice(4) + number.slice(0, 4);
  let rest = 0;
  for (const char of turned) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
