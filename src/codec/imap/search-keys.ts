/** Words of SEARCH (RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 8514 §4). */
import type { SearchKey } from './command.ts';

const all: SearchKey = { kind: 'all' };

/**
 * Keys without argument that are not about a flag of ours. `\Recent` is not kept (RFC 9051 Appendix E), so no message has it: RECENT
 * and NEW find none, OLD finds all.
 */
export const simpleKeys: ReadonlyMap<string, SearchKey> = new Map<string, SearchKey>([
  ['ALL', all],
  ['OLD', all],
  ['NEW', { kind: 'not', key: all }],
  ['RECENT', { kind: 'not', key: all }],
  ['SAVEDATESUPPORTED', { kind: 'saveDateSupported' }],
]);

export const flagKeys: ReadonlyMap<string, SearchKey> = new Map(
  ['Answered', 'Deleted', 'Draft', 'Flagged', 'Seen'].flatMap((name): [string, SearchKey][] => [
    [name.toUpperCase(), { kind: 'flag', flag: `\\${name}`, has: true }],
    [`UN${name.toUpperCase()}`, { kind: 'flag', flag: `\\${name}`, has: false }],
  ]),
);

/** Keys that look for text in one header field, and its name. */
export const textKeys: ReadonlyMap<string, string> = new Map(
  ['BCC', 'CC', 'FROM', 'SUBJECT', 'TO'].map((word) => [word, word.toLowerCase()]),
);

export const dayOf: ReadonlyMap<string, Pick<Extract<SearchKey, { kind: 'day' }>, 'of' | 'when'>> = new Map([
  ['BEFORE', { of: 'received', when: 'before' }],
  ['ON', { of: 'received', when: 'on' }],
  ['SINCE', { of: 'received', when: 'since' }],
  ['SENTBEFORE', { of: 'sent', when: 'before' }],
  ['SENTON', { of: 'sent', when: 'on' }],
  ['SENTSINCE', { of: 'sent', when: 'since' }],
  ['SAVEDBEFORE', { of: 'saved', when: 'before' }],
  ['SAVEDON', { of: 'saved', when: 'on' }],
  ['SAVEDSINCE', { of: 'saved', when: 'since' }],
]);
