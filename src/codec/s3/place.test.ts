import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseS3Url, type S3Place } from './index.ts';

const GOOD: readonly (readonly [string, S3Place])[] = [
  [
    's3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=local',
    { bucket: 'bucket', prefix: 'prefix/', origin: 'http://127.0.0.1:9000', region: 'local', style: 'path' },
  ],
  [
    's3://mail?region=eu-west-1',
    { bucket: 'mail', prefix: '', origin: 'https://s3.eu-west-1.amazonaws.com', region: 'eu-west-1', style: 'host' },
  ],
  [
    's3://mail.example.test/a//b/?region=eu-west-1',
    {
      bucket: 'mail.example.test',
      prefix: 'a/b/',
      origin: 'https://s3.eu-west-1.amazonaws.com',
      region: 'eu-west-1',
      style: 'path',
    },
  ],
  [
    's3://mail/x?endpoint=https://[::1]:9000/&style=host',
    { bucket: 'mail', prefix: 'x/', origin: 'https://[::1]:9000', region: 'us-east-1', style: 'host' },
  ],
];

const BAD: readonly (readonly [string, RegExp])[] = [
  ['', /has to look like s3:/],
  ['https://bucket/prefix', /has to look like s3:/],
  ['s3:bucket', /has to look like s3:/],
  ['s3:///prefix?region=x', /bucket is missing/],
  ['s3://Bu/x?region=x', /is no bucket name/],
  ['s3://bu..cket?region=x', /is no bucket name/],
  ['s3://bucket:9000/x?region=x', /endpoint=/],
  ['s3://AKIA:secret@bucket/x?region=x', /holds no keys.*AWS_ACCESS_KEY_ID/],
  ['s3://bucket', /needs endpoint=, or region=/],
  ['s3://bucket?region=EU West', /region= is a name/],
  ['s3://bucket?region=x&regoin=y', /regoin is not known/],
  ['s3://bucket?region=x&region=y', /region is there twice/],
  ['s3://bucket?endpoint=minio:9000', /endpoint= is http/],
  ['s3://bucket?endpoint=http://me:you@host', /endpoint= is http/],
  ['s3://bucket?endpoint=http://host/path', /endpoint= is http/],
  ['s3://bucket?region=x&style=virtual', /style= is host or path/],
  ['s3://bucket/a%20b?region=x', /prefix may hold letters/],
  ['s3://bucket/a/..../b?region=x', /prefix may hold letters/],
  [`s3://bucket/${'a/'.repeat(120)}?region=x`, /longer than 200/],
];

test('contract: blobs: s3://bucket/prefix names bucket, prefix, service and region', () => {
  for (const [text, place] of GOOD) assert.deepEqual(parseS3Url(text), place, text);
});

test('contract: what is wrong with a place of blobs is said in words, and keys in it are not repeated', () => {
  for (const [text, words] of BAD) {
    const parsed = parseS3Url(text);
    assert.ok('wrong' in parsed, text);
    assert.match(parsed.wrong, words, text);
    assert.doesNotMatch(parsed.wrong, /secret/);
  }
});
