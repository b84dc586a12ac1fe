/**
 * Blobs as objects in an S3-compatible bucket (design 4, cluster). Sealed as files are, so that the store sees neither content nor tenants.
 * ```
 *   parts of an upload ──finish──▶ PREFIX/TENANT/KEY ──condemn──▶ + KEY.condemned.TIME ──a day later, still unused──▶ gone
 *        └── small content is put whole
 * ```
 * An outage of the bucket is nobody's loss: calls fail with `store.unavailable`, at once while it lasts (`breaker.ts`), and content counts
 * as missing only when the store itself says that it has no such object.
 *
 * What must never happen: a reference before the store has answered that it keeps the whole; `body.missing` because the store is away,
 * the bucket another, or the key refused; content of one tenant read by another; a redirect followed; a wait without an end (B3).
 * Carries H5, B3, M4.
 */
export { parseS3Url, type S3Place } from '#/codec/s3/index.ts';
export { openS3Blobs, type S3Blobs, type S3BlobsOptions, type S3BlobsParts } from './blobs.ts';
export { type S3Credentials, s3CredentialsFrom } from './credentials.ts';
export { S3_LIMITS, type S3Limits } from './limits.ts';
