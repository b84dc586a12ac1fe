import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, letter, toPort } from '#/testkit/hooks/index.ts';
import { startOpendkim } from '../../../../test/support/opendkim.ts';
import { orSkip } from '../../../../test/support/or-skip.ts';
import { startRspamd, TEST_SPAM } from '../../../../test/support/rspamd.ts';

const RULES = [{ name: 'milter', when: { hooks: 'beside' }, action: { hold: { atEnd: 'expire' } } }];
const LARGE = letter('line of a long letter\r\n'.repeat(20_000));

test('H1: rspamd, asked as a milter, refuses what it calls spam and lets other mail go, large mail too', async (t) => {
  const server = orSkip(t, await startRspamd());
  if (server === undefined) return;
  await using _ = server;
  await using inspection = judge('milter', toPort(server.milterPort), RULES);
  const spam = await inspection.verdict(letter(TEST_SPAM));
  assert.equal(spam.kind, 'hold');
  assert.match(spam.reason.en, /it refuses the mail \(“5\d\d /);
  assert.equal((await inspection.verdict(letter('See you at noon.'))).kind, 'pass');
  assert.equal((await inspection.verdict(LARGE)).kind, 'pass');
});

test('H1: opendkim, a milter of the usual library, agrees on a protocol with us; the signature that it would add is told and not made', async (t) => {
  const server = orSkip(t, await startOpendkim());
  if (server === undefined) return;
  await using _ = server;
  await using inspection = judge('milter', toPort(server.port), RULES);
  for (const mail of [letter('See you at noon.'), LARGE]) assert.equal((await inspection.verdict(mail)).kind, 'pass');
  const told = inspection.log.lines.filter(({ event }) => event === 'inspect.check-unmade');
  assert.deepEqual(
    told.map(({ fields }) => fields?.what),
    ['adds DKIM-Signature', 'adds DKIM-Signature'],
  );
});
