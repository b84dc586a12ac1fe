/**
 * ISO-2022 as mail really has it (RFC 1468, RFC 1554, RFC 1557, RFC 1922): letters of two octets behind an escape, here of every set that a mail
 * program shows, not of those alone that the Encoding standard lists; and HZ (RFC 1843), which does the same with tildes. What can't be read
 * is U+FFFD, one by one, and the text goes on behind it. One pass.
 */

/** A set of letters: how many octets one takes, and how they are read. */
interface LetterSet {
  readonly width: 1 | 2;
  /** A charset that has the same letters with the high bits set. */
  readonly as: string;
  /** Octets in front of each letter there. */
  readonly lead?: number;
}

const ascii: LetterSet = { width: 1, as: 'latin1' };
const kana: LetterSet = { width: 1, as: 'shift_jis' };
const japanese: LetterSet = { width: 2, as: 'euc-jp' };
/** JIS X 0212: three octets in EUC-JP. */
const japaneseMore: LetterSet = { width: 2, as: 'euc-jp', lead: 0x8f };
const chinese: LetterSet = { width: 2, as: 'gbk' };
const korean: LetterSet = { width: 2, as: 'euc-kr' };

/** What an escape calls, less its ESC. JIS X 0213 (`$(O` to `$(Q`) is read as the set that it extends. */
const called: ReadonlyMap<string, LetterSet> = new Map([
  ['(B', ascii],
  ['(J', ascii],
  ['(H', ascii],
  ['(I', kana],
  ['$@', japanese],
  ['$B', japanese],
  ['$(@', japanese],
  ['$(B', japanese],
  ['$(D', japaneseMore],
  ['$(O', japanese],
  ['$(Q', japanese],
  ['$(P', japaneseMore],
  ['$A', chinese],
  ['$(A', chinese],
  ['$(C', korean],
]);

/** Sets that SO calls: ISO-2022-KR, ISO-2022-CN; kana in old Japanese mail. */
const shifted: ReadonlyMap<string, LetterSet> = new Map([
  ['$)C', korean],
  ['$)A', chinese],
  [')I', kana],
]);

const escapes = /\x1b([$()][()]?[@A-Z])|[\x0e\x0f\n]/g;

export function decodeIso2022(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  let read = '';
  let set = ascii;
  let bySo = kana;
  let at = 0;
  for (const mark of text.matchAll(escapes)) {
    read += lettersOf(text.slice(at, mark.index), set);
    at = mark.index + mark[0].length;
    const name = mark[1];
    if (name === undefined) {
      // Mailers forget to go back; RFC 1468 §formal syntax wants each line to begin in ASCII.
      if (mark[0] === '\n') read += '\n';
      set = mark[0] === '\x0e' ? bySo : ascii;
      continue;
    }
    bySo = shifted.get(name) ?? bySo;
    if (!shifted.has(name)) set = called.get(name) ?? set;
  }
  return read + lettersOf(text.slice(at), set);
}

const tildes = /~(\{|\}|~|\n)/g;

/** HZ-GB-2312. */
export function decodeHz(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  let read = '';
  let set = ascii;
  let at = 0;
  for (const { 0: mark, 1: kind, index } of text.matchAll(tildes)) {
    // Inside of the Chinese part a tilde may be the second octet of a letter, but for `~}`.
    if (set === chinese && kind !== '}') continue;
    read += lettersOf(text.slice(at, index), set);
    if (kind === '~') read += '~';
    set = kind === '{' ? chinese : ascii;
    at = index + mark.length;
  }
  return read + lettersOf(text.slice(at), set);
}

const decoders = new Map<string, TextDecoder>();

function lettersOf(text: string, set: LetterSet): string {
  if (text === '' || set === ascii) return text;
  const decoder = decoders.getOrInsertComputed(set.as, (name) => new TextDecoder(name));
  return decoder.decode(highOctets(text, set));
}

/** The octets with their high bits set, blanks and line ends left alone; each letter behind its lead. */
function highOctets(text: string, { width, lead }: LetterSet): Uint8Array {
  const out = Buffer.allocUnsafe(text.length * 2);
  let length = 0;
  let inLetter = false;
  for (let at = 0; at < text.length; at++) {
    const octet = text.charCodeAt(at);
    if (octet <= 0x20) {
      out[length++] = octet;
      inLetter = false;
      continue;
    }
    if (lead !== undefined && !inLetter) out[length++] = lead;
    out[length++] = octet | 0x80;
    inLetter = width === 2 && !inLetter;
  }
  return out.subarray(0, length);
}
