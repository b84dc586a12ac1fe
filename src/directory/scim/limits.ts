/** Bounds of SCIM. */
import { GROUPS_MAX, PEOPLE_MAX } from '../people/limits.ts';

export const MOST = { User: PEOPLE_MAX, Group: GROUPS_MAX } as const;
/** Resources of one page of a list; Entra ID asks for 1, Okta for 100. */
export const PAGE_MAX = 200;
export const PAGE = 100;
/** Resources that a filter other than by name or id goes through. */
export const SCANNED_MAX = 20_000;
/** Characters of the JSON of one resource. */
export const RESOURCE_CHARS_MAX = 64_000;
/** Members of a group that one request names. */
export const MEMBERS_MAX = 50_000;
/** Changes of one resource at once that are tried again. */
export const TRIES = 5;
/** For one request, ms. */
export const REQUEST_MS = 20_000;

/** A generation is cut when nothing was pushed for so long, ms: between two requests of one synchronisation there are seconds. */
export const QUIET_MS = 120_000;
/** A set that is never quiet is cut after so long, ms. */
export const LONGEST_MS = 3_600_000;
/** Between two looks at open sets, ms. */
export const ROUND_MS = 10_000;
export const AWAY_MS = 30_000;
/** Resources read at once while a generation is cut. */
export const CUT_PAGE = 500;
