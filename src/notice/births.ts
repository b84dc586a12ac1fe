/** A letter as a mail of ours, ready to be born: null reverse-path, asks for no reports, is not inspected and not held by policy (design 1, Doors). */
import { isAscii } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { contentFacts, readHeaders } from '#/codec/mime/index.ts';
import { needsSmtpUtf8 } from '#/codec/smtp/index.ts';
import type { ArrivedMail, ArrivedRecipient, Direction, MailAddress, MailId, TenantId } from '#/model/index.ts';
import { newMailId } from '#/model/index.ts';
import type { Routing } from '#/ports/index.ts';
import { compose, type Letter } from './compose.ts';

/** Whom an address stands for when this tenant sends to it; nobody where it is unknown. */
export type Reach = (
  address: MailAddress,
  tenant: TenantId,
) => readonly { readonly address: MailAddress; readonly direction: Direction }[];

export interface BirthParts {
  readonly routing: Pick<Routing, 'plan'>;
  readonly reach: Reach;
}

/** What a notice is born of. */
export interface Cause {
  /** The mail that it is about; of a digest the first; null where it is about none. */
  readonly parent: MailId | null;
  readonly tenant: TenantId;
  readonly hops: number;
  readonly letter: Omit<Letter, 'messageId' | 'boundary'>;
  /** Left part of its Message-ID, where it may be made again and go by another way: a mailbox that has both shows one. Else nobody can guess it. */
  readonly name?: string;
}

/** Null where the address leads to nobody. */
export function noticeOf(
  { parent, tenant, hops, letter, name = randomUUID() }: Cause,
  parts: BirthParts,
): ArrivedMail | null {
  const { to, hostname, at } = letter;
  const recipients = parts.reach(to, tenant).map((one, i) => recipientOf(i + 1, one, parts.routing));
  if (recipients.length === 0) return null;
  const content = compose({
    ...letter,
    messageId: `${name}@${hostname}`,
    boundary: `holdfast-${randomUUID()}`,
  });
  const smtpUtf8 = [to, ...recipients.map(({ address }) => address)].some(needsSmtpUtf8);
  return {
    id: newMailId(at),
    parent,
    tenant,
    origin: 'generated',
    purpose: 'notice',
    sender: null,
    identity: { kind: 'system', tenant, name: '' },
    receivedAt: at,
    needs: { eightBit: !isAscii(content), smtpUtf8, requireTls: false, ret: null, envid: null },
    facts: contentFacts(readHeaders([content])),
    hops,
    size: content.length,
    recipients,
    body: { kind: 'memory', chunks: [content], size: content.length },
  };
}

function recipientOf(
  n: number,
  { address, direction }: ReturnType<Reach>[number],
  routing: BirthParts['routing'],
): ArrivedRecipient {
  const { destination, held } = routing.plan(address, 'notice', null);
  // RFC 3461 §6.1: what reports asks for no report about itself.
  const notify = { success: false, failure: false, delay: false };
  return { n, address, original: null, orcpt: null, notify, direction, destination, held };
}
