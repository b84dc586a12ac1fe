/**
 * Whether a peer can carry a mail at all. What it can't carry is refused here with its reason, before a byte of it leaves: content is never
 * rewritten, so a downgrade that would break it or its signatures is impossible, not approximate.
 */
import { isAscii } from 'node:buffer';
import { type Capabilities, domainToAscii, needsSmtpUtf8, parseDomain } from '#/codec/smtp/index.ts';
import type { Body, ClaimedRecipient, MailAddress, MailInCustody, PeerReply } from '#/model/index.ts';
import type { Job } from './job.ts';
import { localReply } from './local-reply.ts';

/** What only a look at the content tells. */
export interface Traits {
  readonly eightBitHeader: boolean;
  readonly eightBit: boolean;
}

/** Gives the job the refusals that this peer means for it. `traits` null looks itself at content in memory, where that is needed. */
export function admit(job: Job, peer: Capabilities, host: string, traits: Traits | null): void {
  const { mail } = job;
  const seen = traits ?? (mustLook(mail, peer) && job.body?.kind === 'memory' ? look(job.body) : null);
  const refusal = refuseWhole(mail, peer, host, seen);
  if (refusal !== null) job.judgeRest({ kind: 'refused', reply: refusal });
  if (peer.smtpUtf8) return;
  for (const recipient of job.waiting) {
    const reply = refuseRecipient(recipient, peer, host);
    if (reply !== null) job.judge([recipient], { kind: 'refused', reply });
  }
  if (job.verdicts.size > 0) job.waiting = job.waiting.filter(({ n }) => !job.verdicts.has(n));
}

/** Whether the content must be looked at before this peer gets it. */
export function mustLook({ needs }: MailInCustody, peer: Capabilities): boolean {
  return (needs.eightBit && !peer.eightBitMime) || (needs.smtpUtf8 && !peer.smtpUtf8);
}

/** Why this peer can't have the mail, or null. `traits` is null where `mustLook` is false. */
function refuseWhole(mail: MailInCustody, peer: Capabilities, host: string, traits: Traits | null): PeerReply | null {
  // RFC 1870 §6.1: a mail that is too large for the peer is not sent.
  if (peer.size !== null && peer.size > 0 && mail.size > peer.size)
    return localReply(
      552,
      '5.3.4',
      `${host} takes mails of up to ${peer.size} octets; this one has ${mail.size}.`,
      host,
    );
  if (traits === null) return null;
  // RFC 6152 §3: without 8BITMIME only 7-bit content may go; one that was merely announced as 8-bit may.
  if (mail.needs.eightBit && !peer.eightBitMime && traits.eightBit)
    return localReply(
      554,
      '5.6.3',
      `${host} takes only 7-bit content (no 8BITMIME), and this mail has 8-bit content.`,
      host,
    );
  if (mail.needs.smtpUtf8 && !peer.smtpUtf8 && (traits.eightBitHeader || !sayable(mail.sender)))
    return localReply(553, '5.6.7', `${host} takes no internationalised mail (no SMTPUTF8), which this mail is.`, host);
  return null;
}

/** Why this peer can't be told this recipient, or null (RFC 6531 §3.2). */
function refuseRecipient({ address }: ClaimedRecipient, peer: Capabilities, host: string): PeerReply | null {
  if (peer.smtpUtf8 || sayable(address)) return null;
  return localReply(553, '5.6.7', `${host} takes no internationalised addresses (no SMTPUTF8).`, host);
}

/** The address as this peer can be told it: the domain in A-labels where it lacks SMTPUTF8, and where the mail does not ask for that. */
export function addressFor<T extends MailAddress | null>(
  address: T,
  peer: Capabilities,
  needs: { readonly smtpUtf8: boolean },
): T | MailAddress {
  if (address === null || (peer.smtpUtf8 && needs.smtpUtf8) || !needsSmtpUtf8(address)) return address;
  return (asciiForm(address) ?? address) as MailAddress;
}

/** Looks at content in memory. */
function look(body: Extract<Body, { kind: 'memory' }>): Traits {
  const scan = new TraitScan();
  for (const chunk of body.chunks) scan.see(chunk);
  return scan;
}

/** Looks at content that comes in pieces. */
export class TraitScan implements Traits {
  eightBit = false;
  eightBitHeader = false;
  #inHeader = true;
  #tail = '';

  see(piece: Uint8Array): void {
    const view = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const eightBit = !isAscii(view);
    this.eightBit ||= eightBit;
    if (!this.#inHeader) return;
    const end = this.#endOfHeader(view);
    if (eightBit) this.eightBitHeader ||= !isAscii(end < 0 ? view : view.subarray(0, end));
    this.#inHeader = end < 0;
  }

  // The blank line may lie across two pieces: the last three octets of the former one are kept.
  #endOfHeader(view: Buffer): number {
    const across = `${this.#tail}${view.toString('latin1', 0, 3)}`.indexOf('\r\n\r\n');
    if (across >= 0) return Math.max(0, across + 4 - this.#tail.length);
    this.#tail = `${this.#tail}${view.toString('latin1', Math.max(0, view.length - 3))}`.slice(-3);
    return view.indexOf('\r\n\r\n');
  }
}

function sayable(address: MailAddress | null): boolean {
  return address === null || !needsSmtpUtf8(address) || asciiForm(address) !== null;
}

function asciiForm(address: MailAddress): string | null {
  const at = address.lastIndexOf('@');
  const domain = parseDomain(address.slice(at + 1));
  const local = address.slice(0, at);
  return domain === null || !isAscii(Buffer.from(local)) ? null : `${local}@${domainToAscii(domain)}`;
}
