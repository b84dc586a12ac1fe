/** Charsets of SEARCH, SORT and THREAD (RFC 9051 §6.4.4, RFC 5256 §3): octets of a search text to text. */

/** As we name them in BADCHARSET. US-ASCII is read as UTF-8, whose part it is. */
export const searchCharsets = ['US-ASCII', 'UTF-8', 'ISO-2022-JP', 'SHIFT_JIS', 'EUC-JP', 'ISO-8859-1'] as const;

const labels: Readonly<Record<string, string>> = { 'US-ASCII': 'utf-8' };
const aliases: Readonly<Record<string, string>> = {
  ASCII: 'US-ASCII',
  UTF8: 'UTF-8',
  'X-SJIS': 'SHIFT_JIS',
  'SHIFT-JIS': 'SHIFT_JIS',
  SJIS: 'SHIFT_JIS',
  'WINDOWS-31J': 'SHIFT_JIS',
  CP932: 'SHIFT_JIS',
  'ISO-2022-JP-MS': 'ISO-2022-JP',
  CP50220: 'ISO-2022-JP',
  LATIN1: 'ISO-8859-1',
  'WINDOWS-1252': 'ISO-8859-1',
};

/** The charset by our name for it, or null where we don't know it. */
export function knownCharset(name: string): string | null {
  const upper = name.toUpperCase();
  const charset = Object.hasOwn(aliases, upper) ? aliases[upper] : upper;
  return searchCharsets.find((known) => known === charset) ?? null;
}

/** The text, or null where the octets are none in this charset. */
export function decodeSearchText(octets: string, charset: string): string | null {
  // ISO-2022-JP shifts with octets of ASCII.
  if (charset !== 'ISO-2022-JP' && !/[\x80-\xff]/.test(octets)) return octets;
  try {
    const decoder = new TextDecoder(labels[charset] ?? charset, { fatal: true, ignoreBOM: true });
    return decoder.decode(Buffer.from(octets, 'latin1'));
  } catch {
    return null;
  }
}
