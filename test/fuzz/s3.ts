import assert from 'node:assert/strict';
import { parseS3Url, readError, readListing, readUploadId, readUploads } from '#/codec/s3/index.ts';
import type { FuzzTarget } from './target.ts';

const texts = [
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Region>eu</Region><Message>a &amp; b</Message></Error>',
  '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated><Contents><Key>a/b</Key><Size>7</Size></Contents><Contents><Key>c</Key><Size>0</Size></Contents></ListBucketResult>',
  '<InitiateMultipartUploadResult><UploadId>x.y</UploadId></InitiateMultipartUploadResult>',
  '<ListMultipartUploadsResult><Upload><Key>a</Key><UploadId>u</UploadId></Upload><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker></ListMultipartUploadsResult>',
  's3://bucket/prefix/deep?endpoint=http://127.0.0.1:9000&region=local',
  's3://bucket.name?region=eu-west-1&style=path',
];

/** Answers of a store, or of whatever answers in its place, are read without a throw and in linear time; a place is whole or says what is wrong. */
export const s3: FuzzTarget = {
  name: 's3',
  words: [
    '<',
    '>',
    '</',
    '/>',
    '<Key>',
    '</Key>',
    '<Size>',
    '<Contents>',
    '</Contents>',
    '<Error>',
    '<Code>',
    '&amp;',
    '&#x10FFFF;',
    '&#',
    ';',
    '<![CDATA[',
    '<!--',
    's3://',
    '?endpoint=',
    '&region=',
    '%00',
    '..',
    '[::1]',
    '@',
  ],
  seeds: texts.map((text) => Buffer.from(text)),
  run(input) {
    const text = input.toString('utf8');
    const [error, listing, upload, uploads] = [
      readError(text),
      readListing(text),
      readUploadId(text),
      readUploads(text),
    ];
    const place = parseS3Url(text);
    if ('wrong' in place) assert.notEqual(place.wrong, '');
    else {
      assert(URL.canParse(place.origin) && new URL(place.origin).origin === place.origin, 'no origin');
      assert(
        /^[a-z0-9.-]+$/.test(place.bucket) && !/\.\.|^\//.test(place.prefix),
        'a bucket or prefix that leads elsewhere',
      );
    }
    return `${error !== null} ${listing?.objects.length} ${listing?.more} ${upload !== null} ${uploads?.uploads.length} ${'wrong' in place ? place.wrong.slice(0, 20) : place.style}`;
  },
};
