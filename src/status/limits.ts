/** Bounds of the status engine, each with its reason. */

/** Between two looks at everything: several must fit into the minute in which a symptom has to show (H9). */
export const lookMs = 10_000;

/** For one look: less than the pause to the next. */
export const lookDeadlineMs = 8_000;

/** Figures are of the last minute: what is older says nothing about now, and what is shorter jumps. */
export const windowMs = 60_000;

/** Pace of arrival and of leaving: a shorter time would make the forecast jump, a longer one would come too late. */
export const flowWindowMs = 5 * 60_000;

/** Until the next round of test mail after one that failed: two in a row are within the minute, with `status.probeEvery` of 30 s. */
export const probeAgainMs = 5_000;
/** For one step of a round: a mail takes a second, and who waits longer is broken; two in a row still fit into a minute. */
export const probeStepMs = 6_000;
/** Between two looks where a test mail is. */
export const probeLookMs = 250;
/** Test mails of one path that have not arrived: more are not sent behind a part that is out. */
export const unarrivedMax = 20;

/** Minutes that wait to be written while the store is away: a day of them. */
export const unwrittenMinutesMax = 24 * 60;

/** Changes of state that wait to be written: more would say that something flaps. */
export const unwrittenChangesMax = 1_000;

/** Days that are shown. */
export const shownDays = 90;

/** Figures are kept by the minute for so long, and by the hour thereafter. */
export const denseMs = 8 * 86_400_000;

/** Time that plots show, and the time that a point of them stands for: a page of six plots stays small. */
export const plotMs = 24 * 3_600_000;
export const plotStepMs = 15 * 60_000;

/** Changes that pages and feeds show. */
export const shownChanges = 100;

/** Incidents and planned work that pages and feeds show. */
export const shownIncidents = 50;

/** Between two looks whether there is something to thin. */
export const thinEveryMs = 3_600_000;

/** Requests below which a share of failures says nothing. */
export const shareLeast = 20;

/** For telling an operator by one way. */
export const pageMs = 15_000;
/** Until it is tried again where that failed. */
export const pageAgainMs = 60_000;
