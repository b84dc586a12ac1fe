/**
 * The words of the S3 protocol that we use: where a bucket is, and what its answers say. Values <-> text.
 * No states. What must never happen: an answer that is not the store's own (a proxy's page, a cut one) taken for one.
 * Carries design 4 (cluster: S3-compatible blobs).
 */
export {
  completionOf,
  type Listing,
  readError,
  readListing,
  readUploadId,
  readUploads,
  type S3Error,
  type StoredObject,
  type Uploads,
} from './answers.ts';
export { parseS3Url, type S3Place } from './place.ts';
