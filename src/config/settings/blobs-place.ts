/** Where large content is: a bucket of an S3-compatible store. */
import { z } from 'zod';
import { parseS3Url } from '#/codec/s3/index.ts';
import { text } from './kinds.ts';
import type { Kind } from './setting.ts';

// What is wrong says more than "no address": a key in it is not repeated, a misspelled parameter is named.
export const blobsPlace: Kind<string> = {
  ...text,
  type: 'URL',
  schema: z.unknown().transform((raw, context) => {
    const place = parseS3Url(typeof raw === 'string' ? raw : '');
    if (typeof raw === 'string' && !('wrong' in place)) return raw;
    const message = 'wrong' in place ? place.wrong : '';
    const remedy = 'write s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME';
    context.addIssue({ code: 'custom', message, params: { remedy } });
    return z.NEVER;
  }),
};
