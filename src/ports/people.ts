/**
 * The people of a tenant with what is known of them: names, phones, groups, photos. They come in generations, each whole and never changed; one
 * mail reads one of them, and what was made of it is made again by its id (C5; design 1, Same bytes at every retry).
 */
import type { Call, MailAddress, TenantId } from '#/model/index.ts';

export interface Person {
  readonly address: MailAddress;
  readonly aliases: readonly MailAddress[];
  /** Values by name, such as `displayName`, `jobTitle`, `department`, `phone`. One line each, without control characters; never empty. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Address of the manager, who is of the same generation; null where none is known. */
  readonly manager: MailAddress | null;
  /** Names of the groups that they are in, directly or through other groups, in order. */
  readonly groups: readonly string[];
  /** SHA-256, hex, of a JPEG, PNG or WebP of at most `PHOTO_BYTES_MAX`, to be had by `PeopleGenerations.photo`. */
  readonly photo: string | null;
}

export const PHOTO_BYTES_MAX = 100_000;

export interface PeopleGeneration {
  /** Names its content for ever: the trace shows it, a retry asks for it. */
  readonly id: string;
  /** Where it came from, such as `resources` or `csv`. */
  readonly source: string;
  /** Wall-clock ms at which it was complete. */
  readonly at: number;
  /** People in it. */
  readonly size: number;
  /** By an address or an alias, in any case, the domain in either form. Takes microseconds. */
  person(address: string): Person | null;
  /** Whether somebody is in a group, named by its address or its name in any case; directly or through others. */
  inGroup(address: string, group: string): boolean;
}

export interface PeopleGenerations {
  /**
   * The generation that serves a tenant now; every tenant has one. From then on `byId` gives it, for as long as mail that was made of it may wait.
   * Faults: `store.unavailable` and the others of stores, where no generation is at hand or it can't be kept.
   */
  current(tenant: TenantId, call: Call): Promise<PeopleGeneration>;

  /** One that served before, or serves; null where nobody has it any more. */
  byId(tenant: TenantId, id: string, call: Call): Promise<PeopleGeneration | null>;

  /** A photo by its hash; null where nobody has it any more. */
  photo(tenant: TenantId, hash: string, call: Call): Promise<Uint8Array | null>;
}
