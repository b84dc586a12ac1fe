/** The trace of one mail: the first line answers where it is, since when, why, and what next; then its facts and its time line. */
import type { RecipientState } from '#/model/index.ts';
import type { TracedMail } from '../shapes.ts';
import { formatTable, harmless, pad, widthOf, wrap } from '../table.ts';
import type { Terminal, Tone } from '../terminal.ts';
import { type Calendar, formatCount, formatMoment, formatSpan } from '../when.ts';
import type { Words, Written } from './sayings.ts';
import { formatTimeLine } from './time-line.ts';
import { type Whereabouts, whereabouts } from './whereabouts.ts';
import { wordsOf } from './words.ts';

/** A state is colour, shape and word. */
export const STATE_LOOKS: Readonly<Record<RecipientState, { readonly tone: Tone; readonly shape: string }>> = {
  queued: { tone: 'plain', shape: '○' },
  deferred: { tone: 'warn', shape: '◔' },
  held: { tone: 'warn', shape: '■' },
  approval: { tone: 'warn', shape: '?' },
  delivered: { tone: 'ok', shape: '✓' },
  bounced: { tone: 'bad', shape: '✗' },
  discarded: { tone: 'bad', shape: '−' },
  expired: { tone: 'bad', shape: '✗' },
};

const SENTENCES_MAX = 8;

/** The whole page, without a last line feed. */
export function formatTrace(mail: TracedMail, calendar: Calendar, terminal: Terminal): string {
  const words = wordsOf(calendar.language);
  const all = mail.recipients.map((recipient) => whereabouts(mail, recipient, calendar.now));
  const parts = [
    headline(mail, all, words, calendar, terminal),
    facts(mail, all, words, calendar, terminal),
    ...(all.length > 1 ? [recipientTable(all, words, calendar, terminal)] : []),
    formatTimeLine(mail, all, calendar, terminal),
    remedies(mail, calendar, terminal),
    words.advice(all, mail.id).join('\n'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Where it is, since when, why, what next: one sentence for those of whom the same is true, or counts where that is too much. */
export function headline(
  mail: TracedMail,
  all: readonly Whereabouts[],
  words: Words,
  calendar: Calendar,
  terminal: Terminal,
): string {
  const written = writtenBy(calendar);
  const groups = groupsOf(all, calendar);
  const sentences = groups
    .slice(0, SENTENCES_MAX)
    .map((group) => ({ ...group.where, address: words.whom(group.addresses) }))
    .map((where) => sentence(where, words.sentence(where, { hasSender: mail.from !== null }, written), terminal));
  if (groups.length === 1) return sentences.join('\n');
  const counts = new Map<RecipientState, number>();
  for (const { state } of all) counts.set(state, (counts.get(state) ?? 0) + 1);
  const first = terminal.paint('strong', words.several(counts, all.length));
  return groups.length > SENTENCES_MAX ? first : [first, ...sentences].join('\n');
}

// Recipients of whom the same is to be said share a sentence; those that wait come first.
function groupsOf(all: readonly Whereabouts[], calendar: Calendar): { where: Whereabouts; addresses: string[] }[] {
  const groups = new Map<string, { where: Whereabouts; addresses: string[] }>();
  for (const where of all) {
    const { state, since, next, reason, reply, attempts, possiblyDuplicate } = where;
    const moments = [since, next].map((at) => (at === null ? '' : formatMoment(at, calendar)));
    const key = JSON.stringify([state, reason, reply, attempts, possiblyDuplicate, ...moments]);
    groups.getOrInsertComputed(key, () => ({ where, addresses: [] })).addresses.push(where.address);
  }
  return [...groups.values()].sort((a, b) => Number(b.where.live) - Number(a.where.live));
}

function sentence({ state }: Whereabouts, text: string, terminal: Terminal): string {
  const { tone, shape } = STATE_LOOKS[state];
  return terminal.paint(tone, wrap(`${shape} ${harmless(text)}`, terminal.columns, '  '));
}

function facts(
  mail: TracedMail,
  all: readonly Whereabouts[],
  words: Words,
  calendar: Calendar,
  terminal: Terminal,
): string {
  const { label } = words;
  const [only] = mail.recipients;
  const to = all.length === 1 ? all[0]?.address : `${formatCount(all.length)} ${label.recipients}`;
  const rows: [string, string][] = [
    [label.subject, mail.subject === '' ? label.noSubject : mail.subject],
    [label.from, mail.from ?? label.nobody],
    [label.to, to ?? label.nobody],
    ...(all.length === 1 && only?.original ? [[label.original, only.original] satisfies [string, string]] : []),
    [label.received, formatMoment(Date.parse(mail.receivedAt), calendar)],
    [label.id, mail.id],
    [label.tenant, mail.tenant],
    ...(mail.parent === null ? [] : [[label.parent, mail.parent] satisfies [string, string]]),
  ];
  const width = Math.max(...rows.map(([name]) => widthOf(name))) + 2;
  return rows.map(([name, value]) => formatFact(name, value, width, terminal)).join('\n');
}

function formatFact(name: string, value: string, width: number, terminal: Terminal): string {
  const indent = ' '.repeat(width + 2);
  const text = wrap(harmless(value), terminal.columns - indent.length, '').replaceAll('\n', `\n${indent}`);
  return `  ${terminal.paint('quiet', pad(name, width))}${text}`;
}

const REMEDIES_MAX = 4;

/** What refusals mean, one sentence for each kind of them. */
function remedies({ recipients }: TracedMail, { language }: Calendar, terminal: Terminal): string {
  const kinds = new Map(
    recipients.flatMap(({ failure }) => (failure ? [[failure.class, failure.advice] as const] : [])),
  );
  return [...kinds.values()]
    .slice(0, REMEDIES_MAX)
    .map((advice) => wrap(advice[language], terminal.columns))
    .join('\n');
}

function recipientTable(all: readonly Whereabouts[], words: Words, calendar: Calendar, terminal: Terminal): string {
  const { label } = words;
  const columns = [
    { title: label.recipient, least: 24 },
    { title: label.state },
    { title: label.since },
    { title: label.next },
    { title: label.tries, align: 'right' as const },
    { title: label.lastReply, least: 12 },
  ];
  const rows = all.map((where) => {
    const { tone, shape } = STATE_LOOKS[where.state];
    const next = where.next === null ? '' : formatMoment(Math.max(where.next, calendar.now), calendar);
    const twice = where.possiblyDuplicate ? `(${label.duplicate}) ` : '';
    return [
      where.address,
      { text: `${shape} ${words.state[where.state]}`, tone },
      formatMoment(where.since, calendar),
      where.next !== null && where.next <= calendar.now ? label.now : next,
      formatCount(where.attempts),
      twice + (where.reply || where.reason),
    ];
  });
  return formatTable(columns, rows, terminal);
}

function writtenBy(calendar: Calendar): Written {
  return {
    moment: (at) => formatMoment(at, calendar),
    span: (ms) => formatSpan(ms, calendar.language),
    now: calendar.now,
  };
}
