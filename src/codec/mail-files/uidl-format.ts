/** How a POP3 server makes a UIDL of what an IMAP server tells of a message: Dovecot's `pop3_uidl_format`. */

/** What a format may name. */
export interface UidlFacts {
  readonly uid: number;
  readonly uidValidity: number;
  /** The unchanging part of a Maildir file name; null where the message is in no such file. */
  readonly fileName: string | null;
}

/** Null where the facts do not have what the format names. */
export type UidlFormat = (facts: UidlFacts) => string | null;

/** Dovecot's own, which nearly all servers have. */
export const DEFAULT_UIDL_FORMAT = '%08Xu%08Xv';

const part = /%(0?)(\d{0,2})(X?)([uvf])|%\{(uid|uidvalidity|filename)((?: *\| *hex\( *\d{0,2} *\))?)\}|%%|[^%]+/y;

/** Reads a format in the words of Dovecot 2.3 (`%08Xu%08Xv`) or 2.4 (`%{uid | hex(8)}%{uidvalidity | hex(8)}`); null where it can't be made here. */
export function parseUidlFormat(format: string): UidlFormat | null {
  const makers: UidlFormat[] = [];
  part.lastIndex = 0;
  for (let at = 0; at < format.length; at = part.lastIndex) {
    const found = part.exec(format);
    if (found === null) return null;
    makers.push(makerOf(found));
  }
  if (makers.length === 0) return null;
  return (facts) => {
    const texts = makers.map((make) => make(facts));
    const uidl = texts.includes(null) ? '' : texts.join('');
    // RFC 1939 §7: 1 to 70 visible letters of ASCII.
    return /^[!-~]{1,70}$/.test(uidl) ? uidl : null;
  };
}

function makerOf([all, zero, width, hex, letter, word, filter]: RegExpExecArray): UidlFormat {
  const name = letter ?? word;
  if (name === undefined) return () => (all === '%%' ? '%' : all);
  if (name === 'f' || name === 'filename') return ({ fileName }) => fileName;
  const isHex = hex === 'X' || (filter ?? '') !== '';
  const digits = Number(width || /\d+/.exec(filter ?? '')?.[0] || '0');
  const fill = zero === '0' || isHex ? '0' : ' ';
  return ({ uid, uidValidity }) => {
    const value = name === 'u' || name === 'uid' ? uid : uidValidity;
    return value.toString(isHex ? 16 : 10).padStart(digits, fill);
  };
}
