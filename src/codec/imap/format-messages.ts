/** Answers about messages, and response codes that name some (RFC 9051 §7.1, §7.3, §7.5; RFC 5256 §4; RFC 7162 §3.2.10). */
import type { Flag, ModSeq, Uid } from '#/model/index.ts';
import { formatString } from './format-text.ts';
import { formatUids } from './sets.ts';

/** One line of FETCH: its items from `fetchItems`, in any order. A client gets octets between them: then write the line piece by piece. */
export function formatFetch(number: number, items: readonly string[]): string {
  return `* ${number} FETCH (${items.join(' ')})\r\n`;
}

export function formatExpunge(number: number): string {
  return `* ${number} EXPUNGE\r\n`;
}

/** RFC 7162 §3.2.10. `earlier`: in answer to a question about the past. */
export function formatVanished(uids: Uint32Array | readonly Uid[], earlier: boolean): string {
  return `* VANISHED ${earlier ? '(EARLIER) ' : ''}${formatUids(uids)}\r\n`;
}

/** SEARCH and SORT of old (RFC 3501 §7.2.5, RFC 5256 §4). With a modification sequence where one was asked about (RFC 7162 §3.1.5). */
export function formatFound(
  as: 'SEARCH' | 'SORT',
  found: Uint32Array | readonly number[],
  modSeq: ModSeq | null,
): string {
  const numbers = found.length === 0 ? '' : ` ${found.join(' ')}`;
  return `* ${as}${numbers}${modSeq === null ? '' : ` (MODSEQ ${modSeq})`}\r\n`;
}

/** RFC 9051 §7.3.4. What is undefined was not asked for, or isn't there. */
export interface ExtendedFound {
  readonly uid: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly count?: number;
  /** Empty: nothing was found, and nothing is said (RFC 4731 §3.1). In SORT, in its order. */
  readonly all?: Uint32Array | readonly number[];
  readonly modSeq?: ModSeq;
}

export function formatExtendedFound(tag: string, found: ExtendedFound): string {
  const { uid, min, max, count, all, modSeq } = found;
  const said = [
    ['MIN', min],
    ['MAX', max],
    ['COUNT', count],
    ['ALL', all === undefined || all.length === 0 ? undefined : formatUids(all)],
    ['MODSEQ', modSeq],
  ].map(([word, value]) => (value === undefined ? '' : ` ${word} ${value}`));
  return `* ESEARCH (TAG ${formatString(tag, false)})${uid ? ' UID' : ''}${said.join('')}\r\n`;
}

/** A message and what answers it; null where a conversation has lost the message that it began with (RFC 5256 §4). */
export interface ThreadNode {
  readonly number: number | null;
  readonly children: readonly ThreadNode[];
}

/** Conversations go as deep as people answer each other, so nothing here calls itself. */
export function formatThreads(threads: readonly ThreadNode[]): string {
  const written: string[] = [];
  const waiting: (ThreadNode | ')')[] = threads.toReversed();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === ')') {
      written.push(')');
      continue;
    }
    const { numbers, branches } = chainOf(next);
    if (numbers.length === 0 && branches.length === 0) continue;
    written.push(`(${numbers.join(' ')}${numbers.length > 0 && branches.length > 0 ? ' ' : ''}`);
    waiting.push(')', ...branches.toReversed());
  }
  return `* THREAD${written.length === 0 ? '' : ' '}${written.join('')}\r\n`;
}

/** Messages of which each has one answer, and the answers to the last one. */
function chainOf(begin: ThreadNode): { readonly numbers: number[]; readonly branches: readonly ThreadNode[] } {
  const numbers: number[] = [];
  let node = begin;
  for (;;) {
    if (node.number !== null) numbers.push(node.number);
    const [only] = node.children;
    if (only === undefined || node.children.length > 1) return { numbers, branches: node.children };
    node = only;
  }
}

/** RFC 9051 §7.1: APPENDUID. */
export function appendUid(uidValidity: number, uids: readonly Uid[]): string {
  return `APPENDUID ${uidValidity} ${formatUids(uids)}`;
}

/** RFC 9051 §7.1: COPYUID; the UIDs of source and target one beside the other. */
export function copyUid(uidValidity: number, from: readonly Uid[], to: readonly Uid[]): string {
  return `COPYUID ${uidValidity} ${formatUids(from)} ${formatUids(to)}`;
}

/** RFC 7162 §3.1.3: MODIFIED. */
export function modified(messages: Uint32Array | readonly number[]): string {
  return `MODIFIED ${formatUids(messages)}`;
}

/** RFC 9051 §7.1: PERMANENTFLAGS; `more`: keywords can be made. */
export function permanentFlags(flags: readonly Flag[], more: boolean): string {
  return `PERMANENTFLAGS (${[...flags, ...(more ? ['\\*'] : [])].join(' ')})`;
}
