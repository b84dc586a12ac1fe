/**
 * What an owner says about mail that comes: rules in order, and an answer while they are away. The same form is written by people (YAML or
 * JSON), kept in the account, and shown. A rule that matches ends the search, unless it says `continue`, as policies do.
 */
import { z } from 'zod';
import { parseMailboxName } from '#/codec/imap/index.ts';
import { parseDomain, parseMailAddress } from '#/codec/smtp/index.ts';
import type { MailboxName } from '#/model/index.ts';
import { answerDays, answerTextMax, forwardsMax, rulesMax, wordMax, wordsMax } from './limits.ts';

/** A list, or the one thing that it would hold. */
function oneOrMore<Schema extends z.ZodType>(item: Schema, most: number) {
  return z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(item).min(1).max(most));
}

const words = oneOrMore(z.string().min(1).max(wordMax), wordsMax);
const domains = oneOrMore(read(parseDomain, 'a domain such as example.test'), wordsMax);
const address = read(parseMailAddress, 'a mail address such as alice@example.test');

/** Words alone are looked for anywhere in the field. */
function orWords<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (given) => (typeof given === 'string' || Array.isArray(given) ? { contains: given } : given),
    schema,
  );
}

const not = z.boolean().default(false);
const inText = orWords(
  z.strictObject({ contains: words.optional(), is: words.optional(), not }).refine(saysSomething, NOTHING()),
);
const inAddresses = orWords(
  z
    .strictObject({ contains: words.optional(), is: words.optional(), domain: domains.optional(), not })
    .refine(saysSomething, NOTHING()),
);

const SIZE = /^(\d{1,9})(B|kB|MB)$/;
const UNITS = { B: 1, kB: 1_000, MB: 1_000_000 } as const;
const size = z.union([z.int().min(0), read(readSize, 'a size such as 500kB or 10MB')], {
  error: 'Write a size such as 500kB or 10MB.',
});

const fieldName = z.string().regex(/^[!-9;-~]{1,100}$/, 'Write the name of a header field, such as X-Priority.');

const when = z.strictObject({
  from: inAddresses.optional(),
  to: inAddresses.optional(),
  cc: inAddresses.optional(),
  subject: inText.optional(),
  /** Any field, by its name. */
  header: z.record(fieldName, inText).optional(),
  /** The reverse-path; the empty word is that of bounces. */
  sender: inAddresses.optional(),
  larger: size.optional(),
  smaller: size.optional(),
  attachment: z.boolean().optional(),
  /** To or Cc has an address of the owner. */
  direct: z.boolean().optional(),
});

const mailboxName = read(readMailboxName, 'the name of a mailbox, such as Projects or Projects/2026');
const mark = read(
  (text) => (/^[A-Za-z0-9$_-]{1,100}$/.test(text) ? text : null),
  'seen, flagged, or a word of letters, figures, $, - and _',
);

const action = z
  .strictObject({
    move: mailboxName.optional(),
    mark: oneOrMore(mark, 20).optional(),
    forward: oneOrMore(address, forwardsMax).optional(),
    /** With forward: whether a copy stays here. */
    keep: z.boolean().default(true),
    discard: z.boolean().default(false),
  })
  .refine(({ move, mark: marks, forward, discard }) => discard || (move ?? marks ?? forward) !== undefined, {
    error: 'It does nothing. Say move, mark, forward or discard.',
  })
  .refine(({ forward, keep }) => keep || forward !== undefined, {
    error: 'keep: false belongs to forward. To throw mail away, say discard: true.',
    path: ['keep'],
  })
  .refine(({ discard, move }) => !discard || move === undefined, {
    error: 'It says move and discard. Say one of them.',
    path: ['discard'],
  });

const rule = z.strictObject({
  name: z.string().min(1).max(wordMax),
  off: z.boolean().default(false),
  when: when.default({}),
  /** Whether all of `when` has to hold, or any of it. */
  match: z.enum(['all', 'any']).default('all'),
  action,
  continue: z.boolean().default(false),
});

const moment = z.iso.datetime({ offset: true, error: 'Write a time such as 2026-12-24T18:00:00+09:00.' });

const vacation = z.strictObject({
  from: moment.optional(),
  until: moment.optional(),
  /** "Auto: " and the subject of the mail that is answered, where nothing is said. */
  subject: z.string().max(wordMax).optional(),
  text: z.string().min(1).max(answerTextMax),
  days: z.int().min(answerDays.least).max(answerDays.most).default(answerDays.usual),
  /** Other addresses under which mail reaches the owner. */
  addresses: oneOrMore(address, wordsMax).optional(),
});

const document = z.strictObject({ rules: z.array(rule).max(rulesMax).default([]), vacation: vacation.optional() });

export type RulesDocument = z.output<typeof document>;
export type Rule = RulesDocument['rules'][number];
export type When = Rule['when'];
export type AddressTest = NonNullable<When['from']>;
export type TextTest = NonNullable<When['subject']>;
export type Vacation = NonNullable<RulesDocument['vacation']>;

export type ReadRules =
  | { readonly kind: 'rules'; readonly rules: RulesDocument }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

/** Reads what somebody wrote; every mistake names its rule. */
export function readRules(given: unknown): ReadRules {
  const parsed = document.safeParse(given);
  if (parsed.success) return { kind: 'rules', rules: parsed.data };
  return { kind: 'mistakes', mistakes: parsed.error.issues.map((issue) => told(issue, given)) };
}

function told({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }, given: unknown) {
  const [list, index, ...rest] = path;
  if (list !== 'rules' || typeof index !== 'number') return `${path.join('.') || 'rules'}: ${message}`;
  const { name } = ((given as { rules: unknown[] }).rules[index] ?? {}) as { readonly name?: unknown };
  const called = typeof name === 'string' && name !== '' ? ` "${name.slice(0, 100)}"` : '';
  return `rule ${index + 1}${called}${rest.length === 0 ? '' : `, ${rest.join('.')}`}: ${message}`;
}

function read<Value extends string | number>(reader: (text: string) => Value | null, what: string) {
  return z.string().transform((text, context): Value => {
    const value = reader(text);
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message: `Write ${what}.` });
    return z.NEVER;
  });
}

function readSize(text: string): number | null {
  const [, figure, unit] = SIZE.exec(text) ?? [];
  return figure === undefined ? null : Number(figure) * UNITS[unit as keyof typeof UNITS];
}

function readMailboxName(text: string): MailboxName | null {
  return text.isWellFormed() && !text.endsWith('/') && text.length <= wordMax ? parseMailboxName(text) : null;
}

function saysSomething(test: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(test).some(([key, value]) => key !== 'not' && value !== undefined);
}

function NOTHING() {
  return { error: 'It looks for nothing. Say contains, is or domain.' };
}
