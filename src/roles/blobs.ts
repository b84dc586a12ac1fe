/** The keeper of large content that the settings name: files below the data directory, or a bucket. */
import { join } from 'node:path';
import type { Settings } from '#/config/index.ts';
import { Fault } from '#/model/index.ts';
import type { Blobs, Clock, Log } from '#/ports/index.ts';
import { openFileBlobs } from '#/store/files/index.ts';
import type { KeyRing } from '#/store/keys/index.ts';
import { openS3Blobs, parseS3Url, s3CredentialsFrom } from '#/store/s3/index.ts';

export interface BlobsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly keyRing: KeyRing;
}

/** What it opens goes with `opening`. Fault `config.invalid` where the bucket's keys are not in the environment. */
export function openBlobs(
  { blobs, data }: Pick<Settings, 'blobs' | 'data'>,
  { clock, log, keyRing }: BlobsParts,
  opening: AsyncDisposableStack,
): Blobs {
  if (blobs === null) return openFileBlobs({ dir: join(data, 'blobs'), keyRing, clock });
  const place = parseS3Url(blobs);
  if ('wrong' in place) throw new Fault('config.invalid', `blobs: ${place.wrong}`);
  return opening.use(openS3Blobs({ place, credentials: s3CredentialsFrom(process.env), keyRing }, { clock, log }));
}
