/** STORE, COPY, MOVE, EXPUNGE (RFC 9051 §6.4.3, §6.4.6 to §6.4.9; RFC 4315; RFC 6851; RFC 7162 §3.1.3). */
import { type Command, copyUid, modified as modifiedCode, namesAbsent, type Reply, reply } from '#/codec/imap/index.ts';
import type { Flag, Uid } from '#/model/index.ts';
import type { FlagChange, Flagged } from '#/ports/index.ts';
import * as answers from '../answers.ts';
import { named } from '../named.ts';
import { pagesWithRests, type Rests } from '../pages.ts';
import type { Selected } from '../selected.ts';
import type { Session } from '../session.ts';
import { NO_UIDS, type UidList } from '../uid-list.ts';
import { turnOnCondstore } from './session.ts';
import type { Verb } from './verb.ts';

type Store = Extract<Command, { name: 'STORE' }>;

/** The messages that a command names. */
export function namedBy(command: { readonly set: Store['set']; readonly uid: boolean }, mailbox: Selected): UidList {
  return named(command.set, command.uid ? 'uid' : 'number', mailbox.uids, mailbox.saved);
}

/** RFC 9051 §9, seq-number: a number that no message has is a mistake. `*` in an empty mailbox is none to us: clients ask for `1:*` everywhere. */
export function namesNobody(
  { set, uid }: { readonly set: Store['set']; readonly uid: boolean },
  { exists }: Selected,
): boolean {
  return !uid && exists > 0 && namesAbsent(set, exists);
}

export const store: Verb<'STORE'> = async (command, session) => {
  const { mailbox, world } = session;
  if (namesNobody(command, mailbox)) return answers.numberTooHigh;
  if (mailbox.readOnly) return answers.readOnly;
  if (command.unchangedSince !== null) turnOnCondstore(session);
  const uids = namedBy(command, mailbox);
  const modified: Uid[] = [];
  const refused = new Set<Flag>();
  let changed = 0;
  for await (const page of pagesWithRests(uids, world.settings.limits.changedMax, restsOf(session))) {
    const { how, flags, unchangedSince } = command;
    const change = { how, flags, unchangedSince };
    const outcome = command.silent
      ? await storeSilently(page, change, session)
      : { ...(await storeOnce(page, change, session)), untold: 0 };
    mailbox.tells(outcome.modSeq);
    modified.push(...outcome.modified);
    changed += outcome.rows.length + outcome.modified.length + outcome.untold;
    for (const flag of outcome.refused) refused.add(flag);
    for (const row of outcome.rows) {
      // RFC 7162 §3.1.3: with CONDSTORE even a silent one says MODSEQ.
      mailbox.sayFlags(row, { uid: command.uid, flags: !command.silent });
      await session.output.room();
    }
  }
  return storeReply(command, { modified, refused, gone: uids.length - changed }, session);
};

interface Stored extends Flagged {
  /** Messages that were changed too, and that the client is to hear of with what others have done to them. */
  readonly untold: number;
}

function storeOnce(uids: readonly Uid[], change: FlagChange, session: Session): Promise<Flagged> {
  return session.world.mailboxes.flag(session.account, session.mailbox.id, uids, change, session.call());
}

/**
 * RFC 9051 §6.4.6: silence is about what the client does itself. What others have changed and it has not heard of is told with it, so those
 * messages are changed apart.
 */
async function storeSilently(uids: readonly Uid[], change: FlagChange, session: Session): Promise<Stored> {
  if (change.unchangedSince !== null) return { ...(await storeOnce(uids, change, session)), untold: 0 };
  const known = await storeOnce(uids, { ...change, unchangedSince: session.mailbox.modSeq }, session);
  if (known.modified.length === 0) return { ...known, untold: 0 };
  const others = await storeOnce(known.modified, change, session);
  return {
    rows: known.rows,
    modified: [],
    refused: [...known.refused, ...others.refused],
    modSeq: known.modSeq,
    untold: others.rows.length,
  };
}

function storeReply(
  command: Store,
  { modified, refused, gone }: { modified: readonly Uid[]; refused: ReadonlySet<Flag>; gone: number },
  session: Session,
): Reply {
  if (modified.length > 0) {
    const names = command.uid ? modified : modified.map((uid) => session.mailbox.numberOf(uid));
    return reply('OK', modifiedCode(names), 'Some had changed and were left as they are');
  }
  if (refused.size > 0)
    return reply('NO', 'LIMIT', `The mailbox has too many keywords; these were left out: ${[...refused].join(' ')}`);
  // RFC 9051 §7.1, EXPUNGEISSUED: who named numbers believes that these are there still.
  return gone > 0 && !command.uid ? answers.someGone : answers.done;
}

export const copy: Verb<'COPY' | 'MOVE'> = async (command, session) => {
  const { mailbox, world, account, output } = session;
  const how = command.name === 'COPY' ? 'copy' : 'move';
  if (namesNobody(command, mailbox)) return answers.numberTooHigh;
  if (how === 'move' && mailbox.readOnly) return answers.readOnly;
  const uids = namedBy(command, mailbox);
  const to = await world.mailboxes.find(account, command.mailbox, session.call());
  if (to === null) return answers.createFirst;
  if (uids.length === 0) return answers.done;
  const call = session.call();
  const outcome = await world.mailboxes.copy(account, mailbox.id, [...uids], to.id, how, session.limits(), call);
  if (outcome.kind !== 'copied') return outcome.kind === 'absent' ? answers.createFirst : answers.overQuota;
  mailbox.touched();
  // RFC 4315 §3: COPYUID names what lives; where nothing does, there is none.
  if (outcome.from.length === 0) return command.uid ? answers.done : answers.someGone;
  const code = copyUid(outcome.uidValidity, outcome.from, outcome.to);
  if (how === 'copy') return reply('OK', code, 'Copied');
  // RFC 6851 §4.3: before the first EXPUNGE.
  output.say(`* OK [${code}] Moved\r\n`);
  return answers.done;
};

export const expunge: Verb<'EXPUNGE'> = async (command, session) => {
  const { mailbox } = session;
  if (mailbox.readOnly) return answers.readOnly;
  await expungeMarked(command.uids === null ? null : named(command.uids, 'uid', mailbox.uids, mailbox.saved), session);
  mailbox.touched();
  if (!session.qresync) return answers.done;
  // RFC 7162 §3.2.7: up to where the client has heard all.
  await mailbox.sync('all', session.call());
  return reply('OK', `HIGHESTMODSEQ ${mailbox.modSeq}`, 'Done');
};

/** Of these, or of all, what is marked. A page at a time: neither others nor the same person wait for the whole of a large mailbox (O4). */
export async function expungeMarked(uids: UidList | null, session: Session): Promise<void> {
  const { mailbox, world, account } = session;
  const most = world.settings.limits.expungedMax;
  const expunge = (some: readonly Uid[] | null) =>
    world.mailboxes.expunge(account, mailbox.id, some, false, session.call());
  const known = uids ?? (mailbox.exists > most ? mailbox.uids : NO_UIDS);
  for await (const page of pagesWithRests(known, most, restsOf(session))) await expunge(page);
  // What has come and was marked since the client was told.
  if (uids === null) await expunge(null);
}

function restsOf({ world: { clock, settings } }: Session): Rests {
  const { restMs, restsAlikeAfterMs: shortMs, restMsMax } = settings.limits;
  return { clock, restMs, shortMs, restMsMax };
}
