import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { completionOf, readError, readListing, readUploadId, readUploads } from './index.ts';

test('design 4: a listing is read with its names, lengths and whether more follow', () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>mail</Name><Prefix>a/</Prefix><KeyCount>2</KeyCount>
<IsTruncated>true</IsTruncated><Contents><Key>a/1 &amp; &#50;</Key><ETag>&quot;x&quot;</ETag><Size>16</Size></Contents>
<Contents><Key>a/2</Key><Size>65552</Size></Contents></ListBucketResult>`;
  const objects = [
    { name: 'a/1 & 2', size: 16 },
    { name: 'a/2', size: 65_552 },
  ];
  assert.deepEqual(readListing(xml), { objects, more: true });
  assert.deepEqual(readListing('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>'), {
    objects: [],
    more: false,
  });
});

test('design 4: uploads are read with where the next page begins', () => {
  const upload = '<Upload><Key>a/1</Key><UploadId>u-1</UploadId><Owner><ID>x</ID></Owner></Upload>';
  const tail = '<NextKeyMarker>a/1</NextKeyMarker><NextUploadIdMarker>u-1</NextUploadIdMarker>';
  const page = (more: boolean) =>
    `<ListMultipartUploadsResult><IsTruncated>${more}</IsTruncated>${tail}${upload}</ListMultipartUploadsResult>`;
  const uploads = [{ name: 'a/1', uploadId: 'u-1' }];
  assert.deepEqual(readUploads(page(false)), { uploads, next: null });
  assert.deepEqual(readUploads(page(true)), { uploads, next: { name: 'a/1', uploadId: 'u-1' } });
  const begun = '<InitiateMultipartUploadResult><UploadId>u-1</UploadId></InitiateMultipartUploadResult>';
  assert.equal(readUploadId(begun), 'u-1');
});

test('design 4: an error is read with its code and the region that it names', () => {
  const xml =
    '<Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong</Message><Region>eu-west-1</Region></Error>';
  assert.deepEqual(readError(xml), { code: 'AuthorizationHeaderMalformed', region: 'eu-west-1' });
  assert.deepEqual(readError('<Error><Code>NoSuchKey</Code></Error>'), { code: 'NoSuchKey', region: null });
});

test('design 4: what is not the store’s answer is told from one', () => {
  for (const text of [
    '',
    'Bad gateway',
    '<html><body>Sign in</body></html>',
    '<Error><Code>NoSuchK',
    '<Error></Error>',
  ]) {
    assert.equal(readError(text), null);
    assert.equal(readListing(text), null);
    assert.equal(readUploads(text), null);
    assert.equal(readUploadId(text), null);
  }
});

test('B3: no text makes the readers throw', () => {
  const words = [
    '<Error>',
    '</Error>',
    '<Code>',
    '</Code>',
    '&#x110000;',
    '&#99999999;',
    '&amp',
    '<Contents>',
    '<',
    'NoSuchKey',
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string())).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (xml) => {
      for (const read of [readError, readListing, readUploads, readUploadId]) read(xml);
    }),
  );
});

test('design 4: the parts of an object are named in order, whatever stands in their tags', () => {
  const xml = completionOf(['"a"', '<b>']);
  assert.match(xml, /<PartNumber>1<\/PartNumber><ETag>&#34;a&#34;<\/ETag>/);
  assert.match(xml, /<PartNumber>2<\/PartNumber><ETag>&#60;b&#62;<\/ETag>/);
});
