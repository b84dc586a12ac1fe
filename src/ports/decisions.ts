/**
 * Which held mail a person decided about, and when: an index into the journal, which alone says what came of it. So that people find what they
 * decided, and administrators what anybody of their tenant did, without a walk through all mail.
 *
 * What must never happen: a decision that is found by another tenant; rows that outlive their use (`keptMs`).
 *
 * Keepers: `store/sql/decisions/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/decisions.ts`. Every method may be called again.
 */
import type { Call, MailId, TenantId } from '#/model/index.ts';

export interface Decisions {
  /** The newest one of a person about a mail stands for all of them. What is older than `keptMs` is forgotten with it. */
  note(decisions: readonly HeldDecision[], keptMs: number, call: Call): Promise<void>;

  /** Newest first, those behind `after` (`place`). */
  list(filter: DecisionFilter, after: string | null, limit: number, call: Call): Promise<readonly FoundDecision[]>;

  /** Forgets all of a person's, in whichever tenant; how many there were. */
  erase(person: string, call: Call): Promise<number>;
}

export interface HeldDecision {
  readonly tenant: TenantId;
  /** The same text for all addresses of one person; of operators what the journal calls them. */
  readonly person: string;
  readonly message: MailId;
  /** Wall-clock ms. */
  readonly at: number;
}

export interface DecisionFilter {
  /** Absent: of all tenants, for operators. */
  readonly tenant?: TenantId;
  readonly person?: string;
  /** Wall-clock ms. */
  readonly since: number;
}

export interface FoundDecision extends HeldDecision {
  /** Names it for the next page. */
  readonly place: string;
}
