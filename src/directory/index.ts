/**
 * The directory: which tenants, users, groups, relays and networks there are, as acceptance and sign-in see them.
 *
 * One immutable generation serves at a time and is replaced whole. A snapshot that cannot be read whole is refused; the last good
 * one serves on, marked stale, and an unknown recipient then gets 451 instead of 550. Fresh ⇄ stale are the only states.
 *
 * The people of a tenant, with what is known of each, are apart (`people/`): they come from many sources, in generations of their own that are kept, so that
 * what was made of one can be made again. A set is seen when it is whole and has been looked at; until then the one before serves.
 *
 * What must never happen: a transaction that sees two generations; a half-built index; a look-up that waits.
 *
 * Carries C5; design 6 (unknown or stale directory, unproven domains are inert); RFC 5321 §4.5.1 for the installation's postmaster.
 */
export { buildDirectory, type GenerationSource } from './build.ts';
export { type PeopleOperationParts, peopleOperations } from './people/operations.ts';
export { PeopleShelf, type PeopleShelfParts } from './people/shelf.ts';
export { type PeopleUpkeepParts, startPeopleUpkeep } from './people/upkeep.ts';
export { type ScimAnswer, ScimDesk, type ScimParts, type ScimRequest } from './scim/desk.ts';
export { type ScimRoundParts, startScimRound } from './scim/round.ts';
export {
  DIRECTORY_DEFAULTS,
  type DirectoryParts,
  type DirectorySettings,
  type RunningDirectory,
  startDirectory,
} from './start.ts';
export { type Installation, ownTenants } from './system.ts';
