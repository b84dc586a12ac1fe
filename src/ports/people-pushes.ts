/**
 * People and groups as another program pushes them, one by one (SCIM): an open set of each tenant, from which a generation is cut when it has been quiet for a
 * while. Nothing of the open set is seen by mail.
 *
 * Keeper: `store/sql/people/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/people-pushes.ts`. Faults: those of stores.
 */
import type { Call, TenantId } from '#/model/index.ts';

export type PushedKind = 'User' | 'Group';

export interface Pushed {
  readonly tenant: TenantId;
  readonly kind: PushedKind;
  readonly id: string;
  /** Unique among those of its kind in the tenant: a user's name to sign in, a group's name; in lower case. */
  readonly nameKey: string;
  /** How the other program calls it; empty where it does not say. */
  readonly externalId: string;
  /** JSON of the resource, without the members of a group. */
  readonly body: string;
  /** Counts up with each change. */
  readonly version: number;
  /** Wall-clock ms. */
  readonly createdAt: number;
  readonly changedAt: number;
}

export interface PushedFilter {
  readonly id?: string;
  readonly nameKey?: string;
  readonly externalId?: string;
}

/** A tenant whose open set has changed since a generation was cut of it. */
export interface OpenSet {
  readonly tenant: TenantId;
  /** Wall-clock ms of the first and of the last change since. */
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface PeoplePushes {
  /** Writes down a new one; false where the name is taken, or there are `most` of its kind. */
  insert(pushed: Pushed, most: number, call: Call): Promise<'made' | 'taken' | 'full'>;

  /** Puts it in the place of the same with `expected`; its members stay. */
  replace(pushed: Pushed, expected: number, call: Call): Promise<'done' | 'taken' | 'moved'>;

  /** With its memberships; false where there is none. `now` is wall-clock ms. */
  remove(tenant: TenantId, kind: PushedKind, id: string, now: number, call: Call): Promise<boolean>;

  read(tenant: TenantId, kind: PushedKind, id: string, call: Call): Promise<Pushed | null>;

  /** In order of their ids, from the one behind `after` (null: from the first). `total`: all that the filter names. */
  list(
    tenant: TenantId,
    kind: PushedKind,
    filter: PushedFilter,
    page: { readonly offset: number; readonly limit: number },
    call: Call,
  ): Promise<{ readonly total: number; readonly found: readonly Pushed[] }>;

  /** The same by a place in place of a number: what is far behind costs no more. */
  after(tenant: TenantId, kind: PushedKind, after: string, limit: number, call: Call): Promise<readonly Pushed[]>;

  /** Ids of members of a group: users or groups. */
  members(tenant: TenantId, group: string, call: Call): Promise<readonly string[]>;

  /** Takes members out (null: all), then in. */
  changeMembers(
    tenant: TenantId,
    group: string,
    change: { readonly out: readonly string[] | null; readonly in: readonly string[] },
    now: number,
    call: Call,
  ): Promise<void>;

  /** Open sets that have changed. */
  open(call: Call): Promise<readonly OpenSet[]>;

  /** A generation was cut, or refused, of all that had changed until `lastAt`. */
  taken(tenant: TenantId, lastAt: number, call: Call): Promise<void>;

  /** Lets the bearer of a secret push; the one before may no more. `hash`: SHA-256 of it, hex; null: nobody may. */
  allow(tenant: TenantId, hash: string | null, by: string, now: number, call: Call): Promise<void>;

  /** SHA-256, hex, of the secret that pushes for a tenant; null where nobody may. */
  secretOf(tenant: TenantId, call: Call): Promise<string | null>;
}

/** Members that one call changes. */
export const MEMBERS_PER_CALL = 1_000;
