/** SEARCH, SORT and THREAD (RFC 9051 §6.4.4, RFC 5256, RFC 4731, RFC 5182, RFC 7162 §3.1.5). */
import {
  type Command,
  type ExtendedFound,
  formatExtendedFound,
  formatFound,
  formatThreads,
  type Reply,
  type SearchKey,
  type SearchReturn,
} from '#/codec/imap/index.ts';
import { baseSubject } from '#/codec/mime/index.ts';
import type { ModSeq, Uid } from '#/model/index.ts';
import * as answers from '../answers.ts';
import { find, rowsOf } from '../search/find.ts';
import { holds } from '../search/level.ts';
import { folded, sentAt, sorted } from '../search/sort.ts';
import { threads } from '../search/thread.ts';
import type { Threaded } from '../search/threaded.ts';
import type { Session } from '../session.ts';
import { NO_UIDS, type UidList } from '../uid-list.ts';
import { turnOnCondstore } from './session.ts';
import type { Verb } from './verb.ts';

export const search: Verb<'SEARCH'> = (command, session, tag) =>
  inTurn(command.key, command.returns, session, async (uids) => {
    await sayFound(command, uids, session, tag);
  });

export const sort: Verb<'SORT'> = (command, session, tag) =>
  inTurn(command.key, command.returns, session, async (uids) => {
    await sayFound(command, await sorted(uids, command.criteria, session), session, tag);
  });

export const thread: Verb<'THREAD'> = (command, session) =>
  inTurn(command.key, null, session, async (uids) => {
    const messages = await threaded(uids, command.uid, session);
    session.output.say(formatThreads(threads(messages, command.algorithm)));
  });

/** Searches when it is its turn, and says what comes of it. */
function inTurn(
  key: SearchKey,
  returns: SearchReturn | null,
  session: Session,
  say: (uids: UidList) => Promise<void>,
): Promise<Reply> {
  if (asksModSeq(key)) turnOnCondstore(session);
  const { mailbox, world } = session;
  return world.searches.through(async () => {
    const saves = returns?.save === true;
    try {
      const uids = await find(key, session);
      if (uids === 'no words') return answers.noWords;
      await say(uids);
      if (saves) mailbox.saved = savedOf(uids, returns);
      return answers.done;
    } catch (fault) {
      // RFC 5182 §2.1: a search that fails leaves nothing saved.
      if (saves) mailbox.saved = NO_UIDS;
      throw fault;
    }
  }, session.call());
}

/** RFC 5182 §2.4: with MIN or MAX alone, only those are saved. */
function savedOf(uids: UidList, { min, max, all, count }: SearchReturn): UidList {
  if (all || count || !(min || max)) return uids;
  return Uint32Array.from(new Set([...(min ? uids.subarray(0, 1) : []), ...(max ? uids.subarray(-1) : [])]));
}

function asksModSeq(key: SearchKey): boolean {
  return holds(key, ({ kind }) => kind === 'modseq');
}

const EVERYTHING: SearchReturn = { min: false, max: false, all: true, count: false, save: false };

/** Says what was found. `uids` of SORT are in its order. */
async function sayFound(
  command: Extract<Command, { name: 'SEARCH' | 'SORT' }>,
  uids: UidList | readonly Uid[],
  session: Session,
  tag: string,
): Promise<void> {
  const { mailbox, output, rev2 } = session;
  const { key, uid, name } = command;
  const named = uid ? uids : Array.from(uids, (one) => mailbox.numberOf(one));
  // RFC 9051 Appendix E: in IMAP4rev2, SEARCH is answered by ESEARCH alone.
  const wanted = command.returns ?? (rev2 && name === 'SEARCH' ? EVERYTHING : null);
  if (wanted === null) output.say(formatFound(name, named, await highest(key, uids, session)));
  else if (wanted.min || wanted.max || wanted.all || wanted.count) {
    const modSeq = await highest(key, told(uids, wanted), session);
    output.say(formatExtendedFound(tag, extended(uid, named, wanted, modSeq)));
  }
}

/** RFC 7162 §3.1.5: MODSEQ is about the messages that the answer tells of: with MIN or MAX alone, those. */
function told(uids: UidList | readonly Uid[], { min, max, all, count }: SearchReturn): readonly Uid[] {
  if (all || count) return [...uids];
  return [...(min ? uids.slice(0, 1) : []), ...(max ? uids.slice(-1) : [])];
}

function extended(
  uid: boolean,
  named: UidList | readonly number[],
  wanted: SearchReturn,
  modSeq: ModSeq | null,
): ExtendedFound {
  const [first, last] = [named.at(0), named.at(-1)];
  return {
    uid,
    ...(wanted.min && first !== undefined ? { min: first } : {}),
    ...(wanted.max && last !== undefined ? { max: last } : {}),
    ...(wanted.count ? { count: named.length } : {}),
    ...(wanted.all ? { all: named } : {}),
    ...(modSeq === null ? {} : { modSeq }),
  };
}

/** The highest modification sequence of these, where the search asked by it. */
async function highest(key: SearchKey, uids: UidList | readonly Uid[], session: Session): Promise<ModSeq | null> {
  if (!asksModSeq(key) || uids.length === 0) return null;
  let found = 0;
  for await (const { modSeq } of rowsOf(Uint32Array.from(uids).sort(), 1, session)) found = Math.max(found, modSeq);
  return found === 0 ? null : found;
}

async function threaded(uids: UidList, byUid: boolean, session: Session): Promise<readonly Threaded[]> {
  const messages: Threaded[] = [];
  for await (const row of rowsOf(uids, 2, session)) {
    const { text, isReply } = baseSubject(row.facts?.subject ?? '');
    messages.push({
      number: byUid ? row.uid : session.mailbox.numberOf(row.uid),
      sentAt: sentAt(row),
      subject: folded(text),
      isReply,
      messageId: row.facts?.messageId ?? null,
      references: row.facts?.references ?? [],
    });
  }
  return messages;
}
