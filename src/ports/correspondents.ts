/**
 * Who has written to whom (H1): pairs of a sender and a recipient outside, with the day of the last mail that was delivered. Rules about first mails to
 * somebody (`firstTime`) are decided by it.
 *
 * No address stands in it: people are keyed hashes of tenant and address, so that what is known of one person can be found and erased, and nobody can
 * read who they are, nor compare two tenants.
 *
 * What must never happen: a pair that never was; a pair of one tenant that another one finds. A pair that is missing only makes somebody a stranger once more.
 *
 * Keeper: `store/sql/policy-memory/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/policy-memory.ts`. Every method may be called again.
 */
import type { Call, TenantId } from '#/model/index.ts';

/** A person, as the keeper knows them: made from tenant and address with a key of the installation. */
export type PersonHash = string & { readonly __brand: 'PersonHash' };

/** Mail of this sender was delivered to this recipient on this day (days since 1970, UTC). */
export interface Correspondence {
  readonly tenant: TenantId;
  readonly sender: PersonHash;
  readonly recipient: PersonHash;
  readonly day: number;
}

/** Whom of these recipients has this sender, or anybody of the tenant, written to? */
export interface AcquaintanceQuestion {
  readonly tenant: TenantId;
  readonly sender: PersonHash;
  readonly recipients: readonly PersonHash[];
}

export interface Acquaintances {
  readonly bySender: ReadonlySet<PersonHash>;
  /** Those of the sender among them. */
  readonly byTenant: ReadonlySet<PersonHash>;
}

/** What is forgotten: pairs whose last mail is older than `before`, and of a tenant that has more than `most` the oldest. */
export interface Forgetting {
  readonly before: number;
  readonly most: number;
}

export interface Correspondents {
  /** Durable when it resolves, all of them or none. Of a pair that is known the later day stays. */
  learn(pairs: readonly Correspondence[], call: Call): Promise<void>;

  /** One answer for each question, in order. */
  known(questions: readonly AcquaintanceQuestion[], call: Call): Promise<readonly Acquaintances[]>;

  /** At most `limit` pairs of each tenant; how many went. */
  forget(what: Forgetting, limit: number, call: Call): Promise<number>;

  /** All pairs in which this person is one; how many there were. */
  erase(tenant: TenantId, person: PersonHash, call: Call): Promise<number>;
}
