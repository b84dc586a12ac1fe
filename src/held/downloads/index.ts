/**
 * Secure downloads (H1): files cut out of mail, kept until their recipients fetch them; and what sender and administrators do with them meanwhile.
 * The states of a share and its links stand in `ports/downloads.ts`.
 * ```
 *   inspection ─▶ share-maker (files durable, links known by hash) ─▶ verdict ─▶ mail with the link ─▶ recipient ─▶ visits ─▶ octets
 *   upkeep: has the mail gone? ─▶ the clock of the link starts, a password follows ─▶ expiry ─▶ files go ─▶ the log goes
 * ```
 * A token is no stored thing: it is derived from the key of the installation and the link's name (`link-keys.ts`), so that every attempt of the
 * mail says the same, and neither a store nor a journal nor a log holds it.
 *
 * What must never happen: a mail with a link whose files are not durable; a download that is not counted or beyond the count; a code that is
 * sent or a download that is counted because somebody, or a scanner, looked; an answer that tells a stranger which links there are.
 *
 * Carries H1, design 4, design 6.
 */
export { type Accept, LetterBox } from './letters.ts';
export { DOWNLOAD_LIMITS, type DownloadLimits } from './limits.ts';
export { LinkKeys } from './link-keys.ts';
export { downloadOperations } from './operations.ts';
export type { OpenLink, Seen, SeenFile } from './seen.ts';
export { FileShareMaker } from './share-maker.ts';
export { DownloadUpkeep } from './upkeep.ts';
export { type Fetched, Visits } from './visits.ts';
