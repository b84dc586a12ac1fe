/** How messages go: expunged at once, recoverable for a time, purged in steps (O3). */
import assert from 'node:assert/strict';
import type { RecoverFilter } from '#/ports/index.ts';
import type { Person } from './mail-samples.ts';
import { ANY_OF_IT, FOR_EVER, nameOf } from './mail-samples.ts';
import type { Promised } from './mailboxes.ts';
import { NOON, soon } from './samples.ts';

export function aging(promise: Promised): void {
  expunging(promise);
  recovering(promise);
  purging(promise);
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
    assert.equal((await recoverable(person)).length, 10);
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
    const list = await recoverable(person);
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
      (await recoverable(person, filter, limit)).map(({ subject }) => subject);
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
    assert.deepEqual(await recoverable(person), []);
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
    const names = (await recoverable(person)).map(({ mailbox }) => mailbox).sort();
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

function purging(promise: Promised): void {
  promise(
    'O3: a purge goes in steps of its limit, the oldest first, and takes nothing that is too young',
    async (person, clock) => {
      await person.append('INBOX', ...Array.from({ length: 7 }, () => ({})));
      const bytes = (await person.mailbox()).size;
      const ids = (await person.rows()).map(({ emailId }) => emailId);
      for (const uid of [3, 1, 2, 4, 5]) {
        await clock.sleep(1_000);
        await person.expunge('INBOX', [uid]);
      }
      const before = clock.now();
      const step = await person.mailboxes.purge(person.account, before, 3, soon());
      assert.deepEqual([step.messages, step.left], [3, 1]);
      assert.deepEqual(
        (await recoverable(person)).map(({ uid }) => uid),
        [5, 4],
      );
      const next = await person.mailboxes.purge(person.account, before, 3, soon());
      assert.deepEqual([next.messages, next.left], [1, 0]);
      await person.mailboxes.purge(person.account, before, 3, soon());
      assert.deepEqual(
        (await recoverable(person)).map(({ uid }) => uid),
        [5],
      );
      assert.deepEqual(await person.uids(), [6, 7]);
      for (const [i, id] of ids.entries()) {
        if ([0, 1, 2, 3].includes(i)) await assert.rejects(person.octets(id), { code: 'body.missing' });
        else assert.ok((await person.octets(id)).length > 0);
      }
      await person.expunge('INBOX');
      await clock.sleep(1);
      const rest = await person.purge(1);
      assert.equal(rest.messages, 3);
      assert.ok(bytes > rest.bytes);
      const usage = await person.mailboxes.usage(person.account, soon());
      assert.deepEqual(usage, { messages: 0, bytes: 0, recoverableMessages: 0, recoverableBytes: 0, held: false });
    },
  );

  promise('O3: octets go with the last entry that needs them, and are counted then', async (person, clock) => {
    const content = Buffer.alloc(70_000, 'shared ');
    await person.append('INBOX', { content });
    const { emailId } = await person.row('INBOX', 1);
    await person.copy('INBOX', [1], 'Sent');
    await person.copy('INBOX', [1], 'Archive');
    await person.expunge('INBOX');
    await clock.sleep(1);
    assert.deepEqual({ ...(await person.purge()), steps: 0 }, { messages: 1, bytes: 0, steps: 0 });
    assert.ok(content.equals(await person.octets(emailId)));
    await person.expunge('Sent');
    await clock.sleep(1);
    assert.equal((await person.purge()).bytes, 0);
    await person.expunge('Archive');
    assert.ok(content.equals(await person.octets(emailId)));
    await clock.sleep(1);
    assert.deepEqual({ ...(await person.purge()), steps: 0 }, { messages: 1, bytes: 70_000, steps: 0 });
    await assert.rejects(person.octets(emailId), { code: 'body.missing' });
  });

  promise('O3: two entries of one message go in one step, and its octets count once', async (person, clock) => {
    await person.append('INBOX', { content: Buffer.alloc(1_000, 'x') });
    await person.copy('INBOX', [1], 'INBOX');
    await person.expunge('INBOX');
    assert.equal((await person.mailboxes.usage(person.account, soon())).recoverableBytes, 1_000);
    await clock.sleep(1);
    assert.deepEqual({ ...(await person.purge()), steps: 0 }, { messages: 2, bytes: 1_000, steps: 0 });
  });

  promise('O3: a copy that was recovered keeps the octets of all', async (person, clock) => {
    await person.append('INBOX', { text: 'Kept by a copy.' });
    const { emailId } = await person.row('INBOX', 1);
    await person.copy('INBOX', [1], 'Sent');
    await person.expunge('INBOX');
    await clock.sleep(1_000);
    await person.expunge('Sent');
    await person.mailboxes.recover(person.account, { since: clock.now(), mailbox: null }, 1, soon());
    await clock.sleep(1);
    await person.purge();
    assert.match(Buffer.from(await person.octets(emailId)).toString(), /Kept by a copy/);
    assert.deepEqual([await person.uids(), await person.uids('Sent')], [[], [2]]);
  });

  promise('O3: what comes back while a purge goes on is whole', async (person, clock) => {
    await person.append('INBOX', ...Array.from({ length: 12 }, () => ({})));
    await person.expunge('INBOX');
    await clock.sleep(1);
    const { account, mailboxes } = person;
    const steps = await Promise.all(
      [1, 2, 3, 4].map(async (n) =>
        n % 2 === 0
          ? mailboxes.recover(account, ANY_OF_IT, 3, soon())
          : (await mailboxes.purge(account, FOR_EVER, 3, soon())).messages,
      ),
    );
    assert.deepEqual(steps, [3, 3, 3, 3]);
    const rows = await person.rows();
    assert.equal(rows.length, 6);
    for (const { emailId, size } of rows) assert.equal((await person.octets(emailId)).length, size);
    assert.deepEqual(await recoverable(person), []);
  });

  promise('O3: under legal hold nothing is purged, and everything else goes on', async (person, clock) => {
    await person.append('INBOX', {}, {});
    await person.mailboxes.hold(person.account, true, soon());
    await person.mailboxes.hold(person.account, true, soon());
    await person.expunge('INBOX', [1]);
    await clock.sleep(1);
    assert.deepEqual(await person.mailboxes.purge(person.account, FOR_EVER, 10, soon()), {
      messages: 0,
      bytes: 0,
      left: 0,
    });
    assert.equal((await person.mailboxes.usage(person.account, soon())).held, true);
    assert.equal((await recoverable(person)).length, 1);
    await person.mailboxes.hold(person.account, false, soon());
    assert.equal((await person.purge()).messages, 1);
  });

  promise('O5: a purge changes nothing that clients see', async (person, clock) => {
    await person.append('INBOX', {}, {}, {});
    await person.append('Sent', {});
    await person.expunge('INBOX', [2]);
    await clock.sleep(1);
    const seen = async (): Promise<unknown> => {
      const { account, mailboxes } = person;
      const [list, drop] = [await mailboxes.list(account, soon()), await mailboxes.maildrop(account, soon())];
      return { list, drop, rows: [await person.rows(), await person.rows('Sent')] };
    };
    const before = await seen();
    await person.purge();
    assert.deepEqual(await seen(), before);
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
    assert.equal((await recoverable(person)).length, 2);
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

function recoverable(
  person: Person,
  filter: Partial<RecoverFilter> = {},
  limit = 1_000,
): ReturnType<Person['mailboxes']['recoverable']> {
  return person.mailboxes.recoverable(person.account, { ...ANY_OF_IT, ...filter }, limit, soon());
}
