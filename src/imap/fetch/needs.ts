/** What a FETCH needs of each message, told from its items once. */
import type { FetchItem } from '#/codec/imap/index.ts';

export interface Needs {
  readonly facts: boolean;
  readonly head: boolean;
  /** RFC 9051 §6.4.5: what is read and not only looked at is \Seen. */
  readonly seen: boolean;
}

export function needsOf(items: readonly FetchItem[]): Needs {
  return {
    facts: items.some(needsFacts),
    head: items.some(needsHead),
    seen: items.some((item) => (item.kind === 'section' || item.kind === 'binary') && !item.peek),
  };
}

function needsFacts(item: FetchItem): boolean {
  switch (item.kind) {
    case 'envelope':
    case 'body':
    case 'bodystructure':
    case 'preview':
    case 'binary':
    case 'binarysize':
      return true;
    case 'section':
      return item.section.part.length > 0 || item.section.of === 'text';
    default:
      return false;
  }
}

/** The header section of the message itself comes with the row. */
function needsHead(item: FetchItem): boolean {
  if (item.kind !== 'section' || item.section.part.length > 0) return false;
  return item.section.of === 'header' || item.section.of === 'fields' || item.section.of === 'fields-not';
}
