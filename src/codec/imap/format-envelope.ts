/** ENVELOPE (RFC 9051 §7.5.2). */
import type { Envelope, EnvelopeAddress } from '#/codec/mime/index.ts';
import { formatNstring } from './format-text.ts';

/** Of a message that can't be looked into. */
export const noEnvelope: Envelope = {
  date: null,
  subject: null,
  from: [],
  sender: [],
  replyTo: [],
  to: [],
  cc: [],
  bcc: [],
  inReplyTo: null,
  messageId: null,
};

export function formatEnvelope(envelope: Envelope, utf8: boolean): string {
  const { date, subject, from, sender, replyTo, to, cc, bcc, inReplyTo, messageId } = envelope;
  const fields = [
    ...[date, subject].map((text) => formatNstring(text, utf8)),
    ...[from, sender, replyTo, to, cc, bcc].map((addresses) => formatAddresses(addresses, utf8)),
    ...[inReplyTo, messageId].map((text) => formatNstring(text, utf8)),
  ];
  return `(${fields.join(' ')})`;
}

function formatAddresses(addresses: readonly EnvelopeAddress[], utf8: boolean): string {
  if (addresses.length === 0) return 'NIL';
  // The second field was the source route of RFC 822; nobody has one.
  const written = addresses.map(({ name, mailbox, host }) => {
    const [shown, local, domain] = [name, mailbox, host].map((text) => formatNstring(text, utf8));
    return `(${shown} NIL ${local} ${domain})`;
  });
  return `(${written.join('')})`;
}
