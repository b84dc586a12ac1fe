/** RENAME (RFC 9051 §6.3.6), and subscriptions, which keep the names of what they named. */
import assert from 'node:assert/strict';
import type { Person } from './mail-samples.ts';
import { nameOf } from './mail-samples.ts';
import type { Promised } from './mailboxes.ts';
import { soon } from './samples.ts';

export function renaming(promise: Promised): void {
  subscribing(promise);

  promise(
    'RFC 9051 §6.3.6: RENAME moves the whole tree; ids, UIDs, UIDVALIDITY and special use stay',
    async (person) => {
      for (const name of ['a/b/c', 'ab', 'a/b-']) await person.create(name);
      await person.append('a/b/c', { flags: ['\\Seen'] }, {});
      const [before, rows] = [await person.mailbox('a/b/c'), await person.rows('a/b/c')];
      assert.equal(await rename(person, 'a/b', 'new/deep/b'), 'renamed');
      assert.deepEqual(await person.mailbox('new/deep/b/c'), { ...before, name: 'new/deep/b/c' });
      assert.deepEqual(await person.rows('new/deep/b/c'), rows);
      assert.equal(await rename(person, 'Trash', 'Bin'), 'renamed');
      assert.equal((await person.mailbox('Bin')).specialUse, 'Trash');
      const names = (await person.mailboxes.list(person.account, soon())).map(({ name }) => name);
      const expected = [
        'Archive',
        'Bin',
        'Drafts',
        'INBOX',
        'Junk',
        'Sent',
        'a',
        'a/b-',
        'ab',
        'new',
        'new/deep',
        'new/deep/b',
        'new/deep/b/c',
      ];
      assert.deepEqual(names, expected);
    },
  );

  promise('RFC 9051 §6.3.6: RENAME says what stands in its way, and changes nothing then', async (person) => {
    await person.create('a/b');
    await person.create(`long/${'x'.repeat(900)}`);
    const before = await person.everything();
    assert.equal(await rename(person, 'nothing', 'new'), 'absent');
    assert.equal(await rename(person, 'a', 'Sent'), 'exists');
    assert.equal(await rename(person, 'a', 'a'), 'exists');
    assert.equal(await rename(person, 'a/b', 'a'), 'exists');
    assert.equal(await rename(person, 'a', 'inbox'), 'exists');
    assert.equal(await rename(person, 'a', 'a/b/c'), 'refused');
    assert.equal(await rename(person, 'long', 'y'.repeat(200)), 'refused');
    assert.deepEqual(await person.everything(), before);
  });

  promise('RFC 9051 §6.3.6: two mailboxes can change their names', async (person) => {
    const [a, b] = [await person.create('a'), await person.create('b')];
    for (const [from, to] of [
      ['a', 'c'],
      ['b', 'a'],
      ['c', 'b'],
    ] as const)
      await rename(person, from, to);
    assert.deepEqual([await person.idOf('a'), await person.idOf('b')], [b.id, a.id]);
  });

  promise('RFC 9051 §6.3.6: RENAME of INBOX moves its messages; it stays, and what is below it', async (person) => {
    await person.create('INBOX/below');
    await person.append('INBOX', { flags: ['\\Flagged', 'kept'] }, { uidl: 'from-elsewhere' });
    const [inbox, rows] = [await person.mailbox(), await person.rows()];
    assert.equal(await rename(person, 'inbox', 'old/mail'), 'renamed');
    const moved = await person.rows('old/mail');
    assert.deepEqual(
      moved.map(({ emailId, flags, receivedAt }) => ({ emailId, flags, receivedAt })),
      rows.map(({ emailId, flags, receivedAt }) => ({ emailId, flags, receivedAt })),
    );
    const after = await person.mailbox();
    assert.deepEqual([after.id, after.uidValidity, after.uidNext, after.exists], [inbox.id, inbox.uidValidity, 3, 0]);
    assert.ok(after.highestModSeq > inbox.highestModSeq);
    await person.mailbox('INBOX/below');
    assert.deepEqual(await person.append('INBOX', {}), [3]);
    assert.equal(await rename(person, 'INBOX', 'INBOX/archive'), 'renamed');
    assert.equal((await person.mailbox('INBOX/archive')).exists, 1);
    assert.deepEqual(
      await person.mailboxes.recoverable(person.account, { since: null, mailbox: null }, 10, soon()),
      [],
    );
  });
}

function subscribing(promise: Promised): void {
  promise(
    'RFC 9051 §6.3.7: subscriptions name mailboxes that are there and others, and outlive them',
    async (person) => {
      const { account, mailboxes } = person;
      const born = await mailboxes.subscriptions(account, soon());
      for (const name of ['later', 'later', 'inbox']) await mailboxes.subscribe(account, nameOf(name), true, soon());
      assert.deepEqual(await mailboxes.subscriptions(account, soon()), [...born, 'later']);
      assert.equal((await person.create('later')).subscribed, true);
      await rename(person, 'later', 'renamed');
      assert.equal((await person.mailbox('renamed')).subscribed, false);
      assert.equal((await person.create('later')).subscribed, true);
      await person.mailboxes.delete(person.account, nameOf('later'), soon());
      assert.deepEqual(await mailboxes.subscriptions(account, soon()), [...born, 'later']);
      for (const name of ['later', 'later', 'INBOX']) await mailboxes.subscribe(account, nameOf(name), false, soon());
      assert.deepEqual(
        await mailboxes.subscriptions(account, soon()),
        born.filter((name) => name !== 'INBOX'),
      );
      assert.equal((await person.mailbox()).subscribed, false);
    },
  );
}

async function rename(person: Person, from: string, to: string): Promise<string> {
  return person.mailboxes.rename(person.account, nameOf(from), nameOf(to), soon());
}
