/**
 * FETCH (RFC 9051 §6.4.5), with CHANGEDSINCE and VANISHED (RFC 7162 §3.1.4, §3.2.6). Messages are read a page at a time and said as the client
 * takes them. Either all that live are said, or the command fails (O4).
 */
import { type Command, type FetchItem, formatVanished } from '#/codec/imap/index.ts';
import type { Uid } from '#/model/index.ts';
import type { Changes, FullRow, Since } from '#/ports/index.ts';
import * as answers from '../answers.ts';
import { sayFetched } from '../fetch/answer.ts';
import { type Needs, needsOf } from '../fetch/needs.ts';
import { named } from '../named.ts';
import { pagesOf } from '../pages.ts';
import type { Session } from '../session.ts';
import { common, type UidList } from '../uid-list.ts';
import { namedBy, namesNobody } from './change.ts';
import { turnOnCondstore } from './session.ts';
import type { Verb } from './verb.ts';

type Fetch = Extract<Command, { name: 'FETCH' }>;

export const fetch: Verb<'FETCH'> = async (command, session) => {
  const { mailbox } = session;
  if (namesNobody(command, mailbox)) return answers.numberTooHigh;
  if (command.changedSince !== null || command.items.some(({ kind }) => kind === 'modseq')) turnOnCondstore(session);
  const items = completed(command);
  const needs = needsOf(items);
  const uids = await changedOf(namedBy(command, mailbox), command, session);
  if (uids === null) return answers.mailboxGone;
  let [gone, unknownEncoding] = [0, false];
  for await (const { asked, rows } of readAhead(uids, needs, session)) {
    gone += asked - rows.length;
    for (const { row, items: more } of withFlags(rows, items, await markSeen(rows, needs, session), session)) {
      const spoken = await sayFetched(mailbox.numberOf(row.uid), row, more, session);
      if (spoken === 'unknown encoding') unknownEncoding = true;
      if (session.output.isFull) await session.output.room();
    }
    await session.output.room();
  }
  if (unknownEncoding) return answers.unknownEncoding;
  return gone > 0 && !command.uid ? answers.someGone : answers.done;
};

/** UID FETCH says the UID (RFC 9051 §6.4.9), CHANGEDSINCE the MODSEQ (RFC 7162 §3.1.4.1). */
function completed(command: Fetch): readonly FetchItem[] {
  const items = [...command.items];
  const add = (kind: 'uid' | 'modseq'): void => {
    if (!items.some((item) => item.kind === kind)) items.unshift({ kind });
  };
  if (command.changedSince !== null) add('modseq');
  if (command.uid) add('uid');
  return items;
}

/** Those of `uids` that have changed since; and what has vanished is said. Null: the mailbox is gone. */
async function changedOf(uids: UidList, command: Fetch, session: Session): Promise<UidList | null> {
  if (command.changedSince === null) return uids;
  const { mailbox, world, account } = session;
  const changed: Uid[] = [];
  for (let since: Since | null = { modSeq: command.changedSince }; since !== null; ) {
    const changes: Changes | null = await world.mailboxes.changes(account, mailbox.id, since, session.call());
    if (changes === null) return null;
    if (command.vanished) sayVanished(command, changes.vanished, session);
    for (const { uid } of changes.changed) changed.push(uid);
    since = changes.next;
  }
  return common(uids, Uint32Array.from(changed));
}

/** RFC 7162 §3.2.6: of the UIDs that the client asked about, those that it does not know as living. */
function sayVanished({ set }: Fetch, vanished: UidList, { mailbox, output }: Session): void {
  const asked = named(set, 'uid', vanished).filter((uid) => mailbox.numberOf(uid) === 0);
  if (asked.length > 0) output.say(formatVanished(asked, true));
}

/** Pages of rows; while one is said the next is read, unless the one is so large that two would be too much. */
async function* readAhead(
  uids: UidList,
  needs: Needs,
  session: Session,
): AsyncGenerator<{ readonly asked: number; readonly rows: readonly FullRow[] }> {
  const { factsMax, headsMax, aheadBytesMax, rowsMax } = session.world.settings.limits;
  const pages = pagesOf(uids, needs.facts ? factsMax : needs.head ? headsMax : rowsMax);
  const read = () => {
    const { value: page } = pages.next();
    if (page === undefined) return null;
    const rows = readRows(page, needs, session);
    // Whoever ends before it was read has not failed by it.
    rows.catch(() => {});
    return { asked: page.length, rows };
  };
  for (let page = read(); page !== null; ) {
    const rows = await page.rows;
    const bytes = rows.reduce((sum, { head }) => sum + (head?.length ?? 0), 0);
    const ahead = bytes <= aheadBytesMax ? read() : null;
    yield { asked: page.asked, rows };
    page = ahead ?? read();
  }
}

async function readRows(uids: readonly Uid[], needs: Needs, session: Session): Promise<readonly FullRow[]> {
  const { mailbox, world, account } = session;
  const parts = { facts: needs.facts, head: needs.head };
  return world.mailboxes.rows(account, mailbox.id, uids, parts, session.call());
}

/** Marks as \Seen what is about to be read. Rows as they are then, by UID; only those that changed. */
async function markSeen(
  rows: readonly FullRow[],
  needs: Needs,
  session: Session,
): Promise<ReadonlyMap<Uid, Pick<FullRow, 'flags' | 'modSeq'>>> {
  const { mailbox, world, account } = session;
  const unseen = rows.filter(({ flags }) => !flags.includes('\\Seen')).map(({ uid }) => uid);
  if (!needs.seen || mailbox.readOnly || unseen.length === 0) return new Map();
  const change = { how: 'add', flags: ['\\Seen'], unchangedSince: null } as const;
  const marked = await world.mailboxes.flag(account, mailbox.id, unseen, change, session.call());
  mailbox.tells(marked.modSeq);
  return new Map(marked.rows.map((row) => [row.uid, row]));
}

/** RFC 9051 §6.4.5: a flag that changes by reading is said with what was read, with CONDSTORE its MODSEQ too (RFC 7162 §3.1.4.2). */
function* withFlags(
  rows: readonly FullRow[],
  items: readonly FetchItem[],
  marked: ReadonlyMap<Uid, Pick<FullRow, 'flags' | 'modSeq'>>,
  { condstore }: Session,
): Generator<{ readonly row: FullRow; readonly items: readonly FetchItem[] }> {
  const kinds: readonly FetchItem['kind'][] = items.map(({ kind }) => kind);
  const told = (['flags', ...(condstore ? ['modseq' as const] : [])] as const).filter((kind) => !kinds.includes(kind));
  for (const row of rows) {
    const now = marked.get(row.uid);
    if (now === undefined) yield { row, items };
    else {
      const { flags, modSeq } = now;
      yield { row: { ...row, flags, modSeq }, items: [...items, ...told.map((kind) => ({ kind }))] };
    }
  }
}
