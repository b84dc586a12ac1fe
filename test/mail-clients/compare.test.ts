/** Dovecot and Holdfast say the same to the same script, but for what is explained in `compare/known-differences.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orSkip } from '../support/or-skip.ts';
import { explains, KNOWN_DIFFERENCES } from './compare/known-differences.ts';
import { popAnswersOf } from './compare/pop.ts';
import { type Answers, answersOf } from './compare/run.ts';
import { type Difference, differences } from './compare.ts';
import { dovecotServer } from './dovecot-server.ts';
import { holdfastServer } from './holdfast-server.ts';
import type { MailServer } from './mail-server.ts';
import { JOURNEY_MS, LONG } from './servers.ts';

const SHOWN_MAX = 40;
const CHARACTERS_MAX = 300;

let dovecot: ReturnType<typeof allAnswersOf> | undefined;

// Asked once for all tests here.
function reference(): ReturnType<typeof allAnswersOf> {
  dovecot ??= allAnswersOf(dovecotServer);
  return dovecot;
}

test('house: the script has the same answers each time it is said to Dovecot', {
  timeout: JOURNEY_MS,
  skip: LONG ? false : 'only in the long form: npm test -- --long',
}, async (t) => {
  const first = orSkip(t, await reference());
  if (first === undefined) return;
  const again = await allAnswersOf(dovecotServer);
  assert.ok(again instanceof Map);
  assert.deepEqual(differences(first, again), []);
});

test('O1: Holdfast answers as Dovecot does, but where it is explained', { timeout: JOURNEY_MS }, async (t) => {
  const theirs = orSkip(t, await reference());
  if (theirs === undefined) return;
  const ours = orSkip(t, await allAnswersOf(holdfastServer));
  if (ours === undefined) return;
  const found = differences(theirs, ours);
  const unexplained = found.filter((difference) => !KNOWN_DIFFERENCES.some((known) => explains(known, difference)));
  assert.equal(unexplained.length, 0, listed(unexplained));
  for (const known of KNOWN_DIFFERENCES)
    assert.ok(
      found.some((difference) => explains(known, difference)),
      `nothing differs any more by: ${known.why}`,
    );
});

async function allAnswersOf(
  start: () => Promise<MailServer | { missing: string }>,
): Promise<Answers | { missing: string }> {
  const server = await start();
  if ('missing' in server) return server;
  await using running = server;
  const answers = await answersOf(running);
  // The script has left INBOX empty.
  return new Map([...answers, ...(await popAnswersOf(running))]);
}

function listed(found: readonly Difference[]): string {
  const cut = (value: string | null): string => (value ?? 'nothing').slice(0, CHARACTERS_MAX);
  const lines = found
    .slice(0, SHOWN_MAX)
    .map(
      ({ step, about, reference, ours }) =>
        `${step}, ${about}\n  Dovecot:  ${cut(reference)}\n  Holdfast: ${cut(ours)}`,
    );
  return `${found.length} differences without an explanation:\n${lines.join('\n')}`;
}
