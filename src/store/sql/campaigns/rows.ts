/** Rows of redelivery campaigns <-> values. */
import type { CampaignChoice, CampaignId, CampaignOutcome, CampaignState, MailId, TenantId } from '#/model/index.ts';
import type { Campaign, CampaignFigures, CampaignLine } from '#/ports/index.ts';
import type { SqlRow } from '../batches.ts';

export interface CampaignRow {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly query: string;
  readonly unless_chosen: string;
  readonly per_second: number;
  readonly note: string | null;
  readonly drafted_at: number;
  readonly by: string;
  readonly closes_at: number | null;
  readonly freezes_at: number | null;
  readonly starts_at: number | null;
  readonly started_at: number | null;
  readonly released_at: number | null;
  readonly completed_at: number | null;
  readonly reported_at: number | null;
}

export interface LineRow {
  readonly tenant: string;
  readonly message: string;
  readonly n: number;
  readonly choice: string | null;
  readonly outcome: string;
  readonly detail: string;
  readonly at: number;
}

export interface TenantRow {
  readonly tenant: string;
  readonly choice: string | null;
  readonly chosen_by: string | null;
  readonly chosen_at: number | null;
  readonly messages: number;
}

export interface CountRow {
  readonly tenant: string;
  readonly outcome: string;
  readonly recipients: number;
}

/** The rows of some statement, as the tables of this folder have them. */
export function as<Row>(rows: readonly SqlRow[] | undefined): readonly Row[] {
  return (rows ?? []) as unknown as readonly Row[];
}

export function campaignOf(row: CampaignRow): Campaign {
  const { closes_at: closesAt, freezes_at: freezesAt, starts_at: startsAt } = row;
  const plan = closesAt === null || freezesAt === null || startsAt === null ? null : { closesAt, freezesAt, startsAt };
  return {
    id: row.id as CampaignId,
    title: row.title,
    state: row.state as CampaignState,
    query: JSON.parse(row.query),
    unlessChosen: row.unless_chosen as CampaignChoice,
    perSecond: row.per_second,
    note: row.note,
    draftedAt: row.drafted_at,
    by: row.by,
    plan,
    startedAt: row.started_at,
    releasedAt: row.released_at,
    completedAt: row.completed_at,
    reportedAt: row.reported_at,
  };
}

export function lineOf(row: LineRow): CampaignLine {
  return {
    tenant: row.tenant as TenantId,
    message: row.message as MailId,
    n: row.n,
    choice: row.choice as CampaignChoice | null,
    outcome: row.outcome as CampaignOutcome,
    detail: row.detail,
    at: row.at,
  };
}

/** In the order of the tenants' rows. */
export function figuresOf(tenants: readonly TenantRow[], counts: readonly CountRow[]): CampaignFigures[] {
  const byTenant = Map.groupBy(counts, ({ tenant }) => tenant);
  return tenants.map(({ tenant, choice, chosen_by: chosenBy, chosen_at: chosenAt, messages }) => {
    const own = byTenant.get(tenant) ?? [];
    return {
      tenant: tenant as TenantId,
      messages,
      recipients: Object.fromEntries(own.map(({ outcome, recipients }) => [outcome, recipients])),
      choice: choice as CampaignChoice | null,
      chosenBy,
      chosenAt,
    };
  });
}
