/** Held mail and approvals as people read them, in English or Japanese: a row a recipient, and a page of one mail. */
import type { HeldMail, HeldRecipient, PastMail, ShownHeld } from '../shapes.ts';
import { type Cell, formatTable, harmless, wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { type Calendar, formatMoment, formatSize, type Language } from '../when.ts';
import { wordsOf } from './words.ts';

interface HeldWords {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly state: string;
  readonly until: string;
  readonly why: string;
  readonly subject: string;
  readonly size: string;
  readonly attachments: string;
  readonly may: string;
  readonly stopped: string;
  readonly unread: string;
  readonly none: string;
  readonly end: Readonly<Record<'sent' | 'expired', string>>;
  readonly time: string;
  readonly deed: string;
  readonly by: string;
  readonly deeds: Readonly<Record<string, string>>;
  readonly asked: (agreed: number, least: number, by: string) => string;
}

const WORDS: Readonly<Record<Language, HeldWords>> = {
  en: {
    id: 'id',
    from: 'from',
    to: 'to',
    state: 'state',
    until: 'until',
    why: 'why',
    subject: 'subject',
    size: 'size',
    attachments: 'attachments',
    may: 'you may',
    stopped: 'stopped by its sender',
    unread: 'could not be read, or the mail is too large to look',
    none: 'none',
    time: 'time',
    deed: 'what was done',
    by: 'by',
    deeds: {},
    end: { sent: 'then it is sent', expired: 'then it expires, and its sender is told' },
    asked: (agreed, least, by) => `${agreed} of ${least} have approved; asked: ${by}`,
  },
  ja: {
    id: 'ID',
    from: '差出人',
    to: '宛先',
    state: '状態',
    until: '期限',
    why: '理由',
    subject: '件名',
    size: 'サイズ',
    attachments: '添付',
    may: '可能な操作',
    stopped: '送信者が停止',
    unread: '読み取れません（またはメールが大きすぎます）',
    none: 'なし',
    time: '日時',
    deed: '経過',
    by: '操作',
    deeds: {
      held: '保留',
      asked: '承認依頼',
      stopped: '停止',
      released: '送信',
      approved: '承認',
      deleted: '削除',
      rejected: '却下',
      'went by itself': '自動送信',
      expired: '期限切れ',
    },
    end: { sent: '期限が来ると送信', expired: '期限が来ると期限切れ（送信者に通知）' },
    asked: (agreed, least, by) => `承認 ${agreed}/${least}、依頼先: ${by}`,
  },
};

/** One row a recipient. */
export function formatHeldList(mails: readonly HeldMail[], calendar: Calendar, terminal: Terminal): string {
  const words = WORDS[calendar.language];
  const states = wordsOf(calendar.language).state;
  const columns = [
    { title: words.id },
    { title: words.from, least: 12 },
    { title: words.to, least: 12 },
    { title: words.state },
    { title: words.until },
    { title: words.why, least: 16 },
  ];
  const rows = mails.flatMap(({ id, from, recipients }) =>
    recipients.map((recipient, i): Cell[] => [
      i === 0 ? id : '',
      i === 0 ? (from ?? '<>') : '',
      recipient.address,
      states[recipient.state],
      untilOf(recipient, calendar),
      whyOf(recipient, words, calendar.language),
    ]),
  );
  return formatTable(columns, rows, terminal);
}

/** One row a deed: what was done to mail that waited, by whom. */
export function formatHeldHistory(mails: readonly PastMail[], calendar: Calendar, terminal: Terminal): string {
  const words = WORDS[calendar.language];
  const columns = [
    { title: words.id },
    { title: words.from, least: 12 },
    { title: words.subject, least: 12 },
    { title: words.time },
    { title: words.deed },
    { title: words.by, least: 12 },
    { title: words.why, least: 16 },
  ];
  const rows = mails.flatMap(({ id, from, subject, deeds }) =>
    deeds.map(({ at, what, by, rule, detail }, i): Cell[] => [
      ...(i === 0 ? [id, from ?? '<>', subject] : ['', '', '']),
      formatMoment(Date.parse(at), calendar),
      words.deeds[what] ?? what,
      by ?? rule ?? '',
      detail,
    ]),
  );
  return formatTable(columns, rows, terminal);
}

/** One mail: what it is, who really gets it, why it waits, and what one may do. */
export function formatHeldMail(mail: ShownHeld, calendar: Calendar, terminal: Terminal): string {
  const words = WORDS[calendar.language];
  const line = (title: string, text: string): string =>
    `${title}: ${wrap(harmless(text), Math.max(40, terminal.columns - title.length - 2), '    ')}`;
  const { attachments } = mail;
  const names = attachments?.map(({ name, bytes }) => `${name} (${formatSize(bytes)})`).join(', ');
  return [
    line(words.id, mail.id),
    line(words.from, mail.from ?? '<>'),
    line(words.subject, mail.subject),
    line(words.size, formatSize(mail.size)),
    line(words.attachments, names === undefined ? words.unread : names || words.none),
    ...mail.recipients.flatMap((recipient) => ['', ...recipientLines(recipient, words, calendar, line)]),
  ].join('\n');
}

function recipientLines(
  recipient: HeldRecipient,
  words: HeldWords,
  calendar: Calendar,
  line: (title: string, text: string) => string,
): string[] {
  const { address, original, state, atEnd, approval, may } = recipient;
  const states = wordsOf(calendar.language).state;
  return [
    line(words.to, original === null ? address : `${address} (${original})`),
    line(words.state, states[state]),
    line(words.until, `${untilOf(recipient, calendar)}, ${words.end[atEnd]}`),
    line(words.why, whyOf(recipient, words, calendar.language)),
    ...(approval === null
      ? []
      : [words.asked(approval.agreed.length, approval.least, [...approval.by, ...approval.deputies].join(', '))]),
    ...(may.length === 0 ? [] : [line(words.may, may.join(', '))]),
  ];
}

function untilOf({ until }: HeldRecipient, calendar: Calendar): string {
  return until === null ? '' : formatMoment(Date.parse(until), calendar);
}

function whyOf({ reason, why }: HeldRecipient, words: HeldWords, language: Language): string {
  return reason === 'stopped by sender' ? `${words.stopped}. ${why[language]}` : why[language];
}
