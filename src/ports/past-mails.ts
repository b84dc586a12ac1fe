/**
 * What inspection found out about mail of the last days, kept for dry runs of rules (H1): in batches of octets that only `inspect/past/` can read,
 * a batch of one tenant's mail from one worker.
 *
 * A batch is there whole or not at all, and none is missed by anything but a dry run: what could not be kept is a gap, and a batch says how many
 * mails before it are one.
 *
 * What must never happen: a tenant's batch in the hands of another; a store that fills with them; a mail that waits for them.
 *
 * Keepers: `store/sql/past-mails/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/past-mails.ts`. Every method may be called again.
 */
import type { Call, TenantId } from '#/model/index.ts';

export interface PastMails extends AsyncDisposable {
  /** Durable when it resolves; false where the tenant has as much as it may, and nothing was kept. */
  keep(batch: PastBatch, bounds: PastBounds, call: Call): Promise<boolean>;

  /** Batches of a tenant with mail since `since`, newest first, behind the batch `before`. */
  read(
    tenant: TenantId,
    since: number,
    before: string | null,
    limit: number,
    call: Call,
  ): Promise<readonly ReadBatch[]>;

  /** Forgets at most `limit` batches: whose newest mail came before `before`, and the oldest of tenants that have more than `bounds`. How many went. */
  forget(before: number, bounds: PastBounds, limit: number, call: Call): Promise<number>;

  /** Forgets at most `limit` batches of one tenant. How many went. */
  drop(tenant: TenantId, limit: number, call: Call): Promise<number>;
}

/** Of one tenant. */
export interface PastBounds {
  readonly batches: number;
  readonly bytes: number;
}

export interface PastBatch {
  /** As mail ids are made: by the time of writing. */
  readonly id: string;
  readonly tenant: TenantId;
  /** Wall-clock ms at which its oldest and its newest mail were inspected. */
  readonly from: number;
  readonly to: number;
  readonly mails: number;
  /** Mails that this worker has inspected before these and could not keep. */
  readonly missed: number;
  readonly content: Uint8Array;
}

/** `content` is null where it can't be opened any more. */
export type ReadBatch = Omit<PastBatch, 'content'> & { readonly content: Uint8Array | null };
