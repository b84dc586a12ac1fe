/** The statements of redelivery campaigns, each of which decides by itself what it may change: so no two callers can both be the first one. */
import type { CampaignId, CampaignItem, CampaignState } from '#/model/index.ts';
import type {
  CampaignMove,
  CampaignStep,
  CampaignTurn,
  NewCampaign,
  NewChoice,
  RecipientPlace,
} from '#/ports/index.ts';
import type { BatchStatement, SqlValue } from '../batches.ts';

/** Rows of one statement: well below what both databases take as values. */
export const BATCH_ROWS = 500;
/** Lines of what happened to one campaign. */
const EVENTS_MAX = 10_000;

export function statement(text: string, ...values: SqlValue[]): BatchStatement {
  return { text, values };
}

/** Values of one statement, each with its place. */
export class Values {
  readonly all: SqlValue[] = [];

  add(value: SqlValue): string {
    return `$${this.all.push(value)}`;
  }

  list(values: readonly SqlValue[]): string {
    return values.map((value) => this.add(value)).join(', ');
  }

  /** Places as rows; what a parameter holds is said to those databases that ask. */
  places(places: readonly RecipientPlace[]): string {
    return places.map(({ message, n }) => `(${this.add(message)}, CAST(${this.add(n)} AS bigint))`).join(', ');
  }

  of(text: string): BatchStatement {
    return { text, values: this.all };
  }
}

export function scoping(campaign: CampaignId, items: readonly CampaignItem[]): BatchStatement {
  const values = new Values();
  const id = values.add(campaign);
  const rows = items.map(
    ({ message, n, tenant }) => `(${values.add(message)}, CAST(${values.add(n)} AS bigint), ${values.add(tenant)})`,
  );
  return values.of(
    `INSERT INTO campaign_item (campaign, message, n, tenant, outcome, detail, at)
     SELECT ${id}, column1, column2, column3, 'listed', '', 0 FROM (VALUES ${rows.join(', ')}) AS line
     WHERE NOT EXISTS (SELECT 1 FROM campaign WHERE id = ${id}) ON CONFLICT (campaign, message, n) DO NOTHING`,
  );
}

export function drafting(campaign: NewCampaign, event: string): readonly BatchStatement[] {
  const { id, title, query, unlessChosen, perSecond, note, draftedAt, by } = campaign;
  return [
    statement(
      `INSERT INTO campaign (id, title, state, query, unless_chosen, per_second, note, drafted_at, by, touched)
       VALUES ($1, $2, 'drafted', $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`,
      ...[id, title, JSON.stringify(query), unlessChosen, perSecond, note, draftedAt, by, event],
    ),
    statement(
      `INSERT INTO campaign_tenant (campaign, tenant)
       SELECT DISTINCT campaign, tenant FROM campaign_item WHERE campaign = $1 ON CONFLICT (campaign, tenant) DO NOTHING`,
      id,
    ),
    telling(id, event, { at: draftedAt, kind: 'drafted', by, detail: '' }),
  ];
}

/** Tells what the statement before it did, where it did it: the campaign names the event of its last change. */
function telling(
  campaign: CampaignId,
  event: string,
  {
    at,
    kind,
    by,
    detail,
  }: { readonly at: number; readonly kind: string; readonly by: string; readonly detail: string },
): BatchStatement {
  return statement(
    `INSERT INTO campaign_event (id, campaign, at, kind, by, detail)
     SELECT $1, id, $2, $3, $4, $5 FROM campaign WHERE id = $6 AND touched = $1
       AND (SELECT count(*) FROM campaign_event WHERE campaign = $6) < ${EVENTS_MAX}
     ON CONFLICT (id) DO NOTHING`,
    ...[event, at, kind, by, detail, campaign],
  );
}

/** When a state began, where somebody asks. */
const BEGINS: Readonly<Partial<Record<CampaignState, string>>> = {
  running: 'started_at',
  completed: 'completed_at',
  reported: 'reported_at',
};

/** Its first answer has a row where it moved. */
export function moving(
  campaign: CampaignId,
  from: readonly CampaignState[],
  { to, at, by, detail = '', plan }: CampaignMove,
  event: string,
): readonly BatchStatement[] {
  const values = new Values();
  const begins = BEGINS[to];
  const sets = [
    `state = ${values.add(to)}`,
    `touched = ${values.add(event)}`,
    ...(begins === undefined ? [] : [`${begins} = coalesce(${begins}, ${values.add(at)})`]),
    ...(plan === undefined
      ? []
      : [
          `closes_at = ${values.add(plan.closesAt)}`,
          `freezes_at = ${values.add(plan.freezesAt)}`,
          `starts_at = ${values.add(plan.startsAt)}`,
        ]),
  ];
  const where = `id = ${values.add(campaign)} AND state IN (${values.list(from)})`;
  return [
    values.of(`UPDATE campaign SET ${sets.join(', ')} WHERE ${where} RETURNING id`),
    ...(to === 'frozen' ? [refusing(campaign, at)] : []),
    telling(campaign, event, { at, kind: to, by, detail }),
  ];
}

/** What is not to be sent: by what was said of the message, of the tenant, of the campaign, in this order. */
function refusing(campaign: CampaignId, at: number): BatchStatement {
  return statement(
    `UPDATE campaign_item SET outcome = 'refused', at = $2
     WHERE campaign = $1 AND outcome = 'listed' AND EXISTS (SELECT 1 FROM campaign WHERE id = $1 AND state = 'frozen')
       AND coalesce(choice,
         (SELECT t.choice FROM campaign_tenant t WHERE t.campaign = campaign_item.campaign AND t.tenant = campaign_item.tenant),
         (SELECT c.unless_chosen FROM campaign c WHERE c.id = campaign_item.campaign)) = 'stop'`,
    ...[campaign, at],
  );
}

/** Its first answer has a row where it is in time, its last one how many messages it concerns. The later word counts: one for all mail takes back those for single ones. */
export function choosing(campaign: CampaignId, choice: NewChoice, event: string): readonly BatchStatement[] {
  const { tenant, messages, states, before, at, by } = choice;
  const column = before === 'closesAt' ? 'closes_at' : 'freezes_at';
  const lock = new Values();
  const inTime = new Values();
  const isInTime = `id = ${lock.add(campaign)} AND state IN (${lock.list(states)}) AND ${column} > ${lock.add(at)}`;
  const some = messages === null ? '' : ` AND message IN (${inTime.list(messages)})`;
  const gate = `EXISTS (SELECT 1 FROM campaign WHERE id = ${inTime.add(campaign)} AND touched = ${inTime.add(event)})`;
  const own = `campaign = ${inTime.add(campaign)} AND tenant = ${inTime.add(tenant)}${some}`;
  const said = messages === null ? null : choice.choice;
  const set = inTime.add(said);
  const what = `${choice.choice ?? 'nothing'} for ${messages === null ? 'all mail' : `${messages.length} messages`} of ${tenant}`;
  return [
    lock.of(`UPDATE campaign SET touched = ${lock.add(event)} WHERE ${isInTime} RETURNING id`),
    ...(messages === null ? [choosingAll(campaign, choice, event)] : []),
    inTime.of(`UPDATE campaign_item SET choice = ${set} WHERE ${own} AND ${gate} RETURNING message`),
    telling(campaign, event, { at, kind: 'choice', by, detail: what }),
  ];
}

function choosingAll(campaign: CampaignId, { tenant, choice, by, at }: NewChoice, event: string): BatchStatement {
  return statement(
    `UPDATE campaign_tenant SET choice = $1, chosen_by = $2, chosen_at = $3
     WHERE campaign = $4 AND tenant = $5 AND EXISTS (SELECT 1 FROM campaign WHERE id = $4 AND touched = $6)`,
    ...[choice, by, at, campaign, tenant, event],
  );
}

export function takingTurn(campaign: CampaignId, { worker, now, until }: CampaignTurn): BatchStatement {
  return statement(
    `UPDATE campaign SET turn_by = $2, turn_until = $3
     WHERE id = $1 AND (turn_by = $2 OR turn_until IS NULL OR turn_until <= $4) RETURNING id`,
    ...[campaign, worker, until, now],
  );
}

export function recording(campaign: CampaignId, places: readonly RecipientPlace[], step: CampaignStep): BatchStatement {
  const values = new Values();
  const set = `outcome = ${values.add(step.to)}, detail = ${values.add(step.detail)}, at = ${values.add(step.at)}`;
  const own = `campaign = ${values.add(campaign)} AND outcome IN (${values.list(step.from)})`;
  return values.of(
    `UPDATE campaign_item SET ${set} WHERE ${own} AND (message, n) IN (VALUES ${values.places(places)}) RETURNING n`,
  );
}

/** Pieces that one statement takes. */
export function inBatches<T>(items: readonly T[]): readonly (readonly T[])[] {
  const batches: (readonly T[])[] = [];
  for (let from = 0; from < items.length; from += BATCH_ROWS) batches.push(items.slice(from, from + BATCH_ROWS));
  return batches;
}
