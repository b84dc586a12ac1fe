/** What an export reads and gives at once. */

/** Mails of one page: each may have a thousand recipients. */
export const MAILS_A_PAGE = 100;
/** Most mails that are asked for where one millisecond holds more than a page of them. */
export const MAILS_AT_ONCE_MAX = 10_000;
/** Rows of one page of everything that is small. */
export const ROWS_A_PAGE = 500;
/** Batches of what inspection found out, each of hundreds of mails. */
export const BATCHES_A_PAGE = 4;
/** Lines of lists that their keepers give at once, newest first. */
export const LINES_MAX = 10_000;
/** Addresses of one person that are erased together. */
export const ERASED_TOGETHER_MAX = 20;
/** Batches of facts that are forgotten at once. */
export const FACTS_AT_ONCE = 100;
/** Access log of one download. */
export const LINK_EVENTS_MAX = 10_000;
