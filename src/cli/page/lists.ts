/** Lists of mail: one row a mail where they are searched, one row a recipient where they wait. */
import type { RecipientState } from '#/model/index.ts';
import type { QueuedMail, TracedMail } from '../shapes.ts';
import { type Cell, formatTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { type Calendar, formatCount, formatMoment } from '../when.ts';
import type { Words } from './sayings.ts';
import { STATE_LOOKS } from './trace-page.ts';
import { wordsOf } from './words.ts';

/** Mails that a search found, one a row. */
export function formatTraceList(mails: readonly TracedMail[], calendar: Calendar, terminal: Terminal): string {
  const words = wordsOf(calendar.language);
  const { label } = words;
  const columns = [
    { title: label.id },
    { title: label.received },
    { title: label.from, least: 14 },
    { title: label.to, least: 14 },
    { title: label.state },
    { title: label.subject, least: 10 },
  ];
  const rows = mails.map((mail) => [
    mail.id,
    formatMoment(Date.parse(mail.receivedAt), calendar),
    mail.from ?? '<>',
    severalOf(mail.recipients.map(({ address }) => address)),
    stateCell(
      mail.recipients.map(({ state }) => state),
      words,
    ),
    mail.subject,
  ]);
  return formatTable(columns, rows, terminal);
}

/** Recipients that wait, one a row, with what happens next. */
export function formatQueue(mails: readonly QueuedMail[], calendar: Calendar, terminal: Terminal): string {
  const words = wordsOf(calendar.language);
  const { label } = words;
  const columns = [
    { title: label.id },
    { title: label.from, least: 14 },
    { title: label.to, least: 14 },
    { title: label.state },
    { title: label.next },
    { title: label.tries, align: 'right' as const },
    { title: label.lastReply, least: 12 },
  ];
  const rows = mails.flatMap(({ id, from, recipients }) =>
    recipients.map(({ address, state, due, attempts, lastReply, reason }, i): Cell[] => [
      i === 0 ? id : '',
      i === 0 ? (from ?? '<>') : '',
      address,
      stateCell([state], words),
      due === null ? '' : formatDue(Date.parse(due), calendar, words),
      formatCount(attempts),
      state === 'held' ? (reason ?? '') : lastReply,
    ]),
  );
  return formatTable(columns, rows, terminal);
}

function formatDue(due: number, calendar: Calendar, words: Words): string {
  return due <= calendar.now ? words.label.now : formatMoment(due, calendar);
}

function severalOf(addresses: readonly string[]): string {
  const [first = ''] = addresses;
  return addresses.length < 2 ? first : `${first} +${addresses.length - 1}`;
}

// What needs a look comes first; a mail whose recipients differ says how many are how.
const ORDER: readonly RecipientState[] = [
  'bounced',
  'expired',
  'discarded',
  'held',
  'approval',
  'deferred',
  'queued',
  'delivered',
];

function stateCell(states: readonly RecipientState[], words: Words): Cell {
  const present = ORDER.filter((state) => states.includes(state));
  const [worst = 'queued'] = present;
  const { tone, shape } = STATE_LOOKS[worst];
  const more = present.length > 1 ? ` +${formatCount(states.filter((state) => state !== worst).length)}` : '';
  return { text: `${shape} ${words.state[worst]}${more}`, tone };
}
