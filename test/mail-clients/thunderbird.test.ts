/** Thunderbird, on a screen that nobody sees: a person reads, files, deletes and keeps mail. It is large, so it is fetched in the long form only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/holdfast.ts';
import { orSkip } from '../support/or-skip.ts';
import { farMailboxes } from './far-side.ts';
import { idsIn, LETTERS, letter } from './letters.ts';
import type { MailServer } from './mail-server.ts';
import { JOURNEY_MS, LONG, SERVERS } from './servers.ts';
import { Person } from './thunderbird/person.ts';
import { startThunderbird } from './thunderbird/start.ts';

const FAR_MS = 60_000;

for (const { name, start } of SERVERS) {
  test(`O1: Thunderbird reads, moves, deletes and keeps mail on ${name}, and hears what is new`, {
    timeout: JOURNEY_MS,
    skip: LONG ? false : 'only in the long form: npm test -- --long',
  }, async (t) => {
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    for (const mail of LETTERS) await server.deliver(mail);
    await using thunderbird = orSkip(t, await startThunderbird(server));
    if (thunderbird === undefined) return;
    t.diagnostic(thunderbird.version);
    const person = new Person(thunderbird, server.user);
    await reads(person);
    await files(person);
    await server.deliver(letter('later'));
    assert.equal(await person.hears('INBOX', 'later'), 'Letter later');
    await eventually('the server has what was done', async () => isDone(await idsOn(server)), FAR_MS);
    const flags = await seenOn(server);
    assert.deepEqual(flags, ['by-thunderbird', 'dots', 'japanese']);
    assert.deepEqual(
      (await person.lists('Archive', 1)).map(({ id }) => id),
      ['long'],
    );
  });
}

async function reads(person: Person): Promise<void> {
  const rows = await person.lists('INBOX', LETTERS.length);
  assert.deepEqual(
    rows.map(({ id }) => id),
    LETTERS.flatMap((mail) => idsIn(mail)),
  );
  assert.equal(rows.find(({ id }) => id === 'japanese')?.subject, '会議の資料');
  assert.ok(rows.every(({ isRead }) => !isRead));
  for (const folder of ['Archive', 'Drafts', 'Junk', 'Sent', 'Trash'])
    assert.ok((await person.folders()).includes(folder), folder);
  assert.match(await person.opens('INBOX', 'japanese'), /会議の資料をお送りします。\n株式会社アクメ/);
}

async function files(person: Person): Promise<void> {
  await person.marksRead('INBOX', 'dots');
  await person.moves('INBOX', 'long', 'Archive');
  await person.deletes('INBOX', 'empty');
  await person.keeps(letter('by-thunderbird'), 'Sent');
}

async function idsOn(server: MailServer): Promise<Readonly<Record<string, readonly string[]>>> {
  const found = [...(await farMailboxes(server))].map(([name, messages]): [string, readonly string[]] => [
    name,
    messages.filter(({ flags }) => !flags.includes('\\Deleted')).flatMap(({ octets }) => idsIn(octets)),
  ]);
  return Object.fromEntries(found);
}

function isDone(ids: Readonly<Record<string, readonly string[]>>): boolean {
  const expected = {
    INBOX: ['plain', 'dots', 'japanese', 'from-line', 'later'],
    Archive: ['long'],
    Trash: ['empty'],
    Sent: ['by-thunderbird'],
  };
  return Object.entries(expected).every(([name, there]) => String(ids[name]) === String(there));
}

/** What is marked as read, in all mailboxes. */
async function seenOn(server: MailServer): Promise<readonly string[]> {
  const all = [...(await farMailboxes(server)).values()].flat();
  return all
    .filter(({ flags }) => flags.includes('\\Seen'))
    .flatMap(({ octets }) => idsIn(octets))
    .sort();
}
