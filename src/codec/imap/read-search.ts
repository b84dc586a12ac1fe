/** SEARCH, SORT and THREAD (RFC 9051 §6.4.4, RFC 5256 §3, RFC 4731 §3, RFC 5182). */
import type { Command, SearchKey, SearchReturn, SortCriterion } from './command.ts';
import { depthMax, searchKeysMax } from './limits.ts';
import type { Reader } from './reader.ts';
import * as replies from './replies.ts';
import { decodeSearchText, knownCharset, searchCharsets } from './search-charset.ts';
import { dayOf, flagKeys, simpleKeys, textKeys } from './search-keys.ts';

const returnFollows = /RETURN +(?=\()/iy;
const charsetFollows = /CHARSET +/iy;
const setFollows = /(?=[\d*$])/y;
const moreFollows = / +(?=[^ ])/y;
const parts = { BODY: 'body', TEXT: 'text' } as const;
const sortBy: readonly SortCriterion['by'][] = ['arrival', 'cc', 'date', 'from', 'size', 'subject', 'to'];

export function readSearch(r: Reader, uid: boolean): Command {
  r.space();
  const returns = readReturn(r);
  const charset = r.match(charsetFollows) === null ? null : readCharset(r);
  if (charset !== null) r.space();
  return { name: 'SEARCH', uid, returns, charset, key: new KeyReader(r, charset ?? 'UTF-8').keys() };
}

export function readSort(r: Reader, uid: boolean): Command {
  r.space();
  const returns = readReturn(r);
  const criteria = r.list(() => readCriterion(r));
  r.space();
  const charset = readCharset(r);
  r.space();
  return { name: 'SORT', uid, returns, criteria, charset, key: new KeyReader(r, charset).keys() };
}

export function readThread(r: Reader, uid: boolean): Command {
  r.space();
  const word = r.word();
  if (word !== 'REFERENCES' && word !== 'ORDEREDSUBJECT') r.fail(replies.unknownWord(word));
  const algorithm = word === 'REFERENCES' ? word : 'ORDEREDSUBJECT';
  r.space();
  const charset = readCharset(r);
  r.space();
  return { name: 'THREAD', uid, algorithm, charset, key: new KeyReader(r, charset).keys() };
}

function readCriterion(r: Reader): SortCriterion {
  const first = r.word();
  const reverse = first === 'REVERSE';
  if (reverse) r.space();
  const word = reverse ? r.word() : first;
  const by = sortBy.find((known) => known.toUpperCase() === word);
  if (by === undefined) r.fail(replies.unknownWord(word));
  return { by: by ?? 'arrival', reverse };
}

function readReturn(r: Reader): SearchReturn | null {
  if (r.match(returnFollows) === null) return null;
  const returns = { min: false, max: false, all: false, count: false, save: false };
  const options = r.list(() => {
    const word = r.word();
    const option = word.toLowerCase();
    if (Object.hasOwn(returns, option)) returns[option as keyof SearchReturn] = true;
    else r.fail(replies.unknownWord(word));
  }, 0);
  r.space();
  // RFC 4731 §3.1: an empty list asks for all.
  return options.length === 0 ? { ...returns, all: true } : returns;
}

/** Departs from RFC 6855 §3, which refuses CHARSET once UTF-8 is enabled: what it says is clear all the same (M1). */
function readCharset(r: Reader): string {
  const name = r.astring();
  const charset = knownCharset(name);
  if (charset === null) r.fail(replies.unknownCharset(searchCharsets));
  return charset ?? 'UTF-8';
}

class KeyReader {
  readonly #r: Reader;
  readonly #charset: string;
  #count = 0;

  constructor(r: Reader, charset: string) {
    this.#r = r;
    this.#charset = charset;
  }

  /** All keys up to the end, or to the parenthesis that closes them; several are one that wants all of them. */
  keys(depth = 0): SearchKey {
    const keys: SearchKey[] = [];
    do keys.push(this.#key(depth));
    while (this.#r.match(moreFollows) !== null);
    const [only] = keys;
    return only !== undefined && keys.length === 1 ? only : { kind: 'and', keys };
  }

  #key(depth: number): SearchKey {
    const r = this.#r;
    if (depth > depthMax) r.fail(replies.tooDeep);
    if (++this.#count > searchKeysMax) r.fail(replies.tooManyKeys);
    if (r.takes('(')) {
      const key = this.keys(depth + 1);
      r.expect(')');
      return key;
    }
    if (r.match(setFollows) !== null) return { kind: 'numbers', set: r.set() };
    return this.#named(r.word(), depth);
  }

  #named(word: string, depth: number): SearchKey {
    const simple = simpleKeys.get(word) ?? flagKeys.get(word);
    if (simple !== undefined) return simple;
    if (word === 'NOT') return { kind: 'not', key: this.#next(depth) };
    if (word === 'OR') return { kind: 'or', keys: [this.#next(depth), this.#next(depth)] };
    const header = textKeys.get(word);
    if (header !== undefined) return { kind: 'header', name: header, text: this.#text() };
    return this.#withArgument(word);
  }

  #next(depth: number): SearchKey {
    this.#r.space();
    return this.#key(depth + 1);
  }

  #withArgument(word: string): SearchKey {
    const r = this.#r;
    const day = dayOf.get(word);
    if (day !== undefined) return { kind: 'day', ...day, day: r.spaced(() => r.day()) };
    switch (word) {
      case 'UID':
        return { kind: 'uids', set: r.spaced(() => r.set()) };
      case 'KEYWORD':
      case 'UNKEYWORD':
        return { kind: 'flag', flag: r.spaced(() => r.atom()), has: word === 'KEYWORD' };
      case 'HEADER':
        return { kind: 'header', name: r.spaced(() => r.text()).toLowerCase(), text: this.#text() };
      case 'BODY':
      case 'TEXT':
        return { kind: 'text', of: parts[word], text: this.#text() };
      case 'LARGER':
      case 'SMALLER':
        return {
          kind: 'size',
          when: word === 'LARGER' ? 'larger' : 'smaller',
          bytes: r.spaced(() => r.number(0, Number.MAX_SAFE_INTEGER)),
        };
      case 'OLDER':
      case 'YOUNGER':
        return {
          kind: 'age',
          when: word === 'OLDER' ? 'older' : 'younger',
          seconds: r.spaced(() => r.number(1)),
        };
      case 'EMAILID':
      case 'THREADID':
        return { kind: word === 'EMAILID' ? 'emailid' : 'threadid', id: r.spaced(() => r.atom()) };
      case 'MODSEQ':
        return { kind: 'modseq', atLeast: r.spaced(() => this.#modSeq()) };
      default:
        r.fail(word === '' ? 'form' : replies.unknownWord(word));
        return { kind: 'all' };
    }
  }

  /** RFC 7162 §3.1.5: a name and a type of what has the sequence may stand before it; ours is the message's. */
  #modSeq(): number {
    const r = this.#r;
    if (r.sees('"')) {
      r.string();
      r.space();
      r.atom();
      r.space();
    }
    return r.modSeq();
  }

  #text(): string {
    const r = this.#r;
    const text = decodeSearchText(
      r.spaced(() => r.astring()),
      this.#charset,
    );
    if (text === null) r.fail(this.#charset === 'UTF-8' ? replies.notUtf8 : replies.badCharsetText);
    return text ?? '';
  }
}
