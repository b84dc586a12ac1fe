/** Flags as mbox files keep them, in fields of the header that no mail on the wire should have. */
import { type HeaderSection, headerValue } from '#/codec/mime/index.ts';
import type { Flag } from '#/model/index.ts';

/** Fields that belong to the file and not to the mail. */
export const MBOX_FIELDS: ReadonlySet<string> = new Set(
  'status x-status x-keywords x-uid x-imap x-imapbase content-length x-mozilla-status x-mozilla-status2 x-mozilla-keys'.split(
    ' ',
  ),
);

const LETTERS: readonly (readonly [letter: string, flag: Flag])[] = [
  ['R', '\\Seen'],
  ['A', '\\Answered'],
  ['F', '\\Flagged'],
  ['T', '\\Draft'],
  ['D', '\\Deleted'],
];
/** What the bits of Thunderbird's field mean. */
const MOZILLA: readonly (readonly [bit: number, flag: Flag])[] = [
  [0x0001, '\\Seen'],
  [0x0002, '\\Answered'],
  [0x0004, '\\Flagged'],
  [0x0008, '\\Deleted'],
  [0x1000, '$Forwarded'],
];

/** The flags that the letters of Status and X-Status, and the words of X-Keywords, stand for. */
export function flagsOfStatus(status: string, xStatus: string, keywords: string): readonly Flag[] {
  const letters = `${status.replaceAll(/[^R]/g, '')}${xStatus}`;
  const words = keywords.split(/\s+/).filter((word) => word !== '' && !word.startsWith('\\'));
  return [...LETTERS.filter(([letter]) => letters.includes(letter)).map(([, flag]) => flag), ...new Set(words)];
}

/** Status, X-Status and X-Keywords of these flags. */
export function statusOfFlags(flags: readonly Flag[]): readonly [status: string, xStatus: string, keywords: string] {
  const letters = LETTERS.filter(([, flag]) => flags.includes(flag)).map(([letter]) => letter);
  const keywords = flags.filter((flag) => !flag.startsWith('\\'));
  return [letters.includes('R') ? 'RO' : 'O', letters.filter((letter) => letter !== 'R').join(''), keywords.join(' ')];
}

/** The flags that a header section of another program's mbox holds. */
export function flagsOfFields(section: HeaderSection): readonly Flag[] {
  const value = (name: string): string => headerValue(section, name) ?? '';
  const bits = Number.parseInt(value('x-mozilla-status').trim() || '0', 16) || 0;
  const mozilla = MOZILLA.filter(([bit]) => (bits & bit) !== 0).map(([, flag]) => flag);
  const keywords = `${value('x-keywords')} ${value('x-mozilla-keys')}`;
  return [...new Set([...flagsOfStatus(value('status'), value('x-status'), keywords), ...mozilla])];
}
