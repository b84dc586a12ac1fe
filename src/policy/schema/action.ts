/** `action` of a rule: one decision, changes to the mail in their fixed order, and who is told. */
import type { z } from 'zod';
import { closed, either, oneOf, readBy } from '#/codec/forms/index.ts';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import type { MailAddress } from '#/model/index.ts';
import { DETECTORS } from '../asks.ts';
import type { Action, Person, PlannedChange, PlannedDecision, Which } from '../rule.ts';
import { address, lack, line, mistake, on, onOff, setOf, wait, whole } from './kinds.ts';

const PEOPLE_MAX = 20;
/** What products of this kind give a link by default. */
const LINK_EXPIRE_MS = 5 * 86_400_000;
const DOWNLOADS = 10;
const DOWNLOADS_MAX = 1_000;

function person<Word extends 'manager' | 'admins' | 'sender'>(
  ...words: readonly Word[]
): z.ZodType<MailAddress | Word> {
  return readBy<MailAddress | Word>(
    (raw) => words.find((word) => word === raw) ?? parseMailAddress(raw),
    'person',
    `write an address, ${words.join(' or ')}`,
  );
}

const hold = either<PlannedDecision>((raw) =>
  typeof raw === 'object'
    ? closed({ for: wait.optional(), atEnd: oneOf('send', 'expire') }).transform(
        ({ for: forMs, atEnd }, context): PlannedDecision => {
          if (atEnd === 'expire') return { kind: 'hold', forMs: forMs ?? null, atEnd };
          return forMs === undefined
            ? mistake(context, 'A hold that ends in sending needs its time.', 'add for: 15m')
            : { kind: 'hold', forMs, atEnd };
        },
      )
    : wait.transform((forMs) => ({ kind: 'hold', forMs, atEnd: 'send' })),
);

const approve = closed({
  by: setOf(person('manager', 'admins'), PEOPLE_MAX),
  deputies: setOf(address, PEOPLE_MAX).optional(),
  least: whole(1, PEOPLE_MAX).optional(),
  expire: wait.optional(),
  selfApproval: onOff.optional(),
}).transform(({ by, deputies = [], least = 1, expire = null, selfApproval = false }, context): PlannedDecision => {
  // `admins` may be several people.
  if (!by.includes('admins') && least > by.length + deputies.length)
    return mistake(
      context,
      `${least} people have to agree, and ${by.length + deputies.length} are named.`,
      'name more of them, or lower least',
    );
  return { kind: 'approve', by, deputies, least, expireMs: expire, selfApproval };
});

const which = oneOf('all', 'matched');

const strip = either<PlannedChange>((raw) =>
  typeof raw === 'object'
    ? closed({ what: which, text: line.optional() }).transform(({ what, text }) => stripping(what, text ?? null))
    : which.transform((what) => stripping(what, null)),
);

function stripping(what: Which, text: string | null): PlannedChange {
  return { kind: 'stripAttachments', which: what, text };
}

const links = either<PlannedChange>((raw) =>
  typeof raw === 'object'
    ? closed({
        what: which,
        expire: wait.optional(),
        downloads: whole(1, DOWNLOADS_MAX).optional(),
        proof: oneOf('code', 'password', 'none').optional(),
      }).transform(({ what, expire = LINK_EXPIRE_MS, downloads = DOWNLOADS, proof = 'code' }) =>
        linking(what, expire, downloads, proof),
      )
    : which.transform((what) => linking(what, LINK_EXPIRE_MS, DOWNLOADS, 'code')),
);

const zip = either<PlannedChange>((raw) =>
  typeof raw === 'object'
    ? closed({ what: which, password: oneOf('sender', 'recipients').optional() }).transform(
        ({ what, password = 'sender' }) => zipping(what, password),
      )
    : which.transform((what) => zipping(what, 'sender')),
);

function zipping(what: Which, passwordTo: 'sender' | 'recipients'): PlannedChange {
  return { kind: 'encryptZip', which: what, passwordTo };
}

function linking(what: Which, expireMs: number, downloads: number, proof: 'code' | 'password' | 'none'): PlannedChange {
  return { kind: 'secureLinks', which: what, expireMs, downloads, proof };
}

/** Fields that decide where mail goes, who is said to have sent it, or that are ours. */
const FORBIDDEN_FIELDS =
  /^(?:received|return-path|from|sender|to|cc|bcc|reply-to|subject|date|message-id|dkim-signature|arc-.*|authentication-results|content-.*|mime-version|x-holdfast-.*)$/i;
const addHeader = closed({
  name: readBy(
    (raw) => (/^[!-9;-~]{1,76}$/.test(raw) && !FORBIDDEN_FIELDS.test(raw) ? raw : null),
    'name that a rule may add',
    'choose one such as X-Classification',
  ),
  // RFC 5322 §2.2: printable US-ASCII.
  value: readBy(
    (raw) => (/^[\x20-\x7e]{1,200}$/.test(raw) ? raw : null),
    'value of a header field',
    'write up to 200 ASCII characters',
  ),
}).transform((field): PlannedChange => ({ kind: 'addHeader', ...field }));

const copies = setOf(address, PEOPLE_MAX);

/** Key, and how it is read. The order of the list is the order in which changes are made: copies before cuts, envelopes last. */
const CHANGES = {
  archive: copies.transform((to): PlannedChange => ({ kind: 'archiveCopy', to })),
  strip,
  links,
  zip,
  redact: setOf(oneOf(...DETECTORS)).transform((detectors): PlannedChange => ({ kind: 'redact', detectors })),
  tagSubject: line.transform((text): PlannedChange => ({ kind: 'tagSubject', text })),
  addHeader,
  forceBcc: on.transform((): PlannedChange => ({ kind: 'forceBcc' })),
  onePerRecipient: on.transform((): PlannedChange => ({ kind: 'onePerRecipient' })),
  addBcc: copies.transform((to): PlannedChange => ({ kind: 'addBcc', to })),
  requireTls: on.transform((): PlannedChange => ({ kind: 'requireTls' })),
} as const;

const DECISIONS = {
  pass: on.transform((): PlannedDecision => ({ kind: 'pass' })),
  hold,
  approve,
  reject: line.transform((text): PlannedDecision => ({ kind: 'reject', text })),
  discard: on.transform((): PlannedDecision => ({ kind: 'discard' })),
} as const;

type Optional<Shape extends Readonly<Record<string, z.ZodType>>> = { [Key in keyof Shape]: z.ZodOptional<Shape[Key]> };

function optional<Shape extends Readonly<Record<string, z.ZodType>>>(shape: Shape): Optional<Shape> {
  return Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, schema.optional()])) as Optional<Shape>;
}

export const action: z.ZodType<Action> = closed({
  ...optional(DECISIONS),
  ...optional(CHANGES),
  notify: setOf(person('sender', 'admins'), PEOPLE_MAX).optional(),
}).transform((raw, context): Action => {
  const given: Readonly<Record<string, unknown>> = raw;
  const decisions = (Object.keys(DECISIONS) as (keyof typeof DECISIONS)[]).filter((key) => given[key] !== undefined);
  if (decisions.length > 1)
    return mistake(
      context,
      `One action can’t both ${decisions.join(' and ')}.`,
      'keep one of them, or write two rules',
    );
  const changes = Object.keys(CHANGES).flatMap((key) =>
    given[key] === undefined ? [] : [given[key] as PlannedChange],
  );
  const notify: readonly Person[] = raw.notify ?? [];
  if (decisions.length + changes.length + notify.length === 0)
    return lack(context, 'The rule does nothing.', `add one of ${Object.keys(DECISIONS).join(', ')}`);
  const [key] = decisions;
  return { decision: key === undefined ? { kind: 'pass' } : (given[key] as PlannedDecision), changes, notify };
});
