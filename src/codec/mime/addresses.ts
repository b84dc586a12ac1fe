/** Lists of addresses as ENVELOPE shows them (RFC 5322 §3.4, with what §4.4 still allows; RFC 9051 §7.5.2). */
import { addressesMax } from './limits.ts';
import type { EnvelopeAddress } from './message.ts';
import { endOfComment, endOfPiece, endOfQuoted, unquotedPiece } from './pieces.ts';

/** Addresses and group marks, in order, at most 2,000. An address without a domain has `''` for it: null begins a group. */
export function parseAddresses(value: string): EnvelopeAddress[] {
  const reader = new AddressReader();
  for (let at = 0; at < value.length && reader.addresses.length < addressesMax; ) at = reader.take(value, at);
  return reader.end();
}

const groupEnd: EnvelopeAddress = { name: null, mailbox: null, host: null };
const ordinary = /[^"(<,;:]+/y;

class AddressReader {
  readonly addresses: EnvelopeAddress[] = [];
  /** Words outside of brackets, quotes removed. */
  #words = '';
  /** Where the last `@` outside of quotes stands in them; -1: nowhere. */
  #atSign = -1;
  /** Where the last quoted string begins and ends in them. */
  #quoted: readonly [from: number, to: number] = [-1, -1];
  #comment = '';
  #angle: string | null = null;
  #inGroup = false;

  /** Takes one piece; returns where the next one begins. */
  take(value: string, at: number): number {
    const mark = value.charAt(at);
    if (mark === '<') return this.#takeAngle(value, at);
    if (mark === ',' || mark === ';' || mark === ':') return this.#takeMark(mark, at);
    ordinary.lastIndex = at;
    const end = mark === '"' || mark === '(' ? endOfPiece(value, at) : at + (ordinary.exec(value)?.[0].length ?? 1);
    const piece = value.slice(at, end);
    if (mark === '(') this.#comment = piece.slice(1, piece.endsWith(')') ? -1 : piece.length).replace(/\\(.)/gs, '$1');
    else if (mark === '"') this.#takeQuoted(piece);
    else this.#takeWords(piece);
    return end;
  }

  /** What was read; an open group is closed. */
  end(): EnvelopeAddress[] {
    this.#flush();
    if (this.#inGroup) this.addresses.push(groupEnd);
    return this.addresses;
  }

  #takeQuoted(piece: string): void {
    const from = this.#words.length;
    this.#words += unquotedPiece(piece);
    this.#quoted = [from, this.#words.length];
  }

  #takeWords(piece: string): void {
    const sign = piece.lastIndexOf('@');
    if (sign >= 0) this.#atSign = this.#words.length + sign;
    this.#words += piece;
  }

  #takeMark(mark: string, at: number): number {
    if (mark === ':' && !this.#inGroup && this.#atSign < 0 && this.#angle === null) {
      this.addresses.push({ name: null, mailbox: oneLine(this.#words), host: null });
      this.#inGroup = true;
      this.#clear();
      return at + 1;
    }
    if (mark === ':') {
      this.#words += mark;
      return at + 1;
    }
    this.#flush();
    if (mark === ';' && this.#inGroup) {
      this.addresses.push(groupEnd);
      this.#inGroup = false;
    }
    return at + 1;
  }

  #takeAngle(value: string, at: number): number {
    let end = at + 1;
    while (end < value.length && value.charAt(end) !== '>') {
      end = value.charAt(end) === '"' ? endOfQuoted(value, end) : end + 1;
    }
    this.#angle ??= value.slice(at + 1, end);
    return end + 1;
  }

  #flush(): void {
    const address = this.#angle === null ? this.#bareAddress() : angleAddress(this.#angle, nullIfEmpty(this.#name()));
    if (address !== null) this.addresses.push(address);
    this.#clear();
  }

  #name(): string {
    return oneLine(this.#words) || oneLine(this.#comment);
  }

  /** `alice@a.test (Alice)`, and `Alice alice@a.test` of those who forgot the brackets. */
  #bareAddress(): EnvelopeAddress | null {
    const sign = this.#atSign;
    if (sign < 0) {
      const mailbox = oneLine(this.#words);
      return mailbox === '' ? null : { name: nullIfEmpty(oneLine(this.#comment)), mailbox, host: '' };
    }
    const host = this.#words.slice(sign + 1).replace(/\s+/g, '');
    const [quotedFrom, quotedTo] = this.#quoted;
    if (quotedTo === sign) {
      const name = oneLine(this.#words.slice(0, quotedFrom)) || oneLine(this.#comment);
      return { name: nullIfEmpty(name), mailbox: this.#words.slice(quotedFrom, sign), host };
    }
    // RFC 5322 §4.4: blanks may stand around the dots and the sign.
    const local = oneLine(this.#words.slice(0, sign)).replace(/ ?\. ?/g, '.');
    const split = local.lastIndexOf(' ');
    const name = split < 0 ? oneLine(this.#comment) : local.slice(0, split);
    return { name: nullIfEmpty(name), mailbox: local.slice(split + 1), host };
  }

  #clear(): void {
    this.#words = '';
    this.#atSign = -1;
    this.#quoted = [-1, -1];
    this.#comment = '';
    this.#angle = null;
  }
}

/** What stands between `<` and `>`; a route before it is left out (RFC 5322 §4.4). */
function angleAddress(content: string, name: string | null): EnvelopeAddress {
  let plain = '';
  let sign = -1;
  for (let at = 0; at < content.length; ) {
    const mark = content.charAt(at);
    let end = at + 1;
    if (mark === '"') {
      end = endOfQuoted(content, at);
      plain += unquotedPiece(content.slice(at, end));
    } else if (mark === '(') end = endOfComment(content, at);
    else if (mark === ':' && plain.startsWith('@')) [plain, sign] = ['', -1];
    else if (!/\s/.test(mark)) {
      if (mark === '@') sign = plain.length;
      plain += mark;
    }
    at = end;
  }
  if (sign < 0) return { name, mailbox: plain, host: '' };
  return { name, mailbox: plain.slice(0, sign), host: plain.slice(sign + 1) };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function nullIfEmpty(text: string): string | null {
  return text === '' ? null : text;
}
