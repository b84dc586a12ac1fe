import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, letter, toPort } from '#/testkit/hooks/index.ts';
import { orSkip } from '../../../../test/support/or-skip.ts';
import { startRspamd, TEST_SPAM } from '../../../../test/support/rspamd.ts';

test('H1: rules that ask rspamd hold what it calls spam, by its own judgement or by a score, and let other mail go', async (t) => {
  const server = orSkip(t, await startRspamd());
  if (server === undefined) return;
  await using _ = server;
  const action = { hold: { atEnd: 'expire' } };
  await using byAction = judge('rspamd', toPort(server.port), [{ name: 'spam', when: { hooks: 'beside' }, action }]);
  const spam = await byAction.verdict(letter(TEST_SPAM));
  assert.equal(spam.kind, 'hold');
  assert.match(spam.reason.en, /because it looks like unwanted mail \(15\.0 points, “reject”\)/);
  assert.equal((await byAction.verdict(letter('See you at noon.'))).kind, 'pass');

  for (const [min, kind] of [
    [15, 'hold'],
    [16, 'pass'],
  ] as const) {
    const when = { hooks: { any: 'beside', score: { min } } };
    await using byScore = judge('rspamd', toPort(server.port), [{ name: 'spam', when, action }]);
    assert.equal((await byScore.verdict(letter(TEST_SPAM))).kind, kind);
  }
});
