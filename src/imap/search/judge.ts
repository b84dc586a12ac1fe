/** Whether a message is what was looked for: keys against what has been read of it (RFC 9051 §6.4.4). Pure. */
import { numberOf, type SearchKey } from '#/codec/imap/index.ts';
import type { Flag } from '#/model/index.ts';
import type { FullRow } from '#/ports/index.ts';
import { NO_UIDS, type UidList } from '../uid-list.ts';
import { fold, HeaderTexts } from './header-text.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** One search's judgement of messages. */
export class Judge {
  /** What keys that name messages, or look for text, were found to mean. */
  readonly #found: ReadonlyMap<SearchKey, UidList>;
  /** Wall-clock ms. */
  readonly #now: number;
  readonly #texts = new Map<SearchKey, string>();

  constructor(found: ReadonlyMap<SearchKey, UidList>, now: number) {
    this.#found = found;
    this.#now = now;
  }

  /** Whether all keys are true of a message, read as far as their level says. */
  allTrue(keys: readonly SearchKey[], row: FullRow): boolean {
    const header = new HeaderTexts(row.head ?? new Uint8Array(0));
    return keys.every((key) => this.#isTrue(key, row, header));
  }

  #isTrue(key: SearchKey, row: FullRow, header: HeaderTexts): boolean {
    switch (key.kind) {
      case 'all':
      case 'saveDateSupported':
        return true;
      case 'numbers':
      case 'uids':
      case 'text':
        return numberOf(row.uid, this.#found.get(key) ?? NO_UIDS) > 0;
      case 'flag':
        return hasFlag(row.flags, key.flag) === key.has;
      case 'day':
        return isOnDay(key, row);
      case 'age':
        return isOfAge(key, this.#now - row.receivedAt);
      case 'size':
        return key.when === 'larger' ? row.size > key.bytes : row.size < key.bytes;
      case 'modseq':
        return row.modSeq >= key.atLeast;
      case 'emailid':
        return row.emailId === key.id;
      case 'threadid':
        return row.threadId === key.id;
      case 'header':
        return header.holds(
          key.name,
          this.#texts.getOrInsertComputed(key, () => fold(key.text)),
        );
      case 'not':
        return !this.#isTrue(key.key, row, header);
      case 'or':
        return key.keys.some((inner) => this.#isTrue(inner, row, header));
      case 'and':
        return key.keys.every((inner) => this.#isTrue(inner, row, header));
    }
  }
}

/** RFC 9051 §2.3.2: without case. */
function hasFlag(flags: readonly Flag[], wanted: Flag): boolean {
  return flags.some((flag) => flag === wanted || flag.toLowerCase() === wanted.toLowerCase());
}

/** RFC 5032 §3: who is exactly so old is both. */
function isOfAge({ when, seconds }: Extract<SearchKey, { kind: 'age' }>, ageMs: number): boolean {
  return when === 'younger' ? ageMs <= seconds * 1000 : ageMs >= seconds * 1000;
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
