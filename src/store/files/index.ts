/**
 * Blobs as files below `DATA/blobs` (design 1, Disk).
 * ```
 *   tmp/RANDOM ──written, flushed──▶ TENANT/XX/KEY ──condemn──▶ + KEY.condemned ──a day later, still unused──▶ gone
 * ```
 * What must never happen: a reference to a file that is not durable; content of one tenant read by another; content given out whose
 * seal was not checked; a file deleted that a row still names.
 */
export * from './blobs.ts';
