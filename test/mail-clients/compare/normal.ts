/**
 * What a server said to one step, as a table of facts: two servers say the same when their tables are equal. What may differ between servers
 * that are both right is left out: text for people, order where there is none, numbers that each chooses (UIDVALIDITY, modification sequences,
 * ids). RFC 9051 §7.
 */

import type { Tree } from '../imap-tree.ts';
import type { Said } from '../imap-wire.ts';

/** Facts by what they are about. */
export type Facts = ReadonlyMap<string, string>;

/** Numbers and names that each server chooses. */
const OWN = /^(UIDVALIDITY|HIGHESTMODSEQ|MODSEQ|MAILBOXID|EMAILID|THREADID|SAVEDATE)$/;
/** Codes whose absence or presence says nothing. */
const CODES =
  /^(APPENDUID|COPYUID|UIDVALIDITY|UIDNEXT|UNSEEN|PERMANENTFLAGS|READ-ONLY|READ-WRITE|TRYCREATE|MODIFIED|NOMODSEQ|CLOSED|HIGHESTMODSEQ|BADCHARSET|UIDNOTSTICKY|UNKNOWN-CTE|CANNOT|ALREADYEXISTS|NONEXISTENT|OVERQUOTA)$/;

/** The facts of one answer. */
export function factsOf({ verdict, code, untagged }: Said): Facts {
  const facts = new Map<string, string>([['verdict', verdict]]);
  noteCode(facts, code);
  for (const words of untagged) noteUntagged(facts, words);
  return facts;
}

function noteCode(facts: Map<string, string>, [name, ...rest]: readonly Tree[]): void {
  const word = String(name ?? '').toUpperCase();
  if (!CODES.test(word)) return;
  if (OWN.test(word)) facts.set(word, 'given');
  else if (word === 'APPENDUID' || word === 'COPYUID') facts.set(word, show(rest.slice(1)));
  else facts.set(word, show(word === 'PERMANENTFLAGS' ? sorted(rest[0]) : rest));
}

function noteUntagged(facts: Map<string, string>, words: readonly Tree[]): void {
  const [first = '', second = ''] = words.map((word) => (typeof word === 'string' ? word.toUpperCase() : ''));
  const note = BY_NAME[first];
  if (/^\d+$/.test(first)) noteNumbered(facts, Number(first), second, words[2]);
  else if (/^(OK|NO|BAD)$/.test(first)) noteCode(facts, (words[1] ?? []) as readonly Tree[]);
  else if (note !== undefined) note(facts, words);
  else add(facts, first, '');
}

// A numbered response: EXISTS and EXPUNGE count, FETCH tells.
function noteNumbered(facts: Map<string, string>, number: number, word: string, items: Tree | undefined): void {
  if (word === 'EXISTS') facts.set('EXISTS', String(number));
  else if (word === 'FETCH') noteItems(facts, number, items ?? []);
  // Gone from rev2, and left to the server in rev1.
  else if (word !== 'RECENT') add(facts, word, String(number));
}

function noteItems(facts: Map<string, string>, number: number, items: Tree): void {
  for (let at = 0; at + 1 < items.length; at += 2) {
    const name = String(items[at]).toUpperCase();
    const value = items[at + 1] ?? '';
    facts.set(`${number} ${name}`, OWN.test(name) ? 'given' : itemValue(name, value));
  }
}

function itemValue(name: string, value: Tree): string {
  if (name === 'FLAGS') return show(sorted(value).filter((flag) => flag !== '\\Recent'));
  if (name === 'INTERNALDATE') return String(Date.parse(String(value).slice(1)) / 1_000);
  return show(value);
}

type Note = (facts: Map<string, string>, words: readonly Tree[]) => void;

const noteList: Note = (facts, [kind, attributes = [], separator = '', name = '', ...more]) => {
  facts.set(
    `${String(kind).toUpperCase()} ${text(name)}`,
    show([sorted(attributes).map((word) => word.toLowerCase()), separator, ...more]),
  );
};

const BY_NAME: Readonly<Record<string, Note>> = {
  LIST: noteList,
  LSUB: noteList,
  STATUS: (facts, [, name = '', items = []]) => {
    for (let at = 0; at + 1 < items.length; at += 2) {
      const item = String(items[at]).toUpperCase();
      facts.set(`STATUS ${text(name)} ${item}`, OWN.test(item) ? 'given' : show(items[at + 1] ?? ''));
    }
  },
  SEARCH: (facts, [, ...found]) => {
    const numbers = found.filter((word) => typeof word === 'string').map(Number);
    facts.set('SEARCH', show(numbers.sort((a, b) => a - b).map(String)));
  },
  // The tag that it answers, and the MODSEQ of what was found, are its own.
  ESEARCH: (facts, [, ...rest]) => {
    const words = rest.filter((word) => typeof word === 'string' && word !== 'UID').map(String);
    for (let at = 0; at + 1 < words.length; at += 2) {
      const name = String(words[at]);
      facts.set(`ESEARCH ${name}`, OWN.test(name) ? 'given' : String(words[at + 1]));
    }
  },
  SORT: (facts, [, ...found]) => void facts.set('SORT', show(found)),
  THREAD: (facts, [, ...found]) => void facts.set('THREAD', show(found)),
  VANISHED: (facts, [, ...found]) => void facts.set('VANISHED', show(found)),
  FLAGS: (facts, [, flags = []]) => void facts.set('FLAGS', show(sorted(flags))),
  CAPABILITY: (facts, [, ...words]) => {
    for (const word of words) facts.set(`CAPABILITY ${String(word).toUpperCase()}`, 'yes');
  },
  ENABLED: (facts, [, ...words]) => void facts.set('ENABLED', show(sorted(words))),
  ID: () => undefined,
  BYE: (facts) => void facts.set('BYE', 'yes'),
};

function add(facts: Map<string, string>, key: string, value: string): void {
  facts.set(key, facts.has(key) ? `${facts.get(key)} ${value}` : value);
}

const text = (tree: Tree): string => (typeof tree === 'string' ? tree.replace(/^"/, '') : show(tree));

const sorted = (tree: Tree | undefined): string[] => (typeof tree === 'object' ? tree.map(text).sort() : []);

/** A tree on one line. */
export function show(tree: Tree): string {
  if (typeof tree !== 'string') return `(${tree.map(show).join(' ')})`;
  return tree.startsWith('"') ? JSON.stringify(Buffer.from(tree.slice(1), 'latin1').toString()) : tree;
}
