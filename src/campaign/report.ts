/** The report of a campaign in Markdown: what was to be sent again, what was chosen, what came of it, tenant by tenant. */
import type { ShownCampaign } from './views.ts';

export type ReportLanguage = 'en' | 'ja';

/** Whole: from the title to the last tenant's line. */
export function reportOf(campaign: ShownCampaign, language: ReportLanguage): string {
  const words = WORDS[language];
  const { scope, outcomes, tenants } = campaign;
  const facts: readonly (readonly [string, string])[] = [
    [words.id, campaign.id],
    [
      words.scope,
      Object.entries(scope)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
    [words.rule, words.unlessChosen[campaign.unlessChosen]],
    [words.announced, campaign.closesAt ?? '–'],
    [words.started, campaign.startedAt ?? '–'],
    [words.completed, campaign.completedAt ?? '–'],
    [words.messages, String(campaign.messages)],
    [words.recipients, String(campaign.recipients)],
  ];
  const head = [
    words.tenant,
    words.messages,
    words.recipients,
    words.choice,
    ...COLUMNS.map((name) => words.outcome[name]),
  ];
  const rows = tenants.map(({ tenant, messages, recipients, choice, outcomes: own }) => [
    ...[tenant, String(messages), String(recipients), choice === null ? '–' : words.choices[choice]],
    ...COLUMNS.map((name) => String(sum(own, name))),
  ]);
  const all = [
    words.all,
    String(campaign.messages),
    String(campaign.recipients),
    '',
    ...COLUMNS.map((name) => String(sum(outcomes, name))),
  ];
  return [
    `# ${words.title}: ${inCell(campaign.title)}`,
    '',
    ...facts.map(([name, value]) => `- ${name}: ${inCell(value)}`),
    '',
    ...table(head, [...rows, all]),
    '',
    words.never,
    '',
  ].join('\n');
}

type Column = 'served' | 'served before' | 'refused' | 'undelivered' | 'left' | 'waiting';
const COLUMNS: readonly Column[] = ['served', 'served before', 'refused', 'undelivered', 'left', 'waiting'];
/** What is not over yet when a report is made early is on its way. */
const ON_THEIR_WAY = ['waiting', 'listed', 'releasing', 'released'] as const;

function sum(outcomes: ShownCampaign['outcomes'], column: Column): number {
  const names = column === 'waiting' ? ON_THEIR_WAY : [column];
  return names.reduce((total, name) => total + (outcomes[name] ?? 0), 0);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(inCell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}

/** What people wrote is text, in one line, and ends no cell. */
function inCell(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').replace(/[\\`*_{}[\]<>|#]/g, '\\$&');
}

interface Words {
  readonly title: string;
  readonly id: string;
  readonly scope: string;
  readonly rule: string;
  readonly unlessChosen: Readonly<Record<'send' | 'stop', string>>;
  readonly announced: string;
  readonly started: string;
  readonly completed: string;
  readonly messages: string;
  readonly recipients: string;
  readonly tenant: string;
  readonly choice: string;
  readonly choices: Readonly<Record<'send' | 'stop', string>>;
  readonly outcome: Readonly<Record<Column, string>>;
  readonly all: string;
  readonly never: string;
}

const WORDS: Readonly<Record<ReportLanguage, Words>> = {
  en: {
    title: 'Report of a redelivery',
    ...{
      id: 'Number',
      scope: 'Scope',
      rule: 'Rule',
      announced: 'Choices until',
      started: 'Begun',
      completed: 'Completed',
    },
    unlessChosen: { send: 'sent unless refused', stop: 'sent only where ordered' },
    ...{ messages: 'Messages', recipients: 'Recipients', tenant: 'Tenant', choice: 'Choice', all: 'All' },
    choices: { send: 'send', stop: 'do not send' },
    outcome: {
      ...{ served: 'Delivered', 'served before': 'Delivered before', refused: 'Not sent, as chosen' },
      ...{ undelivered: 'Could not be delivered', left: 'Left as it was', waiting: 'On their way' },
    },
    never: 'Nobody who had been served before was sent anything.',
  },
  ja: {
    title: '再送報告書',
    ...{ id: '管理番号', scope: '対象範囲', rule: '方式', announced: '選択期限', started: '開始', completed: '完了' },
    unlessChosen: { send: '停止のご連絡がない限り再送', stop: 'ご依頼のあったもののみ再送' },
    ...{ messages: 'メール数', recipients: '宛先数', tenant: 'お客様', choice: 'ご選択', all: '合計' },
    choices: { send: '再送する', stop: '再送しない' },
    outcome: {
      ...{ served: '配送済', 'served before': '再送前に配送済', refused: '再送停止' },
      ...{ undelivered: '配送できず', left: '対象外', waiting: '配送待ち' },
    },
    never: '再送前に配送が完了していた宛先には、送信していません。',
  },
};
