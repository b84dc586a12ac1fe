/** What stands in each kind of notice, in one language. Pure: values in, a subject and the blocks of a page out. */
import type { MailInCustody, Tenant, Wording } from '#/model/index.ts';
import { isProven } from '#/model/index.ts';
import { NOTICE_LIMITS } from './limits.ts';
import { type Block, line } from './page.ts';
import type { Role } from './readers.ts';
import type { Fate, Section } from './sections.ts';
import { when } from './when.ts';
import { type Deed, type Language, type Words, wordsFor } from './words.ts';

/** What all notices about one mail have in common. */
export interface Subject {
  readonly mail: MailInCustody;
  readonly tenant: Tenant;
  /** Wall-clock ms. */
  readonly now: number;
}

export interface Written {
  readonly subject: string;
  readonly blocks: readonly Block[];
}

/** That a mail waits, or that a rule matched: told when it was decided. */
export function beginning(role: Role, sections: readonly Section[], about: Subject, language: Language): Written {
  const words = wordsFor(language);
  const name = nameOf(about, words);
  const from = fromOf(about, words);
  const openings: Readonly<Record<Role, string>> = {
    approver: words.opening.asked(from),
    deputy: `${words.opening.asked(from)} ${words.opening.deputy}`,
    sender: words.opening.held,
    watcher: words.opening.matched(from),
  };
  const subjects: Readonly<Record<Role, () => string>> = {
    approver: () => words.subject.asked(name),
    deputy: () => words.subject.asked(name),
    sender: () => ownSubject(sections, name, about, language),
    watcher: () => words.subject.matched(shortRule(sections), name),
  };
  const facts = factsOf(sections, about, language, role !== 'sender');
  return { subject: subjects[role](), blocks: [text(openings[role]), ...facts] };
}

/** That a mail still waits. */
export function reminder(role: Role, sections: readonly Section[], about: Subject, language: Language): Written {
  const words = wordsFor(language);
  const name = nameOf(about, words);
  const until = moment(endOf(sections), about, language, false);
  const isOwn = role === 'sender' || role === 'watcher';
  const deputy = role === 'deputy' ? ` ${words.opening.deputy}` : '';
  return {
    subject: isOwn ? words.subject.stillHeld(name, until) : words.subject.stillAsked(name, until),
    blocks: [
      text(isOwn ? words.opening.stillHeld : `${words.opening.stillAsked}${deputy}`),
      ...factsOf(sections, about, language, !isOwn),
    ],
  };
}

/** What somebody else, or time, has done to a mail that waited. `by` is an address; null is the operator. */
export function deed(
  what: { readonly deed: Deed; readonly by: string | null; readonly comment: string },
  addresses: readonly string[],
  about: Subject,
  language: Language,
): Written {
  const words = wordsFor(language);
  const { label, opening } = words;
  const comment = line(what.comment).slice(0, NOTICE_LIMITS.reasonCharsMax);
  const rows = [
    ...mailRows(about, words, false),
    [label.to, listed(addresses, words)] as const,
    ...(comment === '' ? [] : [[label.comment, comment] as const]),
  ];
  return {
    subject: words.subject.done(what.deed, nameOf(about, words)),
    blocks: [text(opening.done(what.deed, what.by ?? words.operator)), { kind: 'facts', rows }],
  };
}

/** One of many mails, in a line. */
export function digestLine(sections: readonly Section[], about: Subject, language: Language): string {
  const words = wordsFor(language);
  const [first] = sections;
  const addresses = sections.flatMap((section) => section.addresses);
  const until = moment(endOf(sections), about, language, false);
  const why = first === undefined ? '' : first.reason[language];
  return `${about.mail.id}: ${nameOf(about, words)} → ${listed(addresses, words)} (${until}) ${why}`.slice(
    0,
    NOTICE_LIMITS.reasonCharsMax,
  );
}

/** How a mail is called: by its subject, where the tenant lets it be told. */
export function nameOf({ mail, tenant }: Subject, words: Words): string {
  if (!tenant.notices.subject) return words.mailOf(mail.id);
  const subject = line(mail.facts.subject);
  if (subject === '') return words.unnamed;
  const { subjectCharsMax } = NOTICE_LIMITS;
  return subject.length <= subjectCharsMax ? subject : `${subject.slice(0, subjectCharsMax - 1).toWellFormed()}…`;
}

function ownSubject(sections: readonly Section[], name: string, about: Subject, language: Language): string {
  const { subject } = wordsFor(language);
  const fates = sections.map(({ fate }) => fate);
  if (!fates.some(({ kind }) => kind === 'held') && fates.some(({ kind }) => kind === 'approval'))
    return subject.waits(name);
  const byItself = fates.flatMap((fate) => (fate.kind === 'held' && fate.atEnd === 'send' ? fate.until : []));
  if (byItself.length === 0) return subject.held(name, null);
  return subject.held(name, moment(Math.min(...byItself), about, language, false));
}

function factsOf(sections: readonly Section[], about: Subject, language: Language, withSender: boolean): Block[] {
  const words = wordsFor(language);
  const { label } = words;
  const each = sections.map(({ addresses, fate, reason }): Block => {
    const rows = [
      [label.to, listed(addresses, words)],
      [label.why, reasonOf(reason, language)],
      [label.next, fateOf(fate, about, language)],
    ] as const;
    return { kind: 'facts', rows };
  });
  return [{ kind: 'facts', rows: mailRows(about, words, withSender) }, ...each];
}

function mailRows(about: Subject, words: Words, withSender: boolean): (readonly [string, string])[] {
  const { label } = words;
  const { mail } = about;
  return [
    ...(withSender ? [[label.from, fromOf(about, words)] as const] : []),
    [label.mail, nameOf(about, words)],
    [label.id, mail.id],
  ];
}

/** Who sent it; of a stranger, who they say that they are. */
function fromOf({ mail }: Subject, words: Words): string {
  const from = mail.sender ?? mail.facts.from;
  return isProven(mail.identity) ? from : words.claims(from);
}

function fateOf(fate: Fate, about: Subject, language: Language): string {
  const words = wordsFor(language).fate;
  const at = (ms: number): string => moment(ms, about, language, true);
  switch (fate.kind) {
    case 'held':
      return fate.atEnd === 'send' ? words.sentAt(at(fate.until)) : words.expiresAt(at(fate.until));
    case 'approval':
      return words.approval(listed(fate.by, wordsFor(language)), fate.least, at(fate.until));
    case 'passed':
      return words.passed;
    case 'bounced':
      return words.bounced(fate.text);
    case 'discarded':
      return words.discarded;
  }
}

function reasonOf(reason: Wording, language: Language): string {
  return reason[language].slice(0, NOTICE_LIMITS.reasonCharsMax);
}

/** The earliest end of what waits. */
function endOf(sections: readonly Section[]): number {
  return Math.min(...sections.flatMap(({ fate }) => ('until' in fate ? fate.until : [])));
}

function shortRule(sections: readonly Section[]): string | null {
  const rule = sections.find((section) => section.rule !== null)?.rule ?? null;
  return rule === null ? null : line(rule).slice(0, RULE_CHARS_MAX);
}

const RULE_CHARS_MAX = 60;

export function listed(addresses: readonly string[], words: Words): string {
  const { addressesMax } = NOTICE_LIMITS;
  const more = addresses.length - addressesMax;
  return [...addresses.slice(0, addressesMax), ...(more > 0 ? [words.more(more)] : [])].join(', ');
}

function moment(at: number, { tenant, now }: Subject, language: Language, whole: boolean): string {
  return when(at, { now, language, timezone: tenant.timezone, whole });
}

function text(value: string): Block {
  return { kind: 'text', text: value };
}
