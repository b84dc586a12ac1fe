/** What no well-behaved store says, and what stands between us and one: answered by a script. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { SEALED_PIECE_BYTES } from '../sealed/index.ts';
import { ACME, get, IMPATIENT, openS3UnderTest, put, type S3Account } from './fixture.ts';

type Said = readonly [status: number, body: string, headers?: Record<string, string>] | 'hang up' | 'no end';

interface Scripted extends S3Account, AsyncDisposable {
  /** Method and what follows the bucket, of each request. */
  readonly heard: string[];
}

const soon = () => within(10_000);
const error = (code: string, more = '') => `<?xml version="1.0"?>\n<Error><Code>${code}</Code>${more}</Error>`;
const REF = { key: '2026-11-21.0mwqcvpc0.000000000000000000000000', size: 10, sha256: '' };
const STORED: Said = [200, '', { etag: '"1"' }];

/** A server whose n-th answer is what `say` gives for it. */
async function scripted(say: (n: number, request: IncomingMessage) => Said, tls = false): Promise<Scripted> {
  const heard: string[] = [];
  const listener: RequestListener = (request, response) => {
    heard.push(`${request.method} ${request.url?.replace(/^\/mail\//, '') ?? ''}`);
    const n = heard.length;
    request.resume().on('end', () => speak(say(n, request), response));
  };
  const server = tls ? createTlsServer(certificate(), listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    heard,
    url: (prefix) => `s3://mail/${prefix}?endpoint=http${tls ? 's' : ''}://localhost:${port}&region=local`,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'open sesame', sessionToken: 'lent' },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function certificate(): { readonly cert: Buffer; readonly key: Buffer } {
  const folder = new URL('../../../fixtures/tls/', import.meta.url);
  return { cert: readFileSync(new URL('cert.pem', folder)), key: readFileSync(new URL('key.pem', folder)) };
}

function speak(said: Said, response: ServerResponse): void {
  if (said === 'hang up') response.destroy();
  else if (said === 'no end') {
    const page = Buffer.alloc(64 * 1024, 'x');
    const more = (): void => {
      while (!response.destroyed && response.write(page));
    };
    response.on('drain', more);
    more();
  } else response.writeHead(said[0], said[2] ?? {}).end(said[1]);
}

test('M4: a busy store and a broken connection are tried again, and the mail is stored', async () => {
  const answers: Said[] = [[503, error('SlowDown')], 'hang up', STORED];
  await using server = await scripted((n) => answers[n - 1] ?? STORED);
  await using given = await openS3UnderTest(server, IMPATIENT);
  await put(given.blobs, Buffer.from('x'));
  assert.equal(server.heard.length, 3);
  assert.equal(new Set(server.heard).size, 1, 'the same name each time');
});

test('H3: nothing counts as stored because something between us and the store says 200', async () => {
  await using server = await scripted(() => [200, '<html>Sign in</html>']);
  await using given = await openS3UnderTest(server, IMPATIENT);
  await assert.rejects(put(given.blobs, Buffer.from('x')), {
    code: 'store.unavailable',
    message: /does not say that it has stored/,
  });
  await assert.rejects(given.blobs.check(soon()), { code: 'store.unavailable', message: /check blobs/ });
});

test('H5: only the store itself can say that it lacks an object', async () => {
  const cases: readonly (readonly [Said, RegExp | 'body.missing'])[] = [
    [[404, error('NoSuchKey')], 'body.missing'],
    [[404, error('NoSuchBucket')], /no such bucket/],
    [[404, '<html>Not found</html>'], /not as an S3 store does/],
    [[404, ''], /not as an S3 store does/],
    [[403, error('AccessDenied')], /may not do this/],
    [[403, ''], /refuses our key/],
    [[410, error('Gone')], /410 Gone/],
    [[500, error('InternalError')], /500 InternalError/],
    [[200, 'a whole page'], /part of an object/],
    [[206, 'x', { 'content-range': 'bytes 5-9/10' }], /part of an object/],
  ];
  for (const [said, what] of cases) {
    await using server = await scripted(() => said);
    await using given = await openS3UnderTest(server, { ...IMPATIENT, attemptsMax: 2 });
    await given.keyRing.sealing(given.clock.at);
    if (what === 'body.missing') {
      assert.equal(await given.blobs.has(ACME, REF, soon()), false);
      await assert.rejects(get(given.blobs, REF), { code: 'body.missing' });
      continue;
    }
    const expected = { code: 'store.unavailable', message: what };
    await assert.rejects(given.blobs.has(ACME, REF, soon()), expected, JSON.stringify(said));
    await assert.rejects(get(given.blobs, REF), expected, JSON.stringify(said));
  }
});

test('design 6: a redirect is followed nowhere, and no message tells a key', async () => {
  await using elsewhere = await scripted(() => STORED);
  const target = elsewhere.url('').replace(/.*endpoint=([^&]*).*/, '$1');
  const region = error('PermanentRedirect', '<Region>eu-west-1</Region>');
  for (const [said, words] of [
    [[307, '', { location: `${target}/mail/x` }], /points elsewhere \(307\)/],
    [[301, region, { location: `${target}/mail/x` }], /its region is eu-west-1/],
  ] as const) {
    await using server = await scripted(() => said);
    await using given = await openS3UnderTest(server, IMPATIENT);
    await assert.rejects(put(given.blobs, Buffer.from('x')), (fault: Error) => {
      assert.match(fault.message, words);
      assert.doesNotMatch(fault.message, /sesame|lent|AKIA/);
      return true;
    });
  }
  assert.deepEqual(elsewhere.heard, []);
});

test('B3: an answer without an end is cut', async () => {
  await using server = await scripted(() => 'no end');
  await using given = await openS3UnderTest(server, { ...IMPATIENT, attemptsMax: 1, answerBytesMax: 1024 * 1024 });
  await assert.rejects(given.blobs.check(soon()), { code: 'store.unavailable', message: /no end/ });
});

test('H3: a completion whose answer was an error, or was lost, is asked for again and believed only of the whole object', async () => {
  const bytes = 2 * SEALED_PIECE_BYTES;
  for (const whole of [true, false]) {
    let completions = 0;
    await using server = await scripted((_n, { method, url = '' }) => {
      if (url.endsWith('uploads='))
        return [200, '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'];
      if (method === 'PUT') return STORED;
      if (method === 'DELETE') return [204, ''];
      if (method === 'GET') return [206, 'x', { 'content-range': `bytes 0-0/${whole ? bytes : bytes - 1}` }];
      completions++;
      return completions === 1 ? [200, error('InternalError')] : [404, error('NoSuchUpload')];
    });
    await using given = await openS3UnderTest(server, { ...IMPATIENT, partBytes: SEALED_PIECE_BYTES });
    const storing = put(given.blobs, Buffer.alloc(bytes - 32));
    if (whole) await storing;
    else await assert.rejects(storing, { code: 'store.unavailable' });
    assert.equal(completions, 2);
  }
});

test('M4: a full store is said to be full', async () => {
  await using server = await scripted(() => [507, error('XMinioStorageFull')]);
  await using given = await openS3UnderTest(server, IMPATIENT);
  await assert.rejects(put(given.blobs, Buffer.from('x')), { code: 'disk.full' });
  assert.equal(server.heard.length, 1);
});

test('design 6: a store whose certificate nobody vouches for gets nothing', async () => {
  await using server = await scripted(() => STORED, true);
  await using given = await openS3UnderTest(server, { ...IMPATIENT, attemptsMax: 1 });
  await assert.rejects(put(given.blobs, Buffer.from('x')), { code: 'store.unavailable', message: /self.signed/ });
  assert.deepEqual(server.heard, []);
});
