/** SELECT and EXAMINE (RFC 9051 §6.3.2), with what CONDSTORE and QRESYNC add (RFC 7162 §3.1.8, §3.2.5); CLOSE, and UNSELECT (RFC 3691). */
import {
  formatExists,
  formatFlags,
  formatVanished,
  permanentFlags,
  type Reply,
  reply,
  type SelectCommand,
} from '#/codec/imap/index.ts';
import type { Mailbox } from '#/model/index.ts';
import type { Changes, Since } from '#/ports/index.ts';
import * as answers from '../answers.ts';
import { named } from '../named.ts';
import { Selected } from '../selected.ts';
import type { Session } from '../session.ts';
import { common, type UidList, without } from '../uid-list.ts';
import { expungeMarked } from './change.ts';
import { turnOnCondstore } from './session.ts';
import type { Verb } from './verb.ts';

export const select = async (command: SelectCommand, session: Session): Promise<Reply> => {
  // RFC 9051 §6.3.2: the mailbox that was selected is left, even where this fails.
  const hadOne = session.selected !== null;
  session.deselect();
  // RFC 7162 §3.2.11: what is said from here on is of the next one.
  if (hadOne) session.output.say('* OK [CLOSED] The mailbox before is closed\r\n');
  if (command.condstore || command.qresync !== null) turnOnCondstore(session);
  if (command.qresync !== null && !session.qresync) return reply('BAD', null, 'ENABLE QRESYNC first');
  const mailbox = await session.world.mailboxes.find(session.account, command.mailbox, session.call());
  if (mailbox === null) return answers.absent;
  const selected = await Selected.open(session, mailbox, command.name === 'EXAMINE');
  if (selected === null) return answers.absent;
  session.select(selected);
  describe(selected, mailbox, session);
  if (command.qresync?.uidValidity === selected.uidValidity) await tellSince(command.qresync, selected, session);
  return selected.readOnly
    ? reply('OK', 'READ-ONLY', 'Opened for reading')
    : reply('OK', 'READ-WRITE', 'Opened for reading and writing');
};

function describe(selected: Selected, mailbox: Mailbox, { output, rev2 }: Session): void {
  output.say(formatExists(selected.exists));
  // RFC 3501 §7.3.2; we keep no \Recent, as RFC 9051 has none.
  if (!rev2) output.say('* 0 RECENT\r\n');
  output.say(
    formatFlags(selected.flags),
    `* OK [${permanentFlags(selected.readOnly ? [] : selected.flags, !selected.readOnly)}] Flags that are kept\r\n`,
    `* OK [UIDVALIDITY ${selected.uidValidity}] UIDs are valid\r\n`,
    `* OK [UIDNEXT ${selected.uidNext}] The next UID\r\n`,
    `* OK [HIGHESTMODSEQ ${selected.modSeq}] The highest\r\n`,
    `* OK [MAILBOXID (${mailbox.id})] The mailbox\r\n`,
  );
}

/**
 * RFC 7162 §3.2.5: what the client missed. Where each known message is told apart from those that are gone, the pairs that it sent
 * to help a server that has forgotten are not needed.
 */
async function tellSince(
  asked: NonNullable<SelectCommand['qresync']>,
  selected: Selected,
  session: Session,
): Promise<void> {
  const { world, account, output } = session;
  const known = (uids: UidList): UidList => (asked.known === null ? uids : named(asked.known, 'uid', uids));
  for (let since: Since | null = { modSeq: asked.modSeq }; since !== null; ) {
    const changes: Changes | null = await world.mailboxes.changes(account, selected.id, since, session.call());
    if (changes === null) return;
    // What goes after this view was taken is told by the next command.
    const vanished = known(without(changes.vanished, common(changes.vanished, selected.uids)));
    if (vanished.length > 0) output.say(formatVanished(vanished, true));
    for (const row of changes.changed) {
      selected.sayFlags(row, { uid: true, flags: true });
      await output.room();
    }
    since = changes.next;
  }
}

/** RFC 9051 §6.4.1: what is marked goes without a word. */
export const close: Verb<'CLOSE'> = async (_command, session) => {
  if (!session.mailbox.readOnly) await expungeMarked(null, session);
  session.deselect();
  return answers.done;
};

export const unselect: Verb<'UNSELECT'> = (_command, session) => {
  session.deselect();
  return answers.done;
};
