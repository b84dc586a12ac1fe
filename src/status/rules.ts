/**
 * The written rules: which figure, from where on, for how long, makes which state of which component, and how that is said. Thresholds of time are
 * those of products.md 2G's relay: a mail takes a second; from 5 s on it is slow, and from 30 s on, or with mail that has been due for 10 minutes, something is
 * broken. Every step is on within a minute of its symptom (H9): a look is every `lookMs`, and no step waits longer than `forMs`.
 */
import type { ComponentKind, ComponentState, Wording } from '#/model/index.ts';
import type { Measure } from './measures.ts';

export interface Rule {
  readonly name: string;
  readonly component: ComponentKind;
  readonly measure: Measure;
  readonly steps: readonly Step[];
  /** From the figure to a sentence that customers read. */
  readonly words: { readonly [Language in keyof Wording]: (measured: number) => string };
}

export interface Step {
  readonly state: ComponentState;
  /** At this figure and above. */
  readonly from: number;
  /** For so long, watched ms. */
  readonly forMs: number;
}

/** Below this part of its threshold a symptom is over; between the two nothing changes. */
export const clearShare = 0.8;
/** And it must have been so for so long. */
export const clearMs = 60_000;

/** A process that dies is back within some seconds: what is shorter than this nobody sees. */
const briefMs = 20_000;

const slowMs = 5_000;
const brokenMs = 30_000;
const stuckMs = 10 * 60_000;

/** A role that does not answer at all. */
function down(component: ComponentKind, measure: Measure, en: string, ja: string): Rule {
  const steps: Step[] = [{ state: 'major_outage', from: 1, forMs: briefMs }];
  return { name: `${component}: no answer`, component, measure, steps, words: { en: () => en, ja: () => ja } };
}

/** A step of probes that fails: once may be chance, twice is not. */
function probe(component: ComponentKind, measure: Measure, en: string, ja: string): Rule {
  const steps: Step[] = [{ state: 'partial_outage', from: 2, forMs: 0 }];
  return { name: `${component}: probe`, component, measure, steps, words: { en: () => en, ja: () => ja } };
}

/** Time that most mail needs. */
function slow(component: ComponentKind, measure: Measure, en: string, ja: string): Rule {
  return {
    name: `${component}: slow`,
    component,
    measure,
    steps: [
      { state: 'degraded_performance', from: slowMs, forMs: briefMs },
      { state: 'partial_outage', from: brokenMs, forMs: briefMs },
    ],
    words: { en: (ms) => `${en} ${seconds(ms)} s.`, ja: (ms) => `${ja}${seconds(ms)}秒かかっています。` },
  };
}

/** Work that is due and that nobody takes. */
function overdue(component: ComponentKind, measure: Measure, en: string, ja: string): Rule {
  return {
    name: `${component}: overdue`,
    component,
    measure,
    steps: [
      { state: 'degraded_performance', from: 60_000, forMs: 0 },
      { state: 'partial_outage', from: stuckMs, forMs: 0 },
    ],
    words: { en: (ms) => `${en} ${minutes(ms)} min.`, ja: (ms) => `${ja}${minutes(ms)}分待っています。` },
  };
}

export const RULES: readonly Rule[] = [
  down(
    'gateway',
    'gate.down',
    'Mail is not taken in just now; senders try again.',
    '現在メールを受け付けていません。送信元が再送します。',
  ),
  probe('gateway', 'probe.submission', 'Test mail is not taken in.', 'テストメールが受け付けられていません。'),
  slow('gateway', 'seconds.submission', 'Taking in a mail lately took', 'メールの受付に'),
  {
    name: 'gateway: no room',
    component: 'gateway',
    measure: 'disk.full',
    steps: [{ state: 'major_outage', from: 1, forMs: 0 }],
    words: {
      en: () => 'There is no room for new mail just now; senders try again. Mail that was taken in goes on.',
      ja: () =>
        '空き容量がなく、新しいメールを受け付けていません。送信元が再送します。受付済みのメールは配送を続けます。',
    },
  },
  {
    name: 'gateway: refusing',
    component: 'gateway',
    measure: 'refused.gateway',
    steps: [
      { state: 'degraded_performance', from: 0.2, forMs: briefMs },
      { state: 'partial_outage', from: 0.8, forMs: briefMs },
    ],
    words: {
      en: (part) => `${percent(part)} % of mail is told to come again later.`,
      ja: (part) => `メールの${percent(part)}%に、後で再送するよう応答しています。`,
    },
  },
  {
    name: 'gateway: a part away',
    component: 'gateway',
    measure: 'gate.partial',
    steps: [{ state: 'partial_outage', from: 1, forMs: briefMs }],
    words: {
      en: () => 'Mail of some customers is not taken in just now.',
      ja: () => '一部のお客様のメールを受け付けていません。',
    },
  },
  down(
    'inspection',
    'inspect.down',
    'Mail is not inspected just now; it waits, and nothing is lost.',
    '現在メールを検査できません。メールは失われず、待機しています。',
  ),
  probe(
    'inspection',
    'probe.inspection',
    'Test mail does not get through inspection.',
    'テストメールが検査を通過していません。',
  ),
  slow('inspection', 'seconds.inspection', 'Inspecting a mail lately took', 'メールの検査に'),
  overdue('inspection', 'overdue.inspection', 'Mail has waited for inspection for', '検査待ちのメールが'),
  down(
    'delivery',
    'deliver.down',
    'Mail is not sent on just now; it waits, and nothing is lost.',
    '現在メールを配送できません。メールは失われず、待機しています。',
  ),
  probe(
    'delivery',
    'probe.delivery',
    'Test mail is taken in and does not arrive.',
    'テストメールが受付後に届いていません。',
  ),
  slow(
    'delivery',
    'seconds.delivery',
    'From acceptance to the first attempt mail lately took',
    '受付から最初の配送まで',
  ),
  {
    name: 'delivery: a part away',
    component: 'delivery',
    measure: 'deliver.partial',
    steps: [{ state: 'partial_outage', from: 1, forMs: briefMs }],
    words: {
      en: () => 'Mail of some customers is not sent on just now; it waits.',
      ja: () => '一部のお客様のメールの配送が止まり、待機しています。',
    },
  },
  down(
    'mailboxes',
    'mail.down',
    'Mailboxes do not answer; mail for them waits, and nothing is lost.',
    'メールボックスが応答していません。届くメールは失われず、待機しています。',
  ),
  probe(
    'mailboxes',
    'probe.mailboxes',
    'Test mail does not reach its mailbox.',
    'テストメールがメールボックスに届いていません。',
  ),
  slow('mailboxes', 'seconds.mailboxes', 'Storing a mail in its mailbox lately took', 'メールボックスへの格納に'),
  overdue(
    'mailboxes',
    'overdue.mailboxes',
    'Mail has waited for its mailbox for',
    'メールボックスへの格納待ちのメールが',
  ),
  down('imap', 'mail.down', 'Mail can not be read by IMAP just now.', '現在 IMAP でメールを読めません。'),
  probe(
    'imap',
    'probe.imap',
    'A test mailbox can not be read by IMAP.',
    'テスト用メールボックスを IMAP で読めません。',
  ),
  slow('imap', 'seconds.imap', 'Signing in and reading a mail by IMAP lately took', 'IMAP でのサインインと読み出しに'),
  down('pop3', 'mail.down', 'Mail can not be fetched by POP3 just now.', '現在 POP3 でメールを受信できません。'),
  probe(
    'pop3',
    'probe.pop3',
    'A test mailbox can not be fetched by POP3.',
    'テスト用メールボックスを POP3 で受信できません。',
  ),
  slow('pop3', 'seconds.pop3', 'Signing in and fetching a mail by POP3 lately took', 'POP3 でのサインインと受信に'),
  down('portal', 'web.down', 'The pages of this service do not answer.', 'Web ページが応答していません。'),
  {
    name: 'portal: failing',
    component: 'portal',
    measure: 'failed.portal',
    steps: [
      { state: 'degraded_performance', from: 0.1, forMs: briefMs },
      { state: 'partial_outage', from: 0.5, forMs: briefMs },
    ],
    words: {
      en: (part) => `${percent(part)} % of pages fail.`,
      ja: (part) => `Web ページの${percent(part)}%がエラーになっています。`,
    },
  },
  overdue(
    'upstreams',
    'overdue.upstreams',
    'The next mail server does not take our mail; it has waited for',
    '中継先のメールサーバーに配送できず、メールが',
  ),
  down(
    'records',
    'janitor.down',
    'The books are not checked just now; mail is not affected.',
    '現在、台帳の照合が止まっています。メールへの影響はありません。',
  ),
  {
    name: 'records: unbalanced',
    component: 'records',
    measure: 'books.unbalanced',
    steps: [{ state: 'degraded_performance', from: 1, forMs: 0 }],
    words: {
      en: () => 'The books do not balance; an operator looks for the cause.',
      ja: () => '台帳が一致していません。管理者が原因を調べています。',
    },
  },
  {
    name: 'records: orphans',
    component: 'records',
    measure: 'orphans.unmended',
    steps: [
      { state: 'degraded_performance', from: 1, forMs: 0 },
      // One row is a puzzle for the morning; so many are a fault at work, and an operator is called.
      { state: 'partial_outage', from: 20, forMs: 0 },
    ],
    words: {
      en: (rows) => `${rows} recipients need an operator’s hand before their mail moves on.`,
      ja: (rows) => `${rows}件の宛先が、管理者の対応を待っています。`,
    },
  },
  {
    name: 'records: log dropped',
    component: 'records',
    measure: 'log.dropped',
    steps: [{ state: 'degraded_performance', from: 1, forMs: briefMs }],
    words: {
      en: () => 'The event log is not read in time; mail is not affected.',
      ja: () => 'イベントログの一部が記録されていません。メールへの影響はありません。',
    },
  },
];

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(ms < 9_950 ? 1 : 0);
}

function minutes(ms: number): string {
  return String(Math.max(1, Math.round(ms / 60_000)));
}

function percent(part: number): string {
  return String(Math.round(part * 100));
}
