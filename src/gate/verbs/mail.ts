/** MAIL (RFC 5321 §4.1.1.2): a transaction begins, if there is room and the sender may use the address. */
import { type MailCommand, type Reply, replies } from '#/codec/smtp/index.ts';
import { type Directory, domainOf } from '#/model/index.ts';
import type { Answer } from '../answer.ts';
import { replyForRoom } from '../room.ts';
import type { Session } from '../session.ts';
import { Transaction } from '../transaction.ts';

export function mail(command: MailCommand, session: Session): Answer {
  if (session.transaction === null) session.refresh();
  const refusal = outOfOrder(session) ?? notPossible(command, session) ?? notAllowed(command, session);
  if (refusal !== null) return refusal;
  const directory = session.world.directory.current();
  const refusesAll = isStranger(session) ? nothingCanReturn(command, session, directory) : false;
  if (refusesAll === false) return begin(command, session, directory);
  if (refusesAll === true) return replies.senderNullMx;
  return refusesAll.then((refuses) => (refuses ? replies.senderNullMx : begin(command, session, directory)));
}

function outOfOrder(session: Session): Reply | null {
  if (session.hello === null) return session.rules.protocol === 'lmtp' ? replies.wrongHello : replies.helloFirst;
  if (session.transaction !== null) return replies.mailTwice;
  if (session.rules.takesFromStrangers || session.principal !== null) return null;
  // RFC 6409 §4.3.
  return session.tls === null ? replies.startTlsFirst : replies.signInFirst;
}

function notPossible(command: MailCommand, { world, tls, principal, newcomer }: Session): Reply | null {
  if (world.closingSince !== null && !newcomer) return replies.closing;
  // RFC 1870 §6.2.
  if (command.size !== null && command.size > world.settings.messageBytesMax) {
    return replies.tooLarge(world.settings.messageBytesMax);
  }
  // RFC 8689 §4.1: only over TLS is it offered, and only so it can be kept.
  if (command.needs.requireTls && tls === null) return replies.requireTlsNeedsTls;
  const room = world.intake.room(principal?.tenant.id);
  return room.open ? null : replyForRoom(room);
}

function notAllowed(command: MailCommand, { principal, world }: Session): Reply | null {
  return principal === null || world.usage.maySend(principal, command.sender) ? null : replies.senderNotYours;
}

function isStranger({ principal, cloud, rules }: Session): boolean {
  return principal === null && !cloud && rules.looksUpSenders;
}

/** RFC 7505 §4.2: a domain that takes no mail could never be told of a failure. */
function nothingCanReturn({ sender }: MailCommand, session: Session, directory: Directory): boolean | Promise<boolean> {
  if (sender === null || directory.domain(domainOf(sender)) !== undefined) return false;
  return session.world.senderDomains.refuseAll(domainOf(sender));
}

function begin(command: MailCommand, session: Session, directory: Directory): Reply {
  const { sender, needs, size: announced } = command;
  session.newcomer = false;
  session.transaction = new Transaction({ sender, needs, announced, directory, principal: session.principal });
  return replies.senderOk;
}
