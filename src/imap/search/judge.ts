/** Whether a message is what was looked for: keys against what has been read of it (RFC 9051 §6.4.4). Pure. */
import { numberOf, type SearchKey } from '#/codec/imap/index.ts';
import type { Flag, Uid } from '#/model/index.ts';
import type { FullRow } from '#/ports/index.ts';
import { NO_UIDS, type UidList } from '../uid-list.ts';
import { fold, headerHolds } from './header-text.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What keys that name messages, or look for text, were found to mean. */
export type Found = ReadonlyMap<SearchKey, UidList>;

/** Judges keys of the lowest level, by the UID alone. */
export function judgeUid(key: SearchKey, uid: Uid, found: Found): boolean {
  switch (key.kind) {
    case 'all':
    case 'saveDateSupported':
      return true;
    case 'numbers':
    case 'uids':
    case 'text':
      return numberOf(uid, found.get(key) ?? NO_UIDS) > 0;
    case 'not':
      return !judgeUid(key.key, uid, found);
    case 'or':
      return key.keys.some((inner) => judgeUid(inner, uid, found));
    case 'and':
      return key.keys.every((inner) => judgeUid(inner, uid, found));
    default:
      throw new Error(`A key of ${key.kind} was judged by the UID alone.`);
  }
}

/** Judges by the row, with what the key's level says it needs. `now`: wall-clock ms. */
export function judgeRow(key: SearchKey, row: FullRow, found: Found, now: number): boolean {
  switch (key.kind) {
    case 'flag':
      return hasFlag(row.flags, key.flag) === key.has;
    case 'day':
      return isOnDay(key, row);
    case 'age':
      // RFC 5032 §3: who is exactly so old is both.
      return key.when === 'younger'
        ? now - row.receivedAt <= key.seconds * 1000
        : now - row.receivedAt >= key.seconds * 1000;
    case 'size':
      return key.when === 'larger' ? row.size > key.bytes : row.size < key.bytes;
    case 'modseq':
      return row.modSeq >= key.atLeast;
    case 'emailid':
      return row.emailId === key.id;
    case 'threadid':
      return row.threadId === key.id;
    case 'header':
      return row.head !== null && headerHolds(row.head, key.name, fold(key.text));
    case 'not':
      return !judgeRow(key.key, row, found, now);
    case 'or':
      return key.keys.some((inner) => judgeRow(inner, row, found, now));
    case 'and':
      return key.keys.every((inner) => judgeRow(inner, row, found, now));
    default:
      return judgeUid(key, row.uid, found);
  }
}

/** RFC 9051 §2.3.2: without case. */
function hasFlag(flags: readonly Flag[], wanted: Flag): boolean {
  return flags.some((flag) => flag === wanted || flag.toLowerCase() === wanted.toLowerCase());
}

/** RFC 9051 §6.4.4: days, whatever the time and the zone. INTERNALDATE and SAVEDATE are said in UTC, so their days are those of UTC. */
function isOnDay({ of, when, day }: Extract<SearchKey, { kind: 'day' }>, row: FullRow): boolean {
  const at = { received: row.receivedAt, saved: row.savedAt, sent: sentAsWritten(row) }[of];
  if (at === null) return false;
  if (when === 'before') return at < day;
  return when === 'since' ? at >= day : at >= day && at < day + DAY_MS;
}

/** The Date field's clock as its sender read it, as if it were of UTC. */
function sentAsWritten({ facts }: FullRow): number | null {
  if (facts === null || facts.sentAt === null) return null;
  const zone = /([+-])(\d\d)(\d\d)(?=\s|\(|$)/.exec(facts.envelope.date ?? '');
  if (zone === null) return facts.sentAt;
  const minutes = Number(zone[2]) * 60 + Number(zone[3]);
  return facts.sentAt + (zone[1] === '-' ? -minutes : minutes) * 60_000;
}
