/** Redelivery campaigns on a terminal: where one stands, what happens next and when, and its figures by tenant. */
import type { CampaignChoice, CampaignOutcome, CampaignState } from '#/model/index.ts';
import { formatTable, harmless } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { type Calendar, formatCount, formatMoment } from '../when.ts';

export interface CampaignShown {
  readonly id: string;
  readonly title: string;
  readonly state: CampaignState;
  readonly unlessChosen: CampaignChoice;
  readonly draftedAt: string;
  readonly closesAt: string | null;
  readonly freezesAt: string | null;
  readonly startsAt: string | null;
  readonly completedAt: string | null;
  readonly messages: number;
  readonly recipients: number;
  readonly outcomes: Outcomes;
  readonly tenants: readonly {
    readonly tenant: string;
    readonly contacts: readonly string[];
    readonly messages: number;
    readonly recipients: number;
    readonly outcomes: Outcomes;
    readonly choice: CampaignChoice | null;
  }[];
}

type Outcomes = Readonly<Partial<Record<CampaignOutcome, number>>>;

export interface CampaignLineShown {
  readonly id: string;
  readonly recipient: number;
  readonly tenant: string;
  readonly address: string | null;
  readonly subject: string | null;
  readonly outcome: CampaignOutcome;
  readonly detail: string;
}

export function formatCampaigns(all: readonly CampaignShown[], calendar: Calendar, terminal: Terminal): string {
  if (all.length === 0) return 'There is no campaign.';
  const columns = [{ title: 'id' }, { title: 'state' }, { title: 'drafted' }, { title: 'title', least: 20 }];
  return formatTable(
    columns,
    all.map(({ id, state, draftedAt, title }) => [
      id,
      state,
      formatMoment(Date.parse(draftedAt), calendar),
      harmless(title),
    ]),
    terminal,
  );
}

/** The answer first: how it stands, and what is next. */
export function formatCampaign(campaign: CampaignShown, calendar: Calendar, terminal: Terminal): string {
  const { id, title, state, unlessChosen, messages, recipients, outcomes, tenants } = campaign;
  const right = 'right' as const;
  const columns = [
    { title: 'tenant', least: 12 },
    ...['messages', 'recipients', 'served', 'refused', 'open'].map((name) => ({ title: name, align: right })),
    { title: 'choice' },
    { title: 'contacts', least: 16 },
  ];
  const rows = tenants.map((one) => [
    one.tenant,
    ...[one.messages, one.recipients, servedOf(one.outcomes), one.outcomes.refused ?? 0, openOf(one.outcomes)].map(
      formatCount,
    ),
    one.choice ?? '–',
    one.contacts.length === 0 ? { text: 'none known', tone: 'warn' as const } : one.contacts.join(', '),
  ]);
  const rule = unlessChosen === 'send' ? 'sent unless refused' : 'sent only where ordered';
  return [
    `${terminal.paint('strong', harmless(title))}  ${id}`,
    `${state}. ${nextOf(campaign, calendar)}`,
    `${formatCount(messages)} messages, ${formatCount(recipients)} recipients, ${rule}: ${formatCount(servedOf(outcomes))} served, ${formatCount(outcomes.refused ?? 0)} refused, ${formatCount(openOf(outcomes))} open.`,
    '',
    formatTable(columns, rows, terminal),
  ].join('\n');
}

function servedOf(outcomes: Outcomes): number {
  return (outcomes.served ?? 0) + (outcomes['served before'] ?? 0);
}

/** Whose end is not known: before their turn, under way, or still on their way at the end. */
function openOf(outcomes: Outcomes): number {
  return (['listed', 'releasing', 'released', 'waiting'] as const).reduce(
    (sum, name) => sum + (outcomes[name] ?? 0),
    0,
  );
}

function nextOf(campaign: CampaignShown, calendar: Calendar): string {
  const { id, state, closesAt, freezesAt, startsAt, completedAt } = campaign;
  const at = (time: string | null): string => (time === null ? '' : formatMoment(Date.parse(time), calendar));
  switch (state) {
    case 'drafted':
      return `Nobody was told yet: holdfast campaign announce ${id}`;
    case 'announced':
      return `Tenants choose until ${at(closesAt)}; it runs at ${at(startsAt)}.`;
    case 'closed':
      return `The list is frozen at ${at(freezesAt)}; it runs at ${at(startsAt)}.`;
    case 'frozen':
      return `It runs at ${at(startsAt)}.`;
    case 'running':
      return `To stop it for now: holdfast campaign pause ${id}`;
    case 'paused':
      return `Nothing more goes until: holdfast campaign resume ${id}`;
    case 'completed':
      return `Completed ${at(completedAt)}. For its report: holdfast campaign report ${id}`;
    case 'reported':
      return `Completed ${at(completedAt)}, and reported.`;
  }
}
