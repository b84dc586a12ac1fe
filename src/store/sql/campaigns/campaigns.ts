/** `ports/campaigns.ts` over any database that runs batches. */
import {
  type Call,
  type CampaignId,
  type CampaignItem,
  type CampaignState,
  mailIdAt,
  newMailId,
  type TenantId,
} from '#/model/index.ts';
import type {
  Campaign,
  CampaignEvent,
  CampaignFigures,
  CampaignFilter,
  CampaignLine,
  CampaignMove,
  CampaignStep,
  Campaigns,
  CampaignTurn,
  ErasedPerson,
  NewCampaign,
  NewChoice,
  RecipientPlace,
} from '#/ports/index.ts';
import type { Batches, BatchStatement, SqlRow } from '../batches.ts';
import {
  as,
  type CampaignRow,
  type CountRow,
  campaignOf,
  figuresOf,
  type LineRow,
  lineOf,
  type TenantRow,
} from './rows.ts';
import {
  choosing,
  drafting,
  inBatches,
  moving,
  recording,
  scoping,
  statement,
  takingTurn,
  Values,
} from './statements.ts';

/** Messages of one choice: more is a choice for all. */
const CHOSEN_MAX = 10_000;

export class SqlCampaigns implements Campaigns {
  readonly #batches: Batches;

  constructor(batches: Batches) {
    this.#batches = batches;
  }

  async scope(campaign: CampaignId, items: readonly CampaignItem[], call: Call): Promise<void> {
    for (const some of inBatches(items)) await this.#one(scoping(campaign, some), call);
  }

  async draft(campaign: NewCampaign, call: Call): Promise<void> {
    await this.#batches.run(drafting(campaign, newMailId(campaign.draftedAt)), call);
  }

  async list(
    tenant: TenantId | null,
    after: CampaignId | null,
    limit: number,
    call: Call,
  ): Promise<readonly Campaign[]> {
    const values = new Values();
    const conditions = [
      ...(after === null ? [] : [`id < ${values.add(after)}`]),
      ...(tenant === null
        ? []
        : [`state <> 'drafted' AND id IN (SELECT campaign FROM campaign_tenant WHERE tenant = ${values.add(tenant)})`]),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return this.#campaigns(
      values.of(`SELECT * FROM campaign ${where} ORDER BY id DESC LIMIT ${values.add(limit)}`),
      call,
    );
  }

  async show(campaign: CampaignId, call: Call): Promise<Campaign | null> {
    const [found = null] = await this.#campaigns(statement('SELECT * FROM campaign WHERE id = $1', campaign), call);
    return found;
  }

  async figures(campaign: CampaignId, tenant: TenantId | null, call: Call): Promise<readonly CampaignFigures[]> {
    const own = tenant === null ? '' : ' AND tenant = $2';
    const values = tenant === null ? [campaign] : [campaign, tenant];
    const [tenants, messages, counts] = await this.#batches.run(
      [
        statement(
          `SELECT tenant, choice, chosen_by, chosen_at FROM campaign_tenant WHERE campaign = $1${own} ORDER BY tenant`,
          ...values,
        ),
        statement(
          `SELECT tenant, count(DISTINCT message) AS messages FROM campaign_item WHERE campaign = $1${own} GROUP BY tenant`,
          ...values,
        ),
        statement(
          `SELECT tenant, outcome, count(*) AS recipients FROM campaign_item WHERE campaign = $1${own} GROUP BY tenant, outcome`,
          ...values,
        ),
      ],
      call,
    );
    const byTenant = new Map(
      as<{ tenant: string; messages: number }>(messages).map((row) => [row.tenant, row.messages]),
    );
    const rows = as<Omit<TenantRow, 'messages'>>(tenants);
    return figuresOf(
      rows.map((row) => ({ ...row, messages: byTenant.get(row.tenant) ?? 0 })),
      as<CountRow>(counts),
    );
  }

  async items(
    campaign: CampaignId,
    { tenant, outcomes }: CampaignFilter,
    after: RecipientPlace | null,
    limit: number,
    call: Call,
  ): Promise<readonly CampaignLine[]> {
    const values = new Values();
    const conditions = [
      `campaign = ${values.add(campaign)}`,
      ...(tenant === undefined ? [] : [`tenant = ${values.add(tenant)}`]),
      ...(outcomes === undefined ? [] : [`outcome IN (${values.list(outcomes)})`]),
      ...(after === null ? [] : [`(message, n) > (${values.add(after.message)}, ${values.add(after.n)})`]),
    ];
    const rows = await this.#one(
      values.of(
        `SELECT tenant, message, n, choice, outcome, detail, at FROM campaign_item
         WHERE ${conditions.join(' AND ')} ORDER BY message, n LIMIT ${values.add(limit)}`,
      ),
      call,
    );
    return as<LineRow>(rows).map(lineOf);
  }

  async events(campaign: CampaignId, limit: number, call: Call): Promise<readonly CampaignEvent[]> {
    const text = 'SELECT at, kind, by, detail FROM campaign_event WHERE campaign = $1 ORDER BY id DESC LIMIT $2';
    return as<CampaignEvent>(await this.#one(statement(text, campaign, limit), call)).toReversed();
  }

  async move(campaign: CampaignId, from: readonly CampaignState[], move: CampaignMove, call: Call): Promise<boolean> {
    const [moved] = await this.#batches.run(moving(campaign, from, move, newMailId(move.at)), call);
    return moved?.length === 1;
  }

  async choose(campaign: CampaignId, choice: NewChoice, call: Call): Promise<number | null> {
    if (choice.messages !== null && choice.messages.length > CHOSEN_MAX)
      throw new RangeError('A choice names too many messages.');
    if (choice.messages?.length === 0) return 0;
    const answers = await this.#batches.run(choosing(campaign, choice, newMailId(choice.at)), call);
    if (answers[0]?.length !== 1) return null;
    return new Set(as<{ readonly message: string }>(answers.at(-2)).map(({ message }) => message)).size;
  }

  open(call: Call): Promise<readonly Campaign[]> {
    const text = `SELECT * FROM campaign WHERE state IN ('announced', 'closed', 'frozen', 'running') ORDER BY id`;
    return this.#campaigns(statement(text), call);
  }

  async takeTurn(campaign: CampaignId, turn: CampaignTurn, call: Call): Promise<boolean> {
    return (await this.#one(takingTurn(campaign, turn), call)).length === 1;
  }

  async record(
    campaign: CampaignId,
    places: readonly RecipientPlace[],
    step: CampaignStep,
    call: Call,
  ): Promise<number> {
    const answers = await this.#batches.run(
      inBatches(places).map((some) => recording(campaign, some, step)),
      call,
    );
    return answers.reduce((sum, rows) => sum + rows.length, 0);
  }

  async released(campaign: CampaignId, at: number, call: Call): Promise<void> {
    await this.#one(
      statement('UPDATE campaign SET released_at = $2 WHERE id = $1 AND released_at IS NULL', campaign, at),
      call,
    );
  }

  async forget(before: number, limit: number, call: Call): Promise<number> {
    const rows = await this.#one(
      statement(
        `SELECT campaign, message, n FROM campaign_item i
         WHERE campaign < $1 AND NOT EXISTS (SELECT 1 FROM campaign c WHERE c.id = i.campaign) LIMIT $2`,
        ...[mailIdAt(before), limit],
      ),
      call,
    );
    const lines = as<RecipientPlace & { readonly campaign: string }>(rows);
    for (const [campaign, some] of Map.groupBy(lines, (line) => line.campaign))
      for (const batch of inBatches(some)) await this.#one(forgetting(campaign, batch), call);
    return lines.length;
  }

  async erase({ addresses, pseudonym }: ErasedPerson, call: Call): Promise<number> {
    const marks = addresses.map((_, i) => `$${i + 1}`).join(', ');
    const other = `$${addresses.length + 1}`;
    const columns = [
      ['campaign', 'by'],
      ['campaign_event', 'by'],
      ['campaign_tenant', 'chosen_by'],
    ] as const;
    const answers = await this.#batches.run(
      columns.map(([table, column]) => ({
        text: `UPDATE ${table} SET ${column} = ${other} WHERE lower(${column}) IN (${marks}) RETURNING ${column}`,
        values: [...addresses, pseudonym],
      })),
      call,
    );
    return answers.reduce((sum, rows) => sum + rows.length, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batches[Symbol.asyncDispose]();
  }

  async #campaigns(one: BatchStatement, call: Call): Promise<readonly Campaign[]> {
    return as<CampaignRow>(await this.#one(one, call)).map(campaignOf);
  }

  async #one(one: BatchStatement, call: Call): Promise<readonly SqlRow[]> {
    const [rows] = await this.#batches.run([one], call);
    return rows ?? [];
  }
}

function forgetting(campaign: string, places: readonly RecipientPlace[]): BatchStatement {
  const values = new Values();
  return values.of(
    `DELETE FROM campaign_item WHERE campaign = ${values.add(campaign)} AND (message, n) IN (VALUES ${values.places(places)})`,
  );
}
