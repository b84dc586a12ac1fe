import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, letter, toPort } from '#/testkit/hooks/index.ts';
import { STREAM_BYTES_MAX, startClamd, TEST_VIRUS } from '../../../../test/support/clamd.ts';
import { orSkip } from '../../../../test/support/or-skip.ts';

const RULES = [{ name: 'no viruses', when: { hooks: 'beside' }, action: { reject: 'It holds a virus.' } }];

test('H1: a rule that asks clamd refuses mail with a virus, tells its name, and lets other mail go', async (t) => {
  const server = orSkip(t, await startClamd());
  if (server === undefined) return;
  await using _ = server;
  await using inspection = judge('clamd', toPort(server.port), RULES);
  const attached = `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(`x ${TEST_VIRUS} x`).toString('base64')}`;
  const packed = `MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=a.bin\r\n${attached}\r\n`;

  const verdicts = [
    await inspection.verdict(letter(`Look: ${TEST_VIRUS}`)),
    await inspection.verdict(Buffer.from(`From: alice@acme.test\r\nSubject: x\r\n${packed}`)),
    await inspection.verdict(letter('See you at noon.')),
  ];
  assert.deepEqual(
    verdicts.map(({ kind }) => kind),
    ['reject', 'reject', 'pass'],
  );
  assert.match(verdicts[0]?.reason.en ?? '', /because it holds the virus “Holdfast\.Test\.UNOFFICIAL”/);
  assert.match(verdicts[0]?.reason.ja ?? '', /ウイルス/);
});

test('H1: mail longer than clamd reads counts as found, however it comes', async (t) => {
  const server = orSkip(t, await startClamd());
  if (server === undefined) return;
  await using _ = server;
  await using inspection = judge('clamd', toPort(server.port), RULES);
  const long = letter('line of a long letter\r\n'.repeat((3 * STREAM_BYTES_MAX) / 23));
  const whole = await inspection.verdict(long);
  const inPieces = await inspection.verdict(
    (async function* () {
      for (let at = 0; at < long.length; at += 100_000) yield long.subarray(at, at + 100_000);
    })(),
  );
  assert.deepEqual([whole.kind, inPieces.kind], ['reject', 'reject']);
  assert.match(whole.reason.en, /could not be read/);
});
