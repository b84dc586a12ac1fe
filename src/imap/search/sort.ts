/** SORT (RFC 5256 §2.2, §3): the order of messages by criteria, and then as they came. */
import type { SortCriterion } from '#/codec/imap/index.ts';
import { baseSubject, type EnvelopeAddress } from '#/codec/mime/index.ts';
import type { Uid } from '#/model/index.ts';
import type { FullRow } from '#/ports/index.ts';
import type { Session } from '../session.ts';
import type { UidList } from '../uid-list.ts';
import { rowsOf } from './find.ts';
import { fold } from './header-text.ts';

type SortKey = number | string;

interface Keyed {
  readonly uid: Uid;
  readonly keys: readonly SortKey[];
}

/** Letters of a text that order it; more only take memory, a hundred thousand times. */
const SORT_TEXT_MAX = 200;

export async function sorted(uids: UidList, asked: readonly SortCriterion[], session: Session): Promise<Uid[]> {
  // What was compared once is alike for ever.
  const criteria = asked.filter(({ by }, place) => asked.findIndex((other) => other.by === by) === place);
  const byRow = criteria.every(({ by }) => by === 'arrival' || by === 'size');
  const messages: Keyed[] = [];
  for await (const row of rowsOf(uids, byRow ? 1 : 2, session)) {
    messages.push({ uid: row.uid, keys: criteria.map(({ by }) => keyOf(by, row)) });
  }
  messages.sort((one, other) => {
    for (const [place, { reverse }] of criteria.entries()) {
      const order = compare(one.keys[place] ?? 0, other.keys[place] ?? 0);
      if (order !== 0) return reverse ? -order : order;
    }
    // RFC 5256 §3: what is alike stays in its order, reversed or not.
    return one.uid - other.uid;
  });
  return messages.map(({ uid }) => uid);
}

function keyOf(by: SortCriterion['by'], row: FullRow): SortKey {
  switch (by) {
    case 'arrival':
      return row.receivedAt;
    case 'size':
      return row.size;
    case 'date':
      return sentAt(row);
    case 'subject':
      return folded(baseSubject(row.facts?.subject ?? '').text);
    default:
      return folded(firstMailbox(row.facts?.envelope[by] ?? []));
  }
}

/** RFC 5256 §2.2: the Date field, or where it can't be read the internal date. */
export function sentAt({ facts, receivedAt }: FullRow): number {
  return facts?.sentAt ?? receivedAt;
}

/** RFC 5256 §3, CC, FROM, TO: the mailbox of the first address; a group's is its name. */
function firstMailbox(addresses: readonly EnvelopeAddress[]): string {
  return addresses[0]?.mailbox ?? '';
}

/** A text as it is compared, cut short. */
export function folded(text: string): string {
  return fold(text.slice(0, SORT_TEXT_MAX));
}

function compare(one: SortKey, other: SortKey): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
