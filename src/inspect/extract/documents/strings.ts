/** Words in files whose form we don't read: runs of letters, as UTF-16 and octet by octet. Not all that such a file says, but what it says in plain. */

const runCharsMin = 4;

/** Runs in UTF-16, at even and at odd places: records are of any length. */
export function wideStrings(octets: Buffer): string {
  const found: string[] = [];
  for (const from of [0, 1]) {
    const whole = octets.subarray(from, octets.length - ((octets.length - from) & 1));
    for (const [run] of whole.toString('utf16le').matchAll(wideRun)) if (run.length >= runCharsMin) found.push(run);
  }
  return found.join('\n');
}

/** Letters that people write: Latin with accents, Greek, Cyrillic, kana, the common ideographs, hangul, full-width forms. Binary is seldom a row of them. */
const wideRun =
  /[\t\x20-\x7e\xa0-\u024f\u0370-\u04ff\u2010-\u203a\u3000-\u30ff\u4e00-\u9fa5\uac00-\ud7a3\uff01-\uff9f]{4,}/g;

/** Runs of ASCII. */
export function narrowStrings(octets: Buffer): string {
  return (octets.toString('latin1').match(/[\t\x20-\x7e]{6,}/g) ?? []).join('\n');
}
