/**
 * Which messages a search finds, of those that the client knows (RFC 9051 §6.4.4). Keys narrow one after the other: sets and texts, which the
 * store finds by its index, then what is in the rows, then what has to be read of each. All of them, or a failure (O4).
 */
import type { SearchKey } from '#/codec/imap/index.ts';
import { headerBytesMax, phraseOf } from '#/codec/mime/index.ts';
import type { FullRow } from '#/ports/index.ts';
import { named } from '../named.ts';
import { pagesOf } from '../pages.ts';
import type { Session } from '../session.ts';
import { NO_UIDS, type UidList } from '../uid-list.ts';
import { Judge } from './judge.ts';
import { conjuncts, holds, LEVELS, type Level, levelOf } from './level.ts';
import { maskOf } from './mask.ts';

/** UIDs, rising. `no words`: a text without a letter or digit, which an index of words can't answer. */
export async function find(key: SearchKey, session: Session): Promise<UidList | 'no words'> {
  if (holds(key, isWordless)) return 'no words';
  const keys = conjuncts(key);
  let uids = session.mailbox.uids;
  for (const level of LEVELS) {
    const asked = keys.filter((one) => levelOf(one) === level);
    if (asked.length === 0) continue;
    if (uids.length === 0) return NO_UIDS;
    uids = await narrowed(uids, level, asked, session);
  }
  return uids;
}

function isWordless(key: SearchKey): boolean {
  return key.kind === 'text' && key.text !== '' && phraseOf(key.text).length === 0;
}

async function narrowed(uids: UidList, level: Level, keys: readonly SearchKey[], session: Session): Promise<UidList> {
  const found = new Map<SearchKey, UidList>();
  for (const key of keys) await lookUp(key, found, session);
  if (level === 0) {
    const mask = maskOf({ kind: 'and', keys }, uids, found);
    return uids.filter((_uid, at) => mask[at] === 1);
  }
  const kept = new Uint32Array(uids.length);
  const judge = new Judge(found, session.world.clock.now());
  let count = 0;
  for await (const row of rowsOf(uids, level, session)) {
    if (!judge.allTrue(keys, row)) continue;
    kept[count] = row.uid;
    count += 1;
  }
  return kept.slice(0, count);
}

/** Finds what a set names and what a text is in, for each key in it. */
async function lookUp(key: SearchKey, found: Map<SearchKey, UidList>, session: Session): Promise<void> {
  const { mailbox } = session;
  switch (key.kind) {
    case 'numbers':
    case 'uids':
      found.set(key, named(key.set, key.kind === 'uids' ? 'uid' : 'number', mailbox.uids, mailbox.saved));
      break;
    case 'text':
      found.set(key, key.text === '' ? mailbox.uids : await holding(key, session));
      break;
    case 'not':
      await lookUp(key.key, found, session);
      break;
    case 'and':
    case 'or':
      for (const inner of key.keys) await lookUp(inner, found, session);
      break;
    default:
      break;
  }
}

async function holding(key: Extract<SearchKey, { kind: 'text' }>, session: Session): Promise<UidList> {
  const { mailbox, world, account } = session;
  const phrase = phraseOf(key.text);
  return Uint32Array.from(await world.mailboxes.holding(account, mailbox.id, phrase, key.of, session.call()));
}

/** The rows of these UIDs with what the level needs, a page at a time. */
export async function* rowsOf(uids: UidList, level: Level, session: Session): AsyncGenerator<FullRow> {
  const { mailbox, world, account } = session;
  const { rowsMax, factsMax } = world.settings.limits;
  // What needs the header section may have a key beside it, in an OR, that needs the facts.
  const parts = { facts: level >= 2, head: level === 3 };
  for (const page of pagesOf(uids, level === 1 ? rowsMax : factsMax)) {
    const rows = await world.mailboxes.rows(account, mailbox.id, page, parts, session.call());
    for (const row of rows) yield row.headBytes === null || row.head !== null ? row : await withHead(row, session);
  }
}

/** A header section that is too large for a row, as much of it as is looked at anyway. */
async function withHead(row: FullRow, session: Session): Promise<FullRow> {
  const bytes = Math.min(row.headBytes ?? 0, headerBytesMax);
  const head = await session.world.mailboxes.octets(session.account, row.emailId, 0, bytes, session.call());
  return { ...row, head };
}
