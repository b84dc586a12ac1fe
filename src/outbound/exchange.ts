/** One transaction of a session, as it goes: what is asked, and how far the answers are. */
import { type Capabilities, formatMail, formatRcpt, type ServerReply } from '#/codec/smtp/index.ts';
import type { ClaimedRecipient, MailInCustody, Notify } from '#/model/index.ts';
import { addressFor } from './admission.ts';
import type { Job, Verdict } from './job.ts';

/** `void` waits for the answer to an empty message that puts both sides in step again (RFC 2920 §3.1). */
export type Phase = 'reset' | 'mail' | 'rcpt' | 'data' | 'content' | 'void';

export interface Exchange {
  readonly job: Job;
  readonly batch: readonly ClaimedRecipient[];
  /** Recipients that the peer took at RCPT. */
  readonly taken: ClaimedRecipient[];
  phase: Phase;
  /** Replies heard within the phase. */
  index: number;
  /** The peer has answered to any of it. */
  heard: boolean;
  /** The final dot has left. */
  whole: boolean;
  /** What MAIL earned, where it was refused. */
  refusal: Verdict | null;
}

/** Begins with RSET where the peer still has a transaction open. */
export function beginExchange(job: Job, batchMax: number, unclean: boolean): Exchange {
  const phase = unclean ? 'reset' : 'mail';
  const batch = job.take(batchMax);
  return { job, batch, taken: [], phase, index: 0, heard: false, whole: false, refusal: null };
}

/** What opens a transaction: all of the envelope where the peer pipelines (RFC 2920 §3.1), else its first command. */
export function opening(exchange: Exchange, peer: Capabilities): string {
  const reset = exchange.phase === 'reset' ? 'RSET\r\n' : '';
  if (!peer.pipelining) return reset === '' ? mailLine(exchange.job, peer) : reset;
  let text = reset + mailLine(exchange.job, peer);
  for (const recipient of exchange.batch) text += rcptLine(recipient, exchange.job.mail, peer);
  return `${text}DATA\r\n`;
}

export function mailLine({ mail }: Job, peer: Capabilities): string {
  const { sender, size, needs } = mail;
  return formatMail({ sender: addressFor(sender, peer, needs), size, needs }, peer);
}

export function rcptLine(
  { address, notify, orcpt }: ClaimedRecipient,
  { needs }: MailInCustody,
  peer: Capabilities,
): string {
  return formatRcpt(
    { address: addressFor(address, peer, needs), notify: isDefault(notify) ? null : notify, originalRecipient: orcpt },
    peer,
  );
}

/** RFC 5321 §4.5.3.1.10: 452, and 552 from servers of old; other 552s (mailbox full) carry a code of their own. */
export function isTooMany({ code, enhanced }: ServerReply): boolean {
  if (code === 452) return enhanced === null || enhanced === '4.5.3';
  return code === 552 && (enhanced === null || enhanced === '5.5.3');
}

// RFC 3461 §4.1: absent NOTIFY and FAILURE,DELAY say the same; the shorter form is understood by more.
function isDefault(notify: Notify): boolean {
  return notify.failure && notify.delay && !notify.success;
}
