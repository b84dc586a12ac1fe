/**
 * Reads one command from left to right. The command is a string whose characters are its octets; its literals stand in it as they came, each
 * behind the line that announces it. What can't be read is a fault: the first one counts, and moves the reader to the end, so that every loop
 * ends; what is returned after it means nothing and is thrown away with the command.
 */
import { isUtf8 } from 'node:buffer';
import type { MailboxName, ModSeq } from '#/model/index.ts';
import type { SequenceSet, SetRange } from './command.ts';
import { parseDay } from './date.ts';
import { listItemsMax, setRangesMax } from './limits.ts';
import { decodeName, parseMailboxName } from './mailbox-name.ts';
import * as replies from './replies.ts';
import type { Reply } from './reply.ts';

/** RFC 9051 §9: atom, and what may stand in for a string without quotes. */
const atoms = /[^\0-\x20\x7f-\xff(){%*"\\\]]+/y;
const bareStrings = /[^\0-\x20\x7f-\xff(){%*"\\]+/y;
const barePatterns = /[^\0-\x20\x7f-\xff(){"\\]+/y;
const blanks = / +/y;
const digits = /\d{1,20}/y;
const literals = /\{(\d{1,20})\+?\}\r?\n/y;
const ranges = /(\*|[1-9]\d{0,9})(?::(\*|[1-9]\d{0,9}))?/y;
const numberMax = 0xffff_ffff;

export class Reader {
  readonly #text: string;
  readonly #utf8: boolean;
  #at: number;
  #fault: Reply | 'form' | null = null;

  /** `utf8`: the client has enabled UTF-8 (RFC 9051 §6.3.1, RFC 6855 §3). */
  constructor(text: string, utf8: boolean, at = 0) {
    this.#text = text;
    this.#utf8 = utf8;
    this.#at = at;
  }

  /** What could not be read; `'form'`: the command as a whole has another form. */
  get fault(): Reply | 'form' | null {
    return this.#fault;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  fail(fault: Reply | 'form'): void {
    this.#fault ??= fault;
    this.#at = this.#text.length;
  }

  /** Whether this character comes next. */
  sees(character: string): boolean {
    return this.#text[this.#at] === character;
  }

  /** Takes these characters, where they come next. */
  takes(characters: string): boolean {
    const found = this.#text.startsWith(characters, this.#at);
    if (found) this.#at += characters.length;
    return found;
  }

  /** These characters must come next. */
  expect(characters: string): void {
    if (!this.takes(characters)) this.fail('form');
  }

  /** What comes next by a sticky pattern, or null. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  /** RFC 9051 §9 has one space everywhere; more do no harm. */
  space(): void {
    if (this.match(blanks) === null) this.fail('form');
  }

  /** The command ends here. Blanks before its end do no harm. */
  end(): void {
    this.match(blanks);
    if (!this.done) this.fail(replies.trailing);
  }

  atom(): string {
    return this.#take(atoms);
  }

  /** An atom that is a word of the language: in capitals. */
  word(): string {
    return this.atom().toUpperCase();
  }

  /** An atom that must be this word. */
  expectWord(word: string): void {
    if (this.word() !== word) this.fail('form');
  }

  /** A string by its octets: quoted, a literal, or bare. */
  astring(): string {
    return this.#isString() ? this.string() : this.#take(bareStrings);
  }

  /** A string by its octets: quoted or a literal. */
  string(): string {
    return this.sees('"') ? this.#quoted() : this.#literal();
  }

  /** A string that is text. */
  text(): string {
    return this.utf8Of(this.astring());
  }

  /** Octets that are text. */
  utf8Of(octets: string): string {
    if (!/[\x80-\xff]/.test(octets)) return octets;
    const bytes = Buffer.from(octets, 'latin1');
    if (!isUtf8(bytes)) this.fail(replies.notUtf8);
    return bytes.toString('utf8');
  }

  mailbox(): MailboxName {
    const name = decodeName(this.astring(), this.#utf8);
    const mailbox = name === null ? null : parseMailboxName(name);
    if (mailbox === null) this.fail(replies.badMailboxName);
    return mailbox ?? ('INBOX' as MailboxName);
  }

  /** A mailbox name with `*` and `%` in it, or one that need not be one; what can't be decoded stays as it is and names nothing. */
  pattern(): string {
    const octets = this.#isString() ? this.string() : this.#take(barePatterns);
    return decodeName(octets, this.#utf8) ?? octets;
  }

  /** From `least` to `most`. */
  number(least = 0, most: number = numberMax): number {
    const value = Number(this.#take(digits));
    if (value < least || value > most) this.fail('form');
    return value;
  }

  /** RFC 7162 §7 has 63 bits; ours have 53. What is beyond is later than anything that is. */
  modSeq(): ModSeq {
    return Math.min(Number(this.#take(digits)), Number.MAX_SAFE_INTEGER);
  }

  /** What stands behind a space. */
  spaced<T>(read: () => T): T {
    this.space();
    return read();
  }

  /** What stands before a space. */
  spacedAfter<T>(read: () => T): T {
    const value = read();
    this.space();
    return value;
  }

  /** A date, quoted or not (RFC 9051 §9). */
  day(): number {
    const day = parseDay(this.astring());
    if (day === null) this.fail(replies.badDate);
    return day ?? 0;
  }

  /** `(`, members parted by spaces, `)`. */
  list<T>(member: () => T, least = 1, most: number = listItemsMax): T[] {
    const members: T[] = [];
    this.expect('(');
    if (least === 0 && this.takes(')')) return members;
    do {
      members.push(member());
      if (members.length > most) this.fail(replies.tooManyItems);
    } while (this.match(blanks) !== null);
    this.expect(')');
    return members;
  }

  /** RFC 9051 §9: sequence-set; `$` by RFC 9051 §6.4.4.1. */
  set(): SequenceSet {
    if (this.takes('$')) return '$';
    const set: SetRange[] = [];
    do {
      set.push(this.#range());
      if (set.length > setRangesMax) this.fail(replies.tooManyRanges);
    } while (this.takes(','));
    return set;
  }

  #range(): SetRange {
    const found = this.match(ranges);
    if (found === null) this.fail('form');
    const from = this.#setNumber(found?.[1]);
    return [from, found?.[2] === undefined ? from : this.#setNumber(found[2])];
  }

  #setNumber(text: string | undefined): number | null {
    if (text === '*') return null;
    if (Number(text) > numberMax) this.fail('form');
    return Number(text);
  }

  #take(pattern: RegExp): string {
    const found = this.match(pattern);
    if (found !== null) return found[0];
    this.fail(/[\x80-\xff]/.test(this.#text[this.#at] ?? '') ? replies.rawOctets : 'form');
    return '';
  }

  #isString(): boolean {
    return this.sees('"') || this.sees('{');
  }

  /** RFC 9051 §4.3. UTF-8 in it is taken from everyone. */
  #quoted(): string {
    const from = this.#at + 1;
    const to = this.#closingQuote(from);
    if (to === null) {
      this.fail('form');
      return '';
    }
    this.#at = to + 1;
    const raw = this.#text.slice(from, to);
    return raw.includes('\\') ? raw.replace(/\\(.)/gs, '$1') : raw;
  }

  /** Null where the line ends before the quotes do, or a backslash stands before what needs none. */
  #closingQuote(from: number): number | null {
    const text = this.#text;
    for (let at = from; at < text.length; at++) {
      const character = text[at];
      if (character === '"') return at;
      if (character === '\r' || character === '\n') return null;
      if (character !== '\\') continue;
      at++;
      if (text[at] !== '"' && text[at] !== '\\') return null;
    }
    return null;
  }

  #literal(): string {
    const bytes = Number(this.match(literals)?.[1] ?? Number.NaN);
    // The stepper has read as many octets as were announced; anything else is text that looks like it.
    if (!(this.#at + bytes <= this.#text.length)) {
      this.fail('form');
      return '';
    }
    this.#at += bytes;
    return this.#text.slice(this.#at - bytes, this.#at);
  }
}
