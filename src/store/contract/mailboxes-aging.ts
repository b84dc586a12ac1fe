/** How messages go: expunged at once or by retention, and recoverable for a time (O3). */
import assert from 'node:assert/strict';
import type { RecoverFilter } from '#/ports/index.ts';
import { ANY_OF_IT, FOR_EVER, nameOf } from './mail-samples.ts';
import type { Promised } from './mailboxes.ts';
import { NOON, soon } from './samples.ts';

export function aging(promise: Promised): void {
  expunging(promise);
  recovering(promise);
  retiring(promise);
}

function expunging(promise: Promised): void {
  promise('RFC 9051 §6.4.3: EXPUNGE takes what has \\Deleted, of all or of the UIDs named', async (person) => {
    const deleted = { flags: ['\\Deleted'] };
    await person.append('INBOX', deleted, {}, deleted, deleted, {});
    const { id, highestModSeq } = await person.mailbox();
    const { account, mailboxes } = person;
    const some = await mailboxes.expunge(account, id, [5, 4, 2, 4, 99], false, soon());
    assert.deepEqual(some.uids, [4]);
    assert.ok(some.modSeq > highestModSeq);
    assert.equal((await person.mailbox()).highestModSeq, some.modSeq);
    assert.deepEqual((await mailboxes.expunge(account, id, null, false, soon())).uids, [1, 3]);
    const before = await person.everything();
    assert.deepEqual((await mailboxes.expunge(account, id, null, false, soon())).uids, []);
    assert.deepEqual((await mailboxes.expunge(account, id, [], true, soon())).uids, []);
    assert.deepEqual(await person.everything(), before);
    assert.deepEqual((await mailboxes.expunge(account, id, [5], true, soon())).uids, [5]);
    assert.deepEqual(await person.uids(), [2]);
  });

  promise('O5: a UID never comes again, whatever went', async (person, clock) => {
    await person.append('INBOX', {}, {}, {});
    await person.expunge('INBOX', [3]);
    assert.deepEqual(await person.append('INBOX', {}), [4]);
    await person.expunge('INBOX');
    await clock.sleep(1);
    await person.purge();
    assert.equal((await person.mailbox()).uidNext, 5);
    assert.deepEqual(await person.append('INBOX', {}), [5]);
    await person.copy('INBOX', [5], 'Sent', 'move');
    await person.copy('Sent', [1], 'INBOX', 'move');
    assert.deepEqual(await person.uids(), [6]);
  });

  promise('O3: who had a message before it was expunged can read it to its end', async (person) => {
    await person.append('INBOX', { text: 'Still here.' });
    const { emailId } = await person.row('INBOX', 1);
    await person.expunge('INBOX');
    assert.match(Buffer.from(await person.octets(emailId)).toString(), /Still here/);
    assert.deepEqual(await person.rows('INBOX', [1]), []);
  });

  promise('O5: of two that expunge the same each message is told once', async (person) => {
    await person.append('INBOX', ...Array.from({ length: 10 }, () => ({})));
    const told = await Promise.all([1, 2, 3].map(() => person.expunge('INBOX')));
    assert.equal(told.flat().length, 10);
    assert.equal((await person.recoverable()).length, 10);
  });
}

function recovering(promise: Promised): void {
  promise('O3: what was expunged is listed, the newest first, by time and mailbox', async (person, clock) => {
    await person.append('INBOX', { subject: 'one', from: 'Bob <bob@x.test>' }, { subject: 'two' });
    await person.append('Sent', { subject: 'three' });
    const start = clock.now();
    for (const [name, uid] of [
      ['INBOX', 2],
      ['Sent', 1],
      ['INBOX', 1],
    ] as const) {
      await clock.sleep(1_000);
      await person.expunge(name, [uid]);
    }
    const list = await person.recoverable();
    assert.deepEqual(
      list.map(({ mailbox, uid, subject, expungedAt }) => [mailbox, uid, subject, expungedAt - start]),
      [
        ['INBOX', 1, 'one', 3_000],
        ['Sent', 1, 'three', 2_000],
        ['INBOX', 2, 'two', 1_000],
      ],
    );
    assert.equal(list[0]?.from, 'Bob');
    const subjects = async (filter: Partial<RecoverFilter>, limit = 10) =>
      (await person.recoverable(filter, limit)).map(({ subject }) => subject);
    assert.deepEqual(await subjects({ since: start + 2_000 }), ['one', 'three']);
    assert.deepEqual(await subjects({ mailbox: nameOf('inbox') }), ['one', 'two']);
    assert.deepEqual(await subjects({ mailbox: nameOf('Nowhere') }), []);
    assert.deepEqual(await subjects({}, 2), ['one', 'three']);
    assert.deepEqual(await subjects({}, 0), []);
  });

  promise('O3: a message comes back as it was, under a new UID and without \\Deleted', async (person, clock) => {
    await person.append('INBOX', { flags: ['\\Deleted', '\\Seen', 'kept'], text: 'Here again.' }, {});
    const before = await person.row('INBOX', 1);
    await person.expunge('INBOX', [1]);
    await clock.sleep(5_000);
    const { highestModSeq } = await person.mailbox();
    assert.equal(await person.mailboxes.recover(person.account, ANY_OF_IT, 10, soon()), 1);
    const after = await person.row('INBOX', 3);
    assert.ok(after.modSeq > highestModSeq);
    assert.deepEqual(after.flags.toSorted(), ['\\Seen', 'kept']);
    const { modSeq, flags } = after;
    assert.deepEqual(after, { ...before, uid: 3, modSeq, flags, savedAt: clock.now() });
    assert.deepEqual(await person.recoverable(), []);
    assert.equal(await person.mailboxes.recover(person.account, ANY_OF_IT, 10, soon()), 0);
    assert.deepEqual(await person.uids(), [2, 3]);
    assert.match(Buffer.from(await person.octets(after.emailId)).toString(), /Here again/);
  });

  promise('O3: messages come back to their mailbox by whatever name, and to INBOX where it is gone', async (person) => {
    await person.create('Kept');
    await person.create('Gone');
    for (const name of ['Kept', 'Gone']) await person.append(name, { subject: name });
    await person.expunge('Kept');
    await person.mailboxes.rename(person.account, nameOf('Kept'), nameOf('Renamed'), soon());
    await person.mailboxes.delete(person.account, nameOf('Gone'), soon());
    const names = (await person.recoverable()).map(({ mailbox }) => mailbox).sort();
    assert.deepEqual(names, ['Gone', 'Renamed']);
    assert.equal(
      await person.mailboxes.recover(person.account, { since: null, mailbox: nameOf('Gone') }, 10, soon()),
      1,
    );
    assert.equal(await person.mailboxes.recover(person.account, ANY_OF_IT, 10, soon()), 1);
    assert.deepEqual(
      (await person.rows('INBOX')).map(({ facts }) => facts?.subject),
      ['Gone'],
    );
    assert.deepEqual(
      (await person.rows('Renamed')).map(({ facts }) => facts?.subject),
      ['Kept'],
    );
  });

  promise('O3: many come back in steps, the newest first, each step in the order of old', async (person, clock) => {
    for (let i = 1; i <= 5; i++) await person.append('INBOX', { subject: `${i}` });
    for (const uids of [[1, 2], [3], [4, 5]]) {
      await clock.sleep(1);
      await person.expunge('INBOX', uids);
    }
    const counts = [];
    for (let i = 0; i < 4; i++) counts.push(await person.mailboxes.recover(person.account, ANY_OF_IT, 2, soon()));
    assert.deepEqual(counts, [2, 2, 1, 0]);
    assert.deepEqual(
      (await person.rows()).map(({ facts }) => facts?.subject),
      ['4', '5', '2', '3', '1'],
    );
  });

  promise('O3: of two that recover the same each message comes back once', async (person) => {
    await person.append('INBOX', {}, {}, {});
    await person.expunge('INBOX');
    const counts = await Promise.all([1, 2].map(() => person.mailboxes.recover(person.account, ANY_OF_IT, 10, soon())));
    assert.equal(counts[0] === 3 ? counts[1] : counts[0], 0);
    assert.equal((await person.uids()).length, 3);
  });
}

function retiring(promise: Promised): void {
  promise('O3: retention expunges what came into a mailbox too long ago, the oldest first', async (person, clock) => {
    await person.append('INBOX', { receivedAt: 1 }, { receivedAt: NOON * 2 }, {});
    await clock.sleep(1_000);
    const [from, limit] = [clock.now(), 2];
    await person.copy('INBOX', [2], 'Trash', 'move');
    await person.copy('INBOX', [1], 'Trash', 'move');
    await clock.sleep(1_000);
    await person.copy('INBOX', [3], 'Trash', 'move');
    const id = await person.idOf('Trash');
    const retire = (before: number): Promise<number> =>
      person.mailboxes.retire(person.account, id, before, limit, soon());
    assert.equal(await retire(from), 0);
    assert.equal(await retire(from + 1_000), 2);
    assert.equal(await retire(from + 1_000), 0);
    assert.deepEqual(await person.uids('Trash'), [3]);
    assert.equal((await person.recoverable()).length, 2);
    assert.equal(await retire(FOR_EVER), 1);
  });

  promise('O3: retention goes in steps of its limit', async (person, clock) => {
    await person.append('Junk', {}, {}, {});
    await clock.sleep(1);
    const id = await person.idOf('Junk');
    const counts = [];
    for (let i = 0; i < 3; i++) counts.push(await person.mailboxes.retire(person.account, id, clock.now(), 2, soon()));
    assert.deepEqual(counts, [2, 1, 0]);
  });
}
