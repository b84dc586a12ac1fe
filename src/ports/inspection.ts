/**
 * Inspection between the rooms that have a part in it: the door asks whether rules may concern a mail, custody's engine gives out what waits,
 * an inspector says what is to become of it.
 *
 * What must never happen: a mail that rules concern and that goes on without a verdict; a verdict that is carried out although its claim was
 * lost or its rules have changed.
 */
import type {
  Call,
  Claim,
  DestinationKey,
  Direction,
  MailInCustody,
  Outcome,
  PolicyVersion,
  RecipientFacts,
  RecipientNumber,
  Settlement,
  TenantId,
  Verdict,
} from '#/model/index.ts';
import { pinned } from '#/model/index.ts';

/** Asked at the door, so it costs a look-up and nothing more. */
export interface PolicyScope {
  /** Whether any rule may concern mail of this tenant in this direction. When in doubt it may. */
  concerns(tenant: TenantId, direction: Direction): boolean;
}

/** An installation without rules. */
export const NO_POLICY: PolicyScope = { concerns: () => false };

/** How mail of a tenant goes by inspection at this moment, by an operator's word (M8). */
export interface Passage {
  readonly by: string;
  /** Lets it pass, and says why. */
  readonly verdict: Verdict;
  /** The next hop of what leaves; null: as always. */
  readonly destination: DestinationKey | null;
}

/** Whose mail goes by inspection now. */
export interface Bypasses {
  /** Null where it is inspected. */
  of(tenant: TenantId): Passage | null;
}

/** Everybody's mail is inspected. */
export const NO_BYPASS: Bypasses = { of: () => null };

/** What becomes of a recipient that goes by inspection; `next` is its usual next hop. */
export function passedBy(
  { by, verdict, destination }: Passage,
  { direction }: { readonly direction: Direction },
  next: DestinationKey,
): Outcome {
  const rerouted = direction === 'outbound' && destination !== null ? pinned(destination) : null;
  return { kind: 'passed', destination: rerouted ?? next, verdict, by };
}

/** One mail before an inspector. */
export interface InspectedMail {
  readonly mail: MailInCustody;
  /** Whom a verdict is asked for. */
  readonly asked: readonly RecipientNumber[];
  /** Everybody whom the mail reaches, the asked ones among them. */
  readonly everybody: readonly RecipientFacts[];
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
}

/** What decides. It reads the mail and the rules, and changes nothing. */
export interface Inspector {
  /**
   * One verdict for each of those asked for. A mail that it can't read, and a check that is slow or down, are matters for its verdict: it rejects
   * only for what is wrong with itself, or with `call`.
   */
  inspect(mail: InspectedMail, call: Call): Promise<ReadonlyMap<RecipientNumber, Verdict>>;
  /** The rules that hold for a tenant now; a verdict of another version is stale. */
  version(tenant: TenantId): PolicyVersion;
  /** Servers beside ours, by name, that mail of this tenant would have to wait long for at the moment; mostly none. */
  slow(tenant: TenantId): readonly string[];
}

/** What waits for inspection, for one worker. Kept by the queue; whatever is claimed has to come back by `finish`. */
export interface InspectionWork {
  /** Mail that is due, a claim a message, at most `limit` recipients, of tenants in turn; none over which a worker was lost. Empty where nothing is due. */
  claim(limit: number): Promise<readonly Claim[]>;
  /**
   * Mail that waits in the slow lane, of the tenant whose turn it is: at most as many mails as `room` says that there are places for one of its. Empty where
   * none is due that there is room for.
   */
  claimSlow(room: (tenant: TenantId) => number): Promise<readonly Claim[]>;
  /** A whole mail over which a worker was lost; null where there is none. Only for a worker that inspects nothing beside it. */
  claimAlone(): Promise<Claim | null>;
  /** Records what became of a claim, durably, in the background. Never throws. */
  finish(settlement: Settlement): void;
  /** Settlements that are not durable yet. */
  readonly unsettled: number;
  /** Resolves when something may be due, after a second at the latest, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
}
