/**
 * Keys that sign mail for domains (DKIM), of each tenant. The private half is sealed by whoever made the key, under a key that is made from the
 * installation's: a keeper never has it open.
 *
 * A key's way: made ─use─▶ active from `activeAt` ─retire─▶ retired from `retiredAt`. A key signs what was accepted between the two, however late it is
 * sent, so that each attempt writes the same octets.
 *
 * What must never happen: a time of a key that changes once it is set; a key of one tenant given to another.
 *
 * Keepers: `store/sql/domain-keys/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/domain-keys.ts`. Every method may be called again.
 */
import type { Call, Domain, TenantId } from '#/model/index.ts';

export type DomainKeyAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

/** Names a key: it is in DNS at `selector._domainkey.domain`. */
export interface DomainKeyName {
  readonly tenant: TenantId;
  readonly domain: Domain;
  readonly selector: string;
}

export interface DomainKey extends DomainKeyName {
  readonly algorithm: DomainKeyAlgorithm;
  /** Text of the record to publish. */
  readonly record: string;
  /** The private half. */
  readonly sealed: Uint8Array;
  /** Wall-clock ms. */
  readonly madeAt: number;
  /** Wall-clock ms from which it signs; null until then is known. */
  readonly activeAt: number | null;
  /** Wall-clock ms from which it signs no more. */
  readonly retiredAt: number | null;
}

export interface DomainKeys {
  /** All of a tenant, the oldest first. */
  list(tenant: TenantId, call: Call): Promise<readonly DomainKey[]>;

  /** Durable when it resolves; false where the tenant has one of this name. */
  add(key: DomainKey, call: Call): Promise<boolean>;

  /** It signs what is accepted from `at` on, and those that sign for its domain with its algorithm until then end there. False where it has a time already, or is not there. */
  use(key: DomainKeyName, at: number, call: Call): Promise<boolean>;

  /** It signs nothing that is accepted from `at` on. False where it was not active, or has an end already. */
  retire(key: DomainKeyName, at: number, call: Call): Promise<boolean>;

  /** Destroys one that does not sign at `at`; false where it does, or is not there. */
  remove(key: DomainKeyName, at: number, call: Call): Promise<boolean>;
}
