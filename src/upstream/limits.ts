/** Bounds of the upstream watch, each with its reason. */

/** Minutes that are kept: what people ask for is an hour. */
export const minutesKept = 60;
/** Minutes that "of late" means. */
export const recentMinutes = 5;

/** A provider that was not met for so long is forgotten. */
export const forgetMs = minutesKept * 60_000;

/** Providers at once: mail to more within an hour is mail to strangers, of whom the longest unused are forgotten. */
export const providersMax = 300;
/** Destinations of all providers, and of one as they are told. */
export const destinationsMax = 3_000;
export const destinationsTold = 50;
/** Tenants of one provider, of whom those with the oldest mail are forgotten; and as they are told. */
export const tenantsMax = 500;
export const tenantsTold = 20;
/** Different refusals of one provider. */
export const refusalsMax = 12;

/** Part of a minute's attempts from which on it is one of trouble: below it, some mail waits with everybody. */
export const troubleShare = 0.2;
/** A trouble is over when attempts went well, and the last sign is so old. */
export const calmMs = 60_000;

/** Between two tellings: with the watch's look of 10 s, trouble is known well within a minute (H9). */
export const tellMs = 5_000;
/** Where nothing was heard, it is told all the same that we are there. */
export const tellAgainMs = 60_000;
/** For one telling. */
export const tellDeadlineMs = 5_000;
/** What was told before a restart counts, when it is not older. */
export const recallMs = 24 * 3_600_000;
/** A process that has told nothing for so long is not there any more. */
export const silentMs = 3 * 60_000;
