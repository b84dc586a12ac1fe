/** Octets of a text file into text, where nobody says in which charset: by its mark, by its signs of ISO-2022, by what is valid. */

export const TEXT_CHARSETS = ['utf-8', 'utf-16le', 'utf-16be', 'shift_jis', 'iso-2022-jp', 'euc-jp'] as const;
export type TextCharset = (typeof TEXT_CHARSETS)[number];

export interface DecodedText {
  readonly text: string;
  readonly charset: TextCharset;
}

const ESC = 0x1b;

/** Null where it is in none that we know, or not in `named`. A mark at its begin is not part of the text. */
export function decodeText(octets: Uint8Array, named: TextCharset | null = null): DecodedText | null {
  for (const charset of named === null ? likely(octets) : [named]) {
    const text = decoded(octets, charset);
    if (text !== null) return { text, charset };
  }
  return null;
}

function likely(octets: Uint8Array): readonly TextCharset[] {
  const [first, second] = octets;
  if (first === 0xff && second === 0xfe) return ['utf-16le'];
  if (first === 0xfe && second === 0xff) return ['utf-16be'];
  // RFC 1468: escape sequences, and no octet above 127.
  if (octets.includes(ESC)) return ['iso-2022-jp'];
  // What is valid UTF-8 is next to never meant as something else; Shift_JIS is asked before EUC, as people write it with spreadsheets.
  return ['utf-8', 'shift_jis', 'euc-jp'];
}

function decoded(octets: Uint8Array, charset: TextCharset): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(octets);
  } catch {
    return null;
  }
}
