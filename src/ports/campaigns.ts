/**
 * Redelivery campaigns as they are kept (H7): their scope, written down recipient by recipient when they are drafted, what tenants chose, and how
 * far each recipient has come. No address and no subject stands here (design 6, Privacy).
 * ```
 *   drafted ─▶ announced ─▶ closed ─▶ frozen ─▶ running ⇄ paused ─▶ completed ─▶ reported
 * ```
 * What must never happen: a campaign whose scope is not whole; a choice that is taken after its time; two that move one campaign by different
 * words; a recipient whose outcome goes back.
 *
 * Keepers: `store/sql/campaigns/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/campaigns.ts`. Every method may be called again.
 * Times are wall-clock ms.
 */
import type {
  Call,
  CampaignChoice,
  CampaignId,
  CampaignItem,
  CampaignOutcome,
  CampaignState,
  MailId,
  TenantId,
} from '#/model/index.ts';
import type { AffectedQuery, RecipientPlace } from './affected.ts';
import type { ErasedPerson } from './erasure.ts';

export interface Campaigns {
  /** Writes down a part of the scope of a campaign that is not there yet; what is there stays as it is. */
  scope(campaign: CampaignId, items: readonly CampaignItem[], call: Call): Promise<void>;

  /** Makes it be, with all that `scope` has written down: from then on its scope is fixed. One that is there stays as it is. */
  draft(campaign: NewCampaign, call: Call): Promise<void>;

  /** Newest first, behind `after`; of a tenant those in which it has mail, but for drafts. */
  list(tenant: TenantId | null, after: CampaignId | null, limit: number, call: Call): Promise<readonly Campaign[]>;

  /** Null where there is none. */
  show(campaign: CampaignId, call: Call): Promise<Campaign | null>;

  /** Figures by tenant, in order of tenant. */
  figures(campaign: CampaignId, tenant: TenantId | null, call: Call): Promise<readonly CampaignFigures[]>;

  /** Its recipients in order, behind `after`. */
  items(
    campaign: CampaignId,
    filter: CampaignFilter,
    after: RecipientPlace | null,
    limit: number,
    call: Call,
  ): Promise<readonly CampaignLine[]>;

  /** What happened to it, oldest first. */
  events(campaign: CampaignId, limit: number, call: Call): Promise<readonly CampaignEvent[]>;

  /** Moves it, where it is still in one of `from`; false where it is not. With `frozen`, whoever is not to be sent to is `refused` in the same commit. */
  move(campaign: CampaignId, from: readonly CampaignState[], move: CampaignMove, call: Call): Promise<boolean>;

  /**
   * Takes a choice of a tenant for all of its mail, or for `messages`; null takes it back. The later word counts: one for all mail takes back those
   * for single messages. Only in one of `states` and before a time of the plan. How many messages it concerns; null where it came too late.
   */
  choose(campaign: CampaignId, choice: NewChoice, call: Call): Promise<number | null>;

  /** Campaigns that time or work moves on. */
  open(call: Call): Promise<readonly Campaign[]>;

  /** The turn to work on a campaign, until a time; false where somebody else has it. */
  takeTurn(campaign: CampaignId, turn: CampaignTurn, call: Call): Promise<boolean>;

  /** Writes down how far recipients have come, of those that stand in one of `from`. How many that were. */
  record(campaign: CampaignId, places: readonly RecipientPlace[], step: CampaignStep, call: Call): Promise<number>;

  /** Writes down, once, that all of it has been let go that was to be. */
  released(campaign: CampaignId, at: number, call: Call): Promise<void>;

  /** Removes up to `limit` lines of scopes whose campaigns never came to be, begun before `before`. */
  forget(before: number, limit: number, call: Call): Promise<number>;

  /** Puts a person's pseudonym in their place where they drafted, moved or chose something. How many rows it was. */
  erase(person: ErasedPerson, call: Call): Promise<number>;

  [Symbol.asyncDispose](): Promise<void>;
}

export interface NewCampaign {
  readonly id: CampaignId;
  readonly title: string;
  /** The question that its scope is the answer to, as of `draftedAt`. */
  readonly query: AffectedQuery;
  /** What becomes of mail of which nobody says anything: it goes (unless refused), or it stays (only on order). */
  readonly unlessChosen: CampaignChoice;
  readonly perSecond: number;
  /** Said in the late mail, in a field of its own; null for none. */
  readonly note: string | null;
  readonly draftedAt: number;
  readonly by: string;
}

/** When what happens by itself; null before it was announced. */
export interface CampaignPlan {
  /** Tenants choose until then. */
  readonly closesAt: number;
  /** Operators write down what reached them by other ways until then. */
  readonly freezesAt: number;
  readonly startsAt: number;
}

export interface Campaign extends NewCampaign {
  readonly state: CampaignState;
  readonly plan: CampaignPlan | null;
  readonly startedAt: number | null;
  /** All that was to be let go has been. */
  readonly releasedAt: number | null;
  readonly completedAt: number | null;
  readonly reportedAt: number | null;
}

/** One tenant's part. `recipients` by outcome; what is not there is none. */
export interface CampaignFigures {
  readonly tenant: TenantId;
  readonly messages: number;
  readonly recipients: Readonly<Partial<Record<CampaignOutcome, number>>>;
  readonly choice: CampaignChoice | null;
  readonly chosenBy: string | null;
  readonly chosenAt: number | null;
}

export interface CampaignFilter {
  readonly tenant?: TenantId;
  readonly outcomes?: readonly CampaignOutcome[];
}

export interface CampaignLine extends CampaignItem {
  /** What was said of its message alone. */
  readonly choice: CampaignChoice | null;
  readonly outcome: CampaignOutcome;
  readonly detail: string;
  readonly at: number;
}

export interface CampaignEvent {
  readonly at: number;
  readonly kind: string;
  readonly by: string;
  readonly detail: string;
}

export interface CampaignMove {
  readonly to: CampaignState;
  readonly at: number;
  readonly by: string;
  readonly detail?: string;
  /** With `announced`. */
  readonly plan?: CampaignPlan;
}

export interface NewChoice {
  readonly tenant: TenantId;
  /** Null: of all its mail. */
  readonly messages: readonly MailId[] | null;
  readonly choice: CampaignChoice | null;
  readonly states: readonly CampaignState[];
  /** Which time of the plan must not have come by `at`. */
  readonly before: 'closesAt' | 'freezesAt';
  readonly at: number;
  readonly by: string;
}

/** How far recipients have come; those that do not stand in one of `from` stay as they are. */
export interface CampaignStep {
  readonly from: readonly CampaignOutcome[];
  readonly to: CampaignOutcome;
  readonly detail: string;
  readonly at: number;
}

export interface CampaignTurn {
  readonly worker: string;
  readonly now: number;
  readonly until: number;
}
