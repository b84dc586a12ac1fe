/** RCPT (RFC 5321 §4.1.1.3): one recipient more, if the address reaches somebody and the sender may. */
import { completePostmaster, needsSmtpUtf8, type RcptCommand, type Reply, replies } from '#/codec/smtp/index.ts';
import { mayGoBack } from '../cloud.ts';
import { otherCell, reach, takeRecipient, withoutRoom } from '../recipients.ts';
import type { Session } from '../session.ts';
import type { Transaction } from '../transaction.ts';

export function rcpt(command: RcptCommand, session: Session): Reply {
  const { transaction, world } = session;
  if (transaction === null) return replies.mailFirst;
  // RFC 5321 §4.5.3.1.10: the client sends the rest in another message.
  if (++transaction.asked > world.settings.recipientsMax) return surplus(transaction, session);
  const address = completePostmaster(command.recipient, world.settings.hostname);
  // RFC 6531 §3.5: such an address is only for mail that was announced so.
  if (needsSmtpUtf8(address) && !transaction.needs.smtpUtf8) return replies.smtpUtf8Needed;
  if (!session.cloud) return counted(takeRecipient(transaction, address, command, world), session);
  if (mayGoBack(session, transaction, address)) {
    transaction.provisional.push({ address, command });
    return replies.recipientOk;
  }
  // A cloud's mail: only a mailbox that doesn't exist is known already (design 6).
  const expansion = reach(transaction, address, command, world);
  if (expansion.kind === 'unknown') return counted(replies.unknownUser, session);
  const elsewhere = expansion.kind === 'reached' ? otherCell(transaction, expansion.recipients, world) : null;
  if (elsewhere !== null) return elsewhere;
  const noRoom = expansion.kind === 'reached' ? withoutRoom(transaction, expansion.recipients, world) : null;
  if (noRoom !== null) return noRoom;
  transaction.provisional.push({ address, command });
  return replies.recipientOk;
}

function surplus(transaction: Transaction, session: Session): Reply {
  const { recipientsMax, limits } = session.world.settings;
  return transaction.asked > recipientsMax + limits.surplusRecipientsMax
    ? replies.tooManyErrors
    : replies.tooManyRecipients;
}

/** A stranger who names many unknown mailboxes is looking for known ones. */
function counted(reply: Reply, session: Session): Reply {
  if (reply.code < 500 || session.principal !== null) return reply;
  const tooMany = ++session.refusedRecipients > session.world.settings.limits.refusedRecipientsMax;
  return tooMany ? replies.tooManyErrors : reply;
}
