/** ENVELOPE (RFC 9051 §7.5.2). */
import { parseAddresses } from './addresses.ts';
import { fieldText, type Head } from './head.ts';
import { headerBytesMax } from './limits.ts';
import type { Envelope, EnvelopeAddress } from './message.ts';

/** Null where a field is absent, `''` where it is empty. Raw. */
export function readEnvelope(head: Head): Envelope {
  const from = addressesOf(head, 'from');
  const sender = addressesOf(head, 'sender');
  const replyTo = addressesOf(head, 'reply-to');
  return {
    date: fieldText(head, 'date'),
    subject: fieldText(head, 'subject'),
    from,
    sender: sender.length > 0 ? sender : from,
    replyTo: replyTo.length > 0 ? replyTo : from,
    to: addressesOf(head, 'to'),
    cc: addressesOf(head, 'cc'),
    bcc: addressesOf(head, 'bcc'),
    inReplyTo: fieldText(head, 'in-reply-to'),
    messageId: fieldText(head, 'message-id'),
  };
}

/** The addresses of the first field of a name; none where there is none. */
function addressesOf(head: Head, name: string): EnvelopeAddress[] {
  const value = fieldText(head, name, headerBytesMax);
  return value === null ? [] : parseAddresses(value);
}
