/**
 * Keeps generations of people (`ports/people.ts`). The content of a generation is cut into parts that are named by their hash, so that generations share
 * what did not change; parts mean nothing to the keeper. A generation is there with its row, which names all of its parts: what a loader left that died
 * before is parts that nobody names, and `prune` takes them away.
 *
 * Keeper: `store/sql/people/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/people.ts`. Every method may be called again.
 * Faults: those of stores.
 */
import type { Call, TenantId } from '#/model/index.ts';
import type { PeoplePushes } from './people-pushes.ts';

export interface PeoplePart {
  /** SHA-256, hex, of what is in it. */
  readonly hash: string;
  readonly octets: Uint8Array;
}

/** What is known of a generation without reading it. */
export interface PeopleEntry {
  readonly tenant: TenantId;
  readonly id: string;
  readonly source: string;
  /** Wall-clock ms. */
  readonly at: number;
  /** Who had it loaded: an address, `cli:USER`, or the source itself. */
  readonly by: string;
  readonly people: number;
  readonly groups: number;
  /** People who have each attribute, by its name. */
  readonly attributes: Readonly<Record<string, number>>;
  /** Sentences: why it was refused; empty where it was not. */
  readonly refused: readonly string[];
  /** Sentences: what of the source was left out or put right. Bounded. */
  readonly remarks: readonly string[];
}

export interface PeopleIndex {
  /** Hashes of the parts with people: 2^n of them, by the hash of the address. */
  readonly people: readonly string[];
  /** Hashes of the parts with groups. */
  readonly groups: readonly string[];
  /** Hashes of photos, each a part. */
  readonly photos: readonly string[];
}

/** What serves a tenant. */
export interface PeopleStand {
  /** The generation that serves; null: that of the resources. */
  readonly current: string | null;
  /** Wall-clock ms since which it serves. */
  readonly since: number;
  /** Who switched. */
  readonly by: string;
  /** Why, where a person gave a reason. */
  readonly reason: string | null;
  /** Id of what served before, or `resources`; null where nothing did. */
  readonly before: string | null;
  /** Wall-clock ms of the last whole set that its source gave, changed or not; a set that was refused does not count. */
  readonly confirmedAt: number;
  /** What the last try to load said when it failed; null where it did not. */
  readonly trouble: string | null;
}

export interface PeopleBook extends AsyncDisposable {
  /** What other programs push. */
  readonly pushes: PeoplePushes;

  /** Which of these parts are there; from then on they stay for an hour, named or not. `now` is wall-clock ms. */
  present(tenant: TenantId, hashes: readonly string[], now: number, call: Call): Promise<ReadonlySet<string>>;

  /** Keeps parts for an hour, named or not. */
  keep(tenant: TenantId, parts: readonly PeoplePart[], now: number, call: Call): Promise<void>;

  /** Parts in the order asked; null for each that is not there. At most `PARTS_PER_CALL`. */
  parts(tenant: TenantId, hashes: readonly string[], call: Call): Promise<readonly (Uint8Array | null)[]>;

  /** Writes a generation down, all of whose parts are kept; nothing where its id is there already. It does not serve yet. */
  add(entry: PeopleEntry, index: PeopleIndex, call: Call): Promise<void>;

  /** Lets a generation serve, where `expected` still does; false where another one does by now. `current` null: that of the resources. */
  serve(tenant: TenantId, expected: string | null, stand: PeopleStand, call: Call): Promise<boolean>;

  /** The source gave a whole set that is the one that serves (`trouble` null), or could not. */
  tried(tenant: TenantId, at: number, trouble: string | null, call: Call): Promise<void>;

  /** What serves a tenant; null for one whose people nobody ever loaded. */
  stand(tenant: TenantId, call: Call): Promise<PeopleStand | null>;

  /** Of all tenants that have one. */
  stands(call: Call): Promise<readonly (PeopleStand & { readonly tenant: TenantId })[]>;

  find(
    tenant: TenantId,
    id: string,
    call: Call,
  ): Promise<{ readonly entry: PeopleEntry; readonly index: PeopleIndex } | null>;

  /** Newest first. */
  list(tenant: TenantId, limit: number, call: Call): Promise<readonly PeopleEntry[]>;

  /**
   * Takes away generations of a tenant that serve no more, came before `before` (wall-clock ms) and are not among the newest `keep`; then parts that no
   * generation names and nobody has asked for since `unusedSince`. How many of both.
   */
  prune(
    tenant: TenantId,
    bounds: PruneBounds,
    call: Call,
  ): Promise<{ readonly generations: number; readonly parts: number }>;

  /** Tenants that have anything here. */
  tenants(call: Call): Promise<readonly TenantId[]>;
}

export interface PruneBounds {
  readonly keep: number;
  readonly before: number;
  readonly unusedSince: number;
}

/** Bounds what one call carries. */
export const PARTS_PER_CALL = 64;
