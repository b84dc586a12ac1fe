/** What the trace, the policy and the desk want to know of a header section; all of it decoded and bounded. */
import type { ContentFacts } from '#/model/index.ts';
import { decodeWords } from './encoded-words.ts';
import { type HeaderSection, headerValue } from './headers.ts';
import { readValueMax, shownValueMax } from './limits.ts';
import { endOfPiece, unquoted, withoutComments } from './pieces.ts';
import { parseSentAt } from './sent-at.ts';

/** An author as the From field shows one (RFC 5322 §3.4). */
export interface ShownAddress {
  /** As it stands, unchecked; empty where there is none. */
  readonly address: string;
  /** Display name, decoded; empty where there is none. */
  readonly display: string;
}

/** The values that trace shows; empty strings where the mail has none. */
export function contentFacts(section: HeaderSection): ContentFacts {
  return {
    from: shown(firstFrom(section)?.address ?? ''),
    subject: shown(decodeWords(read(section, 'subject') ?? '')),
    messageId: shown(/<[^<>\s]+>/.exec(read(section, 'message-id') ?? '')?.[0] ?? ''),
  };
}

/** The first author; null without a From field. */
export function firstFrom(section: HeaderSection): ShownAddress | null {
  const value = read(section, 'from');
  return value === null ? null : firstAddress(value);
}

/** When the author says the message was written, in wall-clock ms; null where it can't be read (RFC 5322 §3.6.1). */
export function dateOf(section: HeaderSection): number | null {
  return parseSentAt(read(section, 'date') ?? '');
}

/** The first value of a name, as much of it as is worth reading. */
function read(section: HeaderSection, name: string): string | null {
  return headerValue(section, name)?.slice(0, readValueMax) ?? null;
}

/** Walks a list of addresses to the end of its first: quoted strings, comments and angle brackets known, groups entered. */
function firstAddress(value: string): ShownAddress {
  let address = '';
  let bare = '';
  for (let at = 0, end = 0; at < value.length && value[at] !== ',' && value[at] !== ';'; at = end) {
    const mark = value[at];
    end = endOfPiece(value, at);
    if (mark === '<') address ||= withoutComments(value.slice(at + 1, end).replace(/>$/, ''));
    else if (mark === ':' && !bare.includes('@')) bare = '';
    else if (mark !== '(') bare += value.slice(at, end);
  }
  if (address === '') return { address: shown(bare), display: '' };
  return { address: shown(address), display: shown(decodeWords(unquoted(bare.trim()))) };
}

/** Bounded, on one line, without half letters at the cut. */
export function shown(text: string): string {
  const oneLine = text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').trim();
  return oneLine.length <= shownValueMax ? oneLine.toWellFormed() : oneLine.slice(0, shownValueMax).toWellFormed();
}
