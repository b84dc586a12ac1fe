/**
 * Tells the contacts of tenants that a campaign was announced, and what came of it (H7, H8).
 *
 * States: none of its own. The id of each mail follows from the campaign, its news and whom it is for: whoever dies behind handing one to custody finds
 * it there, and hands over what is missing. What must never happen: a contact told twice of one thing; a tenant told of another one's mail; one tenant whose store is
 * away that keeps the others uninformed.
 */
import { type Call, type MailAddress, type MailId, mailIdFor } from '#/model/index.ts';
import type {
  Campaign,
  CampaignFigures,
  CampaignMails,
  CampaignNews,
  Campaigns,
  Clock,
  Custody,
  DirectorySource,
  Journal,
  Log,
} from '#/ports/index.ts';
import { EVENTS_SHOWN, NEWEST, NEWS_MS, TURN_MS } from './limits.ts';
import { contactsOf } from './views.ts';

export interface TellerParts {
  readonly campaigns: Pick<Campaigns, 'list' | 'events' | 'figures' | 'takeTurn'>;
  readonly custody: Pick<Custody, 'accept'>;
  readonly journal: Pick<Journal, 'trace'>;
  readonly directory: DirectorySource;
  readonly mails: CampaignMails;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  /** Unique to this process and its start. */
  readonly worker: string;
  /** Tells those who deliver that mail waits. */
  readonly ring: () => void;
}

export class CampaignTeller {
  readonly #parts: TellerParts;
  /** What this process has seen told whole. */
  readonly #told = new Set<string>();

  constructor(parts: TellerParts) {
    this.#parts = parts;
  }

  /** Tells what is new. What could not be told is told by a later step. */
  async step(call: Call): Promise<void> {
    const { campaigns } = this.#parts;
    for (const campaign of await campaigns.list(null, null, NEWEST, call)) {
      const news = newsOf(campaign);
      if (news === null || this.#told.has(`${campaign.id} ${news}`)) continue;
      if (!(await this.#hasTurn(campaign, call))) continue;
      if (await this.#tell(campaign, news, call)) this.#told.add(`${campaign.id} ${news}`);
    }
  }

  async #tell(campaign: Campaign, news: CampaignNews, call: Call): Promise<boolean> {
    const { campaigns, clock, log } = this.#parts;
    const happenedAt = news === 'completed' ? campaign.completedAt : await this.#announcedAt(campaign, call);
    // News so old, while nothing ran here, is news to nobody.
    if (happenedAt === null || clock.now() - happenedAt > NEWS_MS) return true;
    let isWhole = true;
    for (const own of await campaigns.figures(campaign.id, null, call)) {
      // Many tenants take longer than one turn: who has lost it leaves the rest to the other.
      if (!(await this.#hasTurn(campaign, call))) return false;
      try {
        await this.#tellTenant(campaign, news, own, happenedAt, call);
      } catch (error) {
        isWhole = false;
        const why = error instanceof Error ? error.message : String(error);
        log.warn('campaign.not-told', { campaign: campaign.id, tenant: own.tenant, why });
      }
    }
    return isWhole;
  }

  #hasTurn({ id }: Campaign, call: Call): Promise<boolean> {
    const { campaigns, clock, worker } = this.#parts;
    const now = clock.now();
    return campaigns.takeTurn(id, { worker, now, until: now + TURN_MS }, call);
  }

  async #tellTenant(
    campaign: Campaign,
    news: CampaignNews,
    own: CampaignFigures,
    happenedAt: number,
    call: Call,
  ): Promise<void> {
    const { custody, journal, directory, mails, clock, ring } = this.#parts;
    const { tenant } = own;
    const to = new Map(
      contactsOf(tenant, directory).map((address): [MailId, MailAddress] => [
        mailIdFor(happenedAt, `campaign ${campaign.id} ${news} ${tenant} ${address}`),
        address,
      ]),
    );
    const ids = [...to.keys()];
    if (ids.length === 0) return;
    const known = new Set((await journal.trace({ ids, tenant }, ids.length, call)).map(({ id }) => id));
    for (const id of ids.filter((one) => !known.has(one))) {
      const letter = { id, at: clock.now(), to: to.get(id) as MailAddress, news, campaign, own };
      const mail = mails.telling(letter);
      if (mail === null) continue;
      await custody.accept([mail], null, call);
      ring();
    }
  }

  /** Null where it is not known any more: it was long ago. */
  async #announcedAt({ id }: Campaign, call: Call): Promise<number | null> {
    const events = await this.#parts.campaigns.events(id, EVENTS_SHOWN, call);
    return events.find(({ kind }) => kind === 'announced')?.at ?? null;
  }
}

/** Null where there is nothing to tell, or not yet. */
function newsOf({ state }: Campaign): CampaignNews | null {
  if (state === 'drafted') return null;
  return state === 'completed' || state === 'reported' ? 'completed' : 'announced';
}
