/** Bounds of people and their generations. */

/** People of one generation: the largest tenants have some 250,000. */
export const PEOPLE_MAX = 500_000;
export const GROUPS_MAX = 50_000;
/** People and groups in groups, all together. */
export const MEMBERSHIPS_MAX = 5_000_000;
/** Octets of what is known of all people of a generation, photos apart. */
export const CONTENT_BYTES_MAX = 512_000_000;

/** Of one person. */
export const ATTRIBUTES_MAX = 60;
export const ALIASES_MAX = 400;
export const NAME_CHARS_MAX = 64;
export const VALUE_CHARS_MAX = 2_000;
/** RFC 5321 §4.5.3.1: 64 octets, `@`, 255 octets. */
export const ADDRESS_CHARS_MAX = 320;

/** People of one part, about: what one change writes anew, and what a look-up goes through. */
export const PART_PEOPLE = 128;
/** 2^12 parts. */
export const PART_BITS_MAX = 12;
export const GROUPS_PER_PART = 1_000;
/** Octets of a part when it is unpacked: more is damage. */
export const PART_BYTES_MAX = 64_000_000;

/** Sentences kept with a generation about what was left out. */
export const REMARKS_MAX = 100;

/** A look at which generation serves is good for so long, ms. */
export const LOOK_AGAIN_MS = 3_000;
/** What was kept is said to be in use again after so long, ms: far less than what is unused stays. */
export const KEEP_AGAIN_MS = 3_600_000;
/** For one call to the store, ms. */
export const STORE_MS = 10_000;
/** For reading a generation whole, ms. */
export const READ_MS = 60_000;
/** Octets of generations that a process has in memory; the one that was asked last stays, whatever it takes. */
export const HELD_BYTES_MAX = 512_000_000;

/** Work on the event loop between two pauses, ms. */
export const TURN_MS = 3;

/** A set that loses more than this share of the people, or of those who have an attribute, is refused until somebody has looked. */
export const LOSS_SHARE = 0.1;
export const ATTRIBUTE_LOSS_SHARE = 0.2;
/** Fewer are never too many: one of four may leave. */
export const LOSS_LEAST = 3;

/** For a load with all that it writes, ms: parts stay for an hour before anything names them. */
export const LOAD_MS = 30 * 60_000;
/** Addresses that a difference lists. */
export const DIFFERENCE_LIST_MAX = 200;
/** Generations kept of a tenant, whatever their age. */
export const GENERATIONS_KEPT = 10;
/** Of a table when it is unpacked: 500,000 people with some 500 characters each. */
export const TABLE_BYTES_MAX = 256_000_000;
/** For the thread that makes a generation of rows. */
export const THREAD_MEMORY_MB = 2_048;
