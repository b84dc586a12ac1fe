/** Which messages and recipients a filter means: one reading of it for lists, acts and traces, whatever the keeper. */
import type { Direction, MailAddress, MailInCustody, RecipientNumber } from '#/model/index.ts';
import { addressKey } from '#/model/index.ts';
import type { QueueFilter, TraceQuery } from '#/ports/index.ts';
import type { Progress } from './moves.ts';

/** What of a message a filter looks at. */
export type FilteredMail = Pick<MailInCustody, 'id' | 'tenant' | 'sender' | 'facts' | 'receivedAt'>;

/** What of a recipient a filter looks at. */
export interface FilteredRecipient {
  readonly n: RecipientNumber;
  readonly address: MailAddress;
  readonly original: MailAddress | null;
  readonly direction: Direction;
  readonly progress: Pick<Progress, 'state' | 'reason' | 'destination'>;
}

/** Whether the conditions on the message hold. `subject` is a part of it, in any case. */
export function mailMatches(query: TraceQuery, mail: FilteredMail): boolean {
  if (query.ids !== undefined && !query.ids.includes(mail.id)) return false;
  if (query.tenant !== undefined && query.tenant !== mail.tenant) return false;
  if (query.since !== undefined && mail.receivedAt < query.since) return false;
  if (query.until !== undefined && mail.receivedAt > query.until) return false;
  if (query.from !== undefined && !addressMatches(query.from, mail.sender)) return false;
  if (query.messageId !== undefined && bareMessageId(query.messageId) !== bareMessageId(mail.facts.messageId))
    return false;
  return query.subject === undefined || mail.facts.subject.toLowerCase().includes(query.subject.toLowerCase());
}

/** Whether the conditions on the recipient hold. */
export function recipientMatches(query: QueueFilter, recipient: FilteredRecipient): boolean {
  const { progress } = recipient;
  if (query.recipient !== undefined && query.recipient !== recipient.n) return false;
  if (query.state !== undefined && query.state !== progress.state) return false;
  if (query.reason !== undefined && query.reason !== progress.reason) return false;
  if (query.destination !== undefined && query.destination !== progress.destination) return false;
  if (query.to === undefined) return true;
  return addressMatches(query.to, recipient.address) || addressMatches(query.to, recipient.original);
}

/** Whether a query means this message: its own conditions, and one recipient that meets all of theirs. */
export function traceMatches(query: TraceQuery, mail: FilteredMail, recipients: readonly FilteredRecipient[]): boolean {
  if (!mailMatches(query, mail)) return false;
  if (!recipients.some((recipient) => recipientMatches(query, recipient))) return false;
  return query.address === undefined || hasAddress(query.address, mail, recipients);
}

/** A Message-ID without angle brackets. */
export function bareMessageId(text: string): string {
  return text.trim().replace(/^<|>$/g, '');
}

function hasAddress(pattern: string, mail: FilteredMail, recipients: readonly FilteredRecipient[]): boolean {
  if (addressMatches(pattern, mail.sender)) return true;
  return recipients.some(({ address, original }) => {
    return addressMatches(pattern, address) || addressMatches(pattern, original);
  });
}

// An address, or `*@domain`.
function addressMatches(pattern: string, address: MailAddress | null): boolean {
  if (address === null) return pattern === '<>' || pattern === '';
  const wanted = addressKey(pattern);
  return wanted.startsWith('*@') ? addressKey(address).endsWith(wanted.slice(1)) : addressKey(address) === wanted;
}
