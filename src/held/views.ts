/** What programs and people read of mail that waits by a verdict. */
import { z } from 'zod';
import type { Directory, RecipientState } from '#/model/index.ts';
import { HELD_VERBS, RECIPIENT_STATES } from '#/model/index.ts';
import type { Trace, TracedRecipient } from '#/ports/index.ts';
import type { Actor } from './actor.ts';
import { rightOf } from './rights.ts';
import { markOf } from './verdict-mark.ts';

const state = z.enum(Object.keys(RECIPIENT_STATES) as [RecipientState, ...RecipientState[]]);
const wording = z.object({ en: z.string(), ja: z.string() });

const heldRecipient = z.object({
  /** Who really gets it. */
  address: z.string(),
  /** As the sender wrote it, where an alias or a group stood for it. */
  original: z.string().nullable(),
  state,
  /** `policy`, or `stopped by sender`; empty of an approval. */
  reason: z.string(),
  rule: z.string().nullable(),
  why: wording,
  /** Names the verdict by which it waits, the same for all recipients of a mail that wait by one; null where it was not kept. */
  verdict: z.string().nullable(),
  /** End of the wait, RFC 3339. */
  until: z.string().nullable(),
  /** What happens then, unless somebody acts. */
  atEnd: z.enum(['sent', 'expired']),
  approval: z
    .object({ by: z.array(z.string()), deputies: z.array(z.string()), least: z.int(), agreed: z.array(z.string()) })
    .nullable(),
  /** What the one who asks may do. */
  may: z.array(z.enum(HELD_VERBS)),
  /** Of these, what they say a reason for: it is other people’s. */
  saysWhy: z.array(z.enum(HELD_VERBS)),
});

export const heldMail = z.object({
  id: z.string(),
  tenant: z.string(),
  from: z.string().nullable(),
  subject: z.string(),
  size: z.int(),
  receivedAt: z.string(),
  recipients: z.array(heldRecipient),
});

export const shownMail = heldMail.extend({
  /** As the mail itself says; null where it could not be read. */
  header: z.object({ from: z.string(), to: z.string(), cc: z.string() }).nullable(),
  /** Null where they could not be read. */
  attachments: z.array(z.object({ name: z.string(), bytes: z.int() })).nullable(),
});

/** A mail with those of its recipients that wait, as this actor sees it. */
export function viewHeld(mail: Trace, actor: Actor, directory: Directory): z.input<typeof heldMail> {
  const { id, tenant, from, subject, size, receivedAt } = mail;
  const recipients = mail.recipients.map((recipient) => viewRecipient(mail, recipient, actor, directory));
  return { id, tenant, from, subject, size, receivedAt: new Date(receivedAt).toISOString(), recipients };
}

const UNKNOWN = { en: 'Why it is held was not kept.', ja: '保留の理由は記録されていません。' };

function viewRecipient(mail: Trace, recipient: TracedRecipient, actor: Actor, directory: Directory) {
  const { address, original, verdict, due, releaseAt } = recipient;
  const ask = verdict?.kind === 'approve' ? verdict : null;
  const rights = HELD_VERBS.map((verb) => ({ verb, right: rightOf(verb, mail, recipient, actor, directory) }));
  return {
    address,
    original,
    state: recipient.state,
    reason: recipient.state === 'approval' ? '' : recipient.reason,
    rule: verdict?.rule ?? null,
    why: verdict?.reason ?? UNKNOWN,
    verdict: verdict === null ? null : markOf(verdict),
    until: due === null ? null : new Date(due).toISOString(),
    atEnd: releaseAt === null ? ('expired' as const) : ('sent' as const),
    approval:
      ask === null
        ? null
        : { by: [...ask.by], deputies: [...ask.deputies], least: ask.least, agreed: [...(ask.agreed ?? [])] },
    may: rights.filter(({ right }) => right.kind === 'may').map(({ verb }) => verb),
    saysWhy: rights.filter(({ right }) => right.kind === 'may' && right.needsReason).map(({ verb }) => verb),
  };
}

export type HeldMail = z.output<typeof heldMail>;
export type HeldRecipient = z.output<typeof heldRecipient>;
export type ShownMail = z.output<typeof shownMail>;
