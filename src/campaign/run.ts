/**
 * What time and work do to campaigns: choices close, lists freeze, runs begin, recipients are let go at their pace, and a run is completed when all
 * that it let go has come to its end. Everything stands in the store: this may die at any moment, and run anywhere, twice.
 *
 * What must never happen: a recipient let go whose outcome is not known to the campaign (`releasing` is written before, so that its act is done
 * again); an act on one that was refused, or before the list is frozen; a pace that two processes double.
 */
import type { Call, CampaignItem, CampaignOutcome, CampaignState } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import {
  type Campaign,
  type CampaignLine,
  type CampaignPlan,
  type Campaigns,
  type Clock,
  type Custody,
  type Journal,
  type Log,
  Rounds,
} from '#/ports/index.ts';
import {
  AWAY_MS,
  CALL_MS,
  FORGET_STEP,
  IDLE_MS,
  LOOK_AGAIN_MS,
  LOOK_AT,
  SETTLE_MS,
  STEP_MS,
  TURN_MS,
  UNFINISHED_MS,
} from './limits.ts';
import { endOf, type Standing, standingOf, turnOf } from './stand.ts';
import type { CampaignTeller } from './teller.ts';

export interface RunParts {
  readonly campaigns: Campaigns;
  readonly custody: Pick<Custody, 'act'>;
  readonly journal: Pick<Journal, 'trace'>;
  /** Tells contacts; null where nobody is told. */
  readonly teller: Pick<CampaignTeller, 'step'> | null;
  readonly clock: Clock;
  readonly log: Log;
  /** Who takes the turn: unique to this process and its start. */
  readonly worker: string;
  /** Rows have become due. */
  readonly doorbell: () => void;
}

const BY = 'holdfast';

/** What time does. */
const NEXT: Readonly<
  Partial<Record<CampaignState, { readonly to: CampaignState; readonly when: keyof CampaignPlan }>>
> = {
  announced: { to: 'closed', when: 'closesAt' },
  closed: { to: 'frozen', when: 'freezesAt' },
  frozen: { to: 'running', when: 'startsAt' },
};

export class CampaignRunner implements AsyncDisposable {
  readonly #parts: RunParts;
  readonly #rounds: Rounds;
  #forgetAt: number;
  /** Wall-clock ms of the last look at what was let go, by campaign. */
  readonly #lookedAt = new Map<string, number>();

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#forgetAt = parts.clock.now();
    this.#rounds = new Rounds(parts.clock, {
      work: () => this.#round(),
      failed: (why) => {
        parts.log.warn('campaign.failed', { why });
        return AWAY_MS;
      },
    });
  }

  /** Works until it is disposed. */
  start(): this {
    this.#rounds.start();
    return this;
  }

  /** One step of each campaign that time or work moves on; whether there is one. */
  async step(): Promise<boolean> {
    const { campaigns, clock, log } = this.#parts;
    // Before time moves them on: who is told of a choice is to have it.
    await this.#parts.teller?.step(this.#call());
    const open = await campaigns.open(this.#call());
    for (const campaign of open) {
      if (this.#rounds.signal.aborted) break;
      try {
        const now = clock.now();
        const turn = { worker: this.#parts.worker, now, until: now + TURN_MS };
        if (await campaigns.takeTurn(campaign.id, turn, this.#call())) await this.#work(campaign);
      } catch (error) {
        if (this.#rounds.signal.aborted) break;
        log.warn('campaign.failed', { campaign: campaign.id, why: textOf(error) });
      }
    }
    return open.length > 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]();
  }

  async #round(): Promise<number> {
    const { clock, campaigns } = this.#parts;
    const isAtWork = await this.step();
    if (clock.now() >= this.#forgetAt) {
      const gone = await campaigns.forget(clock.now() - UNFINISHED_MS, FORGET_STEP, this.#call());
      this.#forgetAt = clock.now() + (gone < FORGET_STEP ? UNFINISHED_MS / 24 : 0);
    }
    return isAtWork ? STEP_MS : IDLE_MS;
  }

  async #work(campaign: Campaign): Promise<void> {
    const { campaigns, clock } = this.#parts;
    const { id, state, plan } = campaign;
    if (state === 'running') {
      await this.#carryOn(campaign);
      return;
    }
    const next = NEXT[state];
    const now = clock.now();
    if (next === undefined || plan === null || now < plan[next.when]) return;
    await campaigns.move(id, [state], { to: next.to, at: now, by: BY }, this.#call());
  }

  /** One step at its pace; behind the last one a look at what has come of them. */
  async #carryOn(campaign: Campaign): Promise<void> {
    const { campaigns, clock } = this.#parts;
    const { id, perSecond } = campaign;
    const left = await campaigns.items(id, { outcomes: ['releasing', 'listed'] }, null, perSecond, this.#call());
    for (let from = 0; from < left.length; from += LOOK_AT) {
      if (this.#rounds.signal.aborted) return;
      await this.#letGo(campaign, left.slice(from, from + LOOK_AT));
    }
    if (left.length === perSecond) return;
    await campaigns.released(id, clock.now(), this.#call());
    if (clock.now() - (this.#lookedAt.get(id) ?? 0) < LOOK_AGAIN_MS) return;
    this.#lookedAt.set(id, clock.now());
    await this.#complete(campaign);
  }

  /** What they are let go for is written down first: who dies in between does it again, which changes nothing where it was done. */
  async #letGo(campaign: Campaign, items: readonly CampaignLine[]): Promise<void> {
    const { campaigns, custody, journal, clock, doorbell } = this.#parts;
    const fresh = items.filter(({ outcome }) => outcome === 'listed');
    const turns = [...(await standingOf(fresh, journal, this.#call()))].map(([item, stands]) => {
      return { item, ...turnOf(stands) };
    });
    for (const some of groupsOf(turns)) await this.#record(campaign, some, ['listed'], some[0]);
    const begun = items.filter(({ outcome }) => outcome === 'releasing');
    const ready = [...begun, ...turns.flatMap(({ item, outcome }) => (outcome === 'releasing' ? [item] : []))];
    if (ready.length === 0) return;
    const act = { kind: 'redeliver', note: campaign.note } as const;
    for (const [recipient, some] of Map.groupBy(ready, ({ n }) => n)) {
      const filter = { ids: some.map(({ message }) => message), recipient };
      await custody.act(act, filter, `campaign ${campaign.id}`, some.length, this.#call());
    }
    const step = { from: ['releasing'], to: 'released', detail: '', at: clock.now() } as const;
    await campaigns.record(campaign.id, ready, step, this.#call());
    doorbell();
  }

  async #record(
    { id }: Campaign,
    some: readonly { readonly item: CampaignItem }[],
    from: readonly CampaignOutcome[],
    to: { readonly outcome: CampaignOutcome; readonly detail: string } | undefined,
  ): Promise<void> {
    if (to === undefined) return;
    const step = { from, to: to.outcome, detail: to.detail, at: this.#parts.clock.now() };
    await this.#parts.campaigns.record(
      id,
      some.map(({ item }) => item),
      step,
      this.#call(),
    );
  }

  /** Looks at all that was let go; completed when none of it is on its way, or it has been for very long. */
  async #complete(campaign: Campaign): Promise<void> {
    const { campaigns, clock } = this.#parts;
    const isLate = campaign.releasedAt !== null && clock.now() - campaign.releasedAt > SETTLE_MS;
    let waiting = 0;
    for await (const standing of this.#released(campaign)) {
      const ends = [...standing].map(([item, stands]) => ({ item, end: endOf(stands) }));
      const ended = ends.flatMap(({ item, end }) => (end === null ? [] : [{ item, ...end }]));
      for (const some of groupsOf(ended)) await this.#record(campaign, some, ['released'], some[0]);
      const open = ends.filter(({ end }) => end === null);
      if (isLate) await this.#record(campaign, open, ['released'], { outcome: 'waiting', detail: '' });
      else waiting += open.length;
    }
    if (waiting > 0) return;
    const move = { to: 'completed', at: clock.now(), by: BY } as const;
    await campaigns.move(campaign.id, ['running'], move, this.#call());
    this.#lookedAt.delete(campaign.id);
  }

  async *#released({ id }: Campaign): AsyncGenerator<ReadonlyMap<CampaignItem, Standing>> {
    const { campaigns, journal } = this.#parts;
    for (let after: CampaignItem | null = null; !this.#rounds.signal.aborted; ) {
      const items = await campaigns.items(id, { outcomes: ['released'] }, after, LOOK_AT, this.#call());
      if (items.length > 0) yield await standingOf(items, journal, this.#call());
      if (items.length < LOOK_AT) return;
      after = items.at(-1) ?? null;
    }
  }

  #call(): Call {
    return within(CALL_MS, this.#rounds.signal);
  }
}

/** Those of whom the same is to be written. */
function groupsOf<One extends { readonly outcome: CampaignOutcome; readonly detail: string }>(
  all: readonly One[],
): readonly (readonly One[])[] {
  return [...Map.groupBy(all, ({ outcome, detail }) => `${outcome} ${detail}`).values()];
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
