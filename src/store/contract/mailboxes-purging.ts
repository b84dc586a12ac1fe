/** Purges: in steps, never too much, and nothing that anybody needs (O3). */
import assert from 'node:assert/strict';
import { ANY_OF_IT, FOR_EVER } from './mail-samples.ts';
import type { Promised } from './mailboxes.ts';
import { soon } from './samples.ts';

export function purging(promise: Promised): void {
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
        (await person.recoverable()).map(({ uid }) => uid),
        [5, 4],
      );
      const next = await person.mailboxes.purge(person.account, before, 3, soon());
      assert.deepEqual([next.messages, next.left], [1, 0]);
      await person.mailboxes.purge(person.account, before, 3, soon());
      assert.deepEqual(
        (await person.recoverable()).map(({ uid }) => uid),
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
    assert.deepEqual(await person.recoverable(), []);
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
      moreSpace: false,
    });
    assert.equal((await person.mailboxes.usage(person.account, soon())).held, true);
    assert.equal((await person.recoverable()).length, 1);
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
