/** CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 §6.3.4 to §6.3.8, RFC 6154 §3). */
import { reply } from '#/codec/imap/index.ts';
import * as answers from '../answers.ts';
import type { Session } from '../session.ts';
import type { Verb } from './verb.ts';

export const create: Verb<'CREATE'> = async (command, session) => {
  const { mailboxes } = session.world;
  const made = await mailboxes.create(session.account, command.mailbox, command.specialUse, session.call());
  if (made.kind === 'exists') return answers.exists;
  // RFC 8474 §4.1.
  return reply('OK', `MAILBOXID (${made.mailbox.id})`, 'Created');
};

export const remove: Verb<'DELETE'> = async (command, session) => {
  if (command.mailbox === 'INBOX') return answers.inboxStays;
  const outcome = await session.world.mailboxes.delete(session.account, command.mailbox, session.call());
  if (outcome === 'deleted') await leaveDeleted(session);
  return { deleted: answers.done, absent: answers.absent, kept: answers.kept }[outcome];
};

/** Who deletes the mailbox that is selected means it, and goes on without one. */
async function leaveDeleted(session: Session): Promise<void> {
  const { selected, world, account } = session;
  if (selected === null) return;
  const changes = await world.mailboxes.changes(
    account,
    selected.id,
    { modSeq: selected.modSeq, limit: 1 },
    session.call(),
  );
  if (changes !== null) return;
  session.deselect();
  session.output.say('* OK [CLOSED] The mailbox is deleted\r\n');
}

export const rename: Verb<'RENAME'> = async (command, session) => {
  const { from, to } = command;
  const outcome = await session.world.mailboxes.rename(session.account, from, to, session.call());
  const { done, absent, exists, notRenamed } = answers;
  return { renamed: done, absent, exists, refused: notRenamed }[outcome];
};

export const subscribe: Verb<'SUBSCRIBE' | 'UNSUBSCRIBE'> = async (command, session) => {
  const wanted = command.name === 'SUBSCRIBE';
  await session.world.mailboxes.subscribe(session.account, command.mailbox, wanted, session.call());
  return answers.done;
};
