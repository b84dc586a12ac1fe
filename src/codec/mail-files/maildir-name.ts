/** Names of files in a Maildir: `unique,S=octets,W=octets on the wire:2,flags`. */
import type { Flag } from '#/model/index.ts';
import { maildirKeywordsMax } from './limits.ts';

export interface MaildirName {
  /** Names the message for ever; its flags change the rest. */
  readonly base: string;
  readonly letters: string;
  /** Octets of the file, where the name tells. */
  readonly fileBytes: number | null;
  /** Octets with line ends of CRLF, where the name tells. */
  readonly wireBytes: number | null;
}

const LETTERS: readonly (readonly [letter: string, flag: Flag])[] = [
  ['D', '\\Draft'],
  ['F', '\\Flagged'],
  ['P', '$Forwarded'],
  ['R', '\\Answered'],
  ['S', '\\Seen'],
  ['T', '\\Deleted'],
];
const FIRST_KEYWORD = 'a'.charCodeAt(0);
/** Some file systems can't have the colon. */
const info = /[:;!]2,([^:;!]*)$/;

/** The parts of a name. */
export function parseMaildirName(name: string): MaildirName {
  const found = info.exec(name);
  const base = found === null ? name : name.slice(0, found.index);
  return { base, letters: found?.[1] ?? '', fileBytes: sizeIn(base, 'S'), wireBytes: sizeIn(base, 'W') };
}

/** `keywords` by their letters, a first. Letters that mean nothing here are left out. */
export function flagsOfLetters(letters: string, keywords: readonly (string | undefined)[]): readonly Flag[] {
  const named = Array.from(letters).map(
    (letter) => LETTERS.find(([each]) => each === letter)?.[1] ?? keywords[letter.charCodeAt(0) - FIRST_KEYWORD],
  );
  return [...new Set(named.filter((flag) => flag !== undefined))];
}

/** Letters of these flags in their order; `keywords` grows by those that are new. Null where there are too many. */
export function lettersOfFlags(flags: readonly Flag[], keywords: string[]): string | null {
  const letters: string[] = [];
  for (const flag of flags) {
    const system = LETTERS.find(([, each]) => each.toLowerCase() === flag.toLowerCase());
    if (system !== undefined) letters.push(system[0]);
    else if (!keywords.includes(flag)) keywords.push(flag);
    const n = keywords.indexOf(flag);
    if (n >= maildirKeywordsMax) return null;
    if (system === undefined) letters.push(String.fromCharCode(FIRST_KEYWORD + n));
  }
  return letters.sort().join('');
}

/** A name in `cur`. */
export function formatMaildirName({ base, letters }: Pick<MaildirName, 'base' | 'letters'>): string {
  return `${base}:2,${letters}`;
}

function sizeIn(base: string, field: 'S' | 'W'): number | null {
  const digits = new RegExp(`,${field}=(\\d{1,15})(?=,|$)`).exec(base)?.[1];
  return digits === undefined ? null : Number(digits);
}
