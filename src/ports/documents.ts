/**
 * Documents that companies registered so that mail which quotes them is known (H1). Kept are a name and numbers (`checks/fingerprint/shingles.ts`), never the text.
 *
 * Each change of a tenant's documents raises its revision, by which whoever judges mail knows that what they have is still all there is.
 *
 * What must never happen: a document that is registered and of which whoever looks then does not hear; one of another tenant.
 *
 * Keeper: `store/sql/policy-memory/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/policy-memory.ts`. Every method may be called again.
 */
import type { Call, TenantId } from '#/model/index.ts';

/** A document as people see it in a list. */
export interface DocumentEntry {
  readonly tenant: TenantId;
  /** As it was given; another one of the tenant is another name also when case is set aside. */
  readonly name: string;
  /** Wall-clock ms. */
  readonly addedAt: number;
  /** Who registered it. */
  readonly by: string;
  /** Characters that were read of it. */
  readonly chars: number;
  /** How many numbers it is known by. */
  readonly numbers: number;
  /** It is longer than what it is known by. */
  readonly isCut: boolean;
}

export interface NewDocument extends Omit<DocumentEntry, 'numbers'> {
  /** Unique; the same when the call is repeated. */
  readonly id: string;
  /** Each once, ascending. */
  readonly numbers: Uint32Array;
}

/** What a tenant may register. */
export interface DocumentBounds {
  readonly documents: number;
  /** Of all documents together. */
  readonly numbers: number;
}

/** What checks are made of. */
export interface DocumentNumbers {
  readonly name: string;
  readonly numbers: Uint32Array;
}

export interface DocumentSnapshot {
  readonly revision: number;
  /** In the order of their names; null where they are those of the revision that was known. */
  readonly documents: readonly DocumentNumbers[] | null;
}

export interface Documents {
  /** Durable when it resolves. Else nothing was kept: `taken`, since there is one of that name; `full`, since the tenant would have more than `bounds` say. */
  add(document: NewDocument, bounds: DocumentBounds, call: Call): Promise<'added' | 'taken' | 'full'>;

  /** False where there is none of that name. */
  remove(tenant: TenantId, name: string, call: Call): Promise<boolean>;

  /** All of a tenant, by name. */
  list(tenant: TenantId, call: Call): Promise<readonly DocumentEntry[]>;

  /** All of a tenant as they are now, where that is not the revision `known`. */
  snapshot(tenant: TenantId, known: number | null, call: Call): Promise<DocumentSnapshot>;
}
