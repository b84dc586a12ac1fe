/** Campaigns as programs read them. */
import { z } from 'zod';
import {
  CAMPAIGN_OUTCOMES,
  CAMPAIGN_STATES,
  type CampaignOutcome,
  type MailAddress,
  type TenantId,
} from '#/model/index.ts';
import type { Campaign, CampaignEvent, CampaignFigures, DirectorySource } from '#/ports/index.ts';

const time = z.string().nullable();
const choice = z.enum(['send', 'stop']);

/** Recipients by how far they have come; what is not there is none. */
const outcomes = z.partialRecord(z.enum(CAMPAIGN_OUTCOMES), z.int());

export const campaignView = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(CAMPAIGN_STATES),
  by: z.string(),
  scope: z.record(z.string(), z.string()),
  /** What becomes of mail of which nobody says anything. */
  unlessChosen: choice,
  perSecond: z.int(),
  note: z.string().nullable(),
  ...{ draftedAt: z.string(), closesAt: time, freezesAt: time, startsAt: time },
  ...{ startedAt: time, releasedAt: time, completedAt: time, reportedAt: time },
});

export const shownCampaign = campaignView.extend({
  messages: z.int(),
  recipients: z.int(),
  outcomes,
  tenants: z.array(
    z.object({
      tenant: z.string(),
      contacts: z.array(z.string()),
      messages: z.int(),
      recipients: z.int(),
      outcomes,
      choice: choice.nullable(),
      chosenBy: z.string().nullable(),
      chosenAt: time,
    }),
  ),
  /** For operators. */
  events: z.array(z.object({ at: z.string(), kind: z.string(), by: z.string(), detail: z.string() })),
});

export type ShownCampaign = z.output<typeof shownCampaign>;

export function viewCampaign(campaign: Campaign): z.input<typeof campaignView> {
  const { id, title, state, by, query, unlessChosen, perSecond, note, plan } = campaign;
  const { from, to, ...words } = query;
  return {
    ...{ id, title, state, by, unlessChosen, perSecond, note },
    scope: { from: timeOf(from) ?? '', to: timeOf(to) ?? '', ...textsOf(words) },
    draftedAt: timeOf(campaign.draftedAt) ?? '',
    closesAt: timeOf(plan?.closesAt),
    freezesAt: timeOf(plan?.freezesAt),
    startsAt: timeOf(plan?.startsAt),
    startedAt: timeOf(campaign.startedAt),
    releasedAt: timeOf(campaign.releasedAt),
    completedAt: timeOf(campaign.completedAt),
    reportedAt: timeOf(campaign.reportedAt),
  };
}

function textsOf(words: object): Record<string, string> {
  return Object.fromEntries(Object.entries(words).map(([name, value]) => [name, String(value)]));
}

/** One with its figures; what stands there of it beside is an operator's to see. */
export function viewShown(
  campaign: Campaign,
  figures: readonly CampaignFigures[],
  events: readonly CampaignEvent[],
  directory: DirectorySource,
): ShownCampaign {
  const all = figures.map(({ recipients }) => recipients);
  return {
    ...viewCampaign(campaign),
    messages: figures.reduce((sum, { messages }) => sum + messages, 0),
    recipients: all.reduce((sum, each) => sum + countOf(each), 0),
    outcomes: sumOf(all),
    tenants: figures.map(({ tenant, messages, recipients, choice: said, chosenBy, chosenAt }) => ({
      ...{ tenant, messages, choice: said, chosenBy },
      contacts: [...contactsOf(tenant, directory)],
      recipients: countOf(recipients),
      outcomes: { ...recipients },
      chosenAt: timeOf(chosenAt),
    })),
    events: events.map(({ at, ...event }) => ({ at: timeOf(at) ?? '', ...event })),
  };
}

export function contactsOf(tenant: TenantId, directory: DirectorySource): readonly MailAddress[] {
  return directory.current().tenant(tenant)?.contacts ?? [];
}

function countOf(recipients: CampaignFigures['recipients']): number {
  return Object.values(recipients).reduce((sum, count) => sum + count, 0);
}

function sumOf(all: readonly CampaignFigures['recipients'][]): Partial<Record<CampaignOutcome, number>> {
  const sums: Partial<Record<CampaignOutcome, number>> = {};
  for (const outcome of CAMPAIGN_OUTCOMES) {
    const sum = all.reduce((total, each) => total + (each[outcome] ?? 0), 0);
    if (sum > 0) sums[outcome] = sum;
  }
  return sums;
}

/** RFC 3339, in UTC. */
export function timeOf(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : new Date(ms).toISOString();
}
