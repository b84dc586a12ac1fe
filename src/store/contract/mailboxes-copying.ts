/** COPY and MOVE (RFC 9051 §6.4.7 and §6.4.8). */
import assert from 'node:assert/strict';
import type { MailboxId } from '#/model/index.ts';
import { ANY_OF_IT, NO_LIMITS } from './mail-samples.ts';
import type { Promised } from './mailboxes.ts';
import { soon } from './samples.ts';

export function copying(promise: Promised): void {
  promise('RFC 9051 §6.4.7: copies are the same messages under new UIDs, in UID order', async (person, clock) => {
    await person.append('INBOX', { flags: ['\\Seen', 'kept'] }, {}, { flags: ['\\Deleted'] }, {});
    await person.expunge('INBOX', [2]);
    await clock.sleep(60_000);
    const [before, sent] = [await person.rows(), await person.mailbox('Sent')];
    const copied = await person.copy('INBOX', [4, 3, 99, 1, 3, 2], 'Sent');
    assert.ok(copied.kind === 'copied');
    assert.deepEqual([copied.from, copied.to, copied.uidValidity], [[1, 3, 4], [1, 2, 3], sent.uidValidity]);
    const same = ({ emailId, threadId, flags, receivedAt, size, facts }: (typeof before)[number]): unknown => {
      return { emailId, threadId, flags, receivedAt, size, facts };
    };
    const rows = await person.rows('Sent');
    assert.deepEqual(rows.map(same), before.map(same));
    assert.deepEqual(
      rows.map(({ savedAt }) => savedAt),
      [clock.now(), clock.now(), clock.now()],
    );
    assert.deepEqual(await person.rows(), before);
    assert.ok((await person.mailbox('Sent')).highestModSeq > sent.highestModSeq);
    assert.equal((await person.mailbox('Sent')).deleted, 1);
  });

  promise('RFC 9051 §6.4.8: what moves is gone where it was, and can not be recovered there', async (person) => {
    await person.append('INBOX', {}, { flags: ['\\Flagged'] }, {});
    const [inbox, before] = [await person.mailbox(), await person.rows()];
    const moved = await person.copy('INBOX', [3, 2], 'Archive', 'move');
    assert.ok(moved.kind === 'copied');
    assert.deepEqual(
      [moved.from, moved.to],
      [
        [2, 3],
        [1, 2],
      ],
    );
    assert.deepEqual(await person.uids(), [1]);
    const changes = await person.mailboxes.changes(person.account, inbox.id, { modSeq: inbox.highestModSeq }, soon());
    assert.deepEqual([...(changes?.vanished ?? [])], [2, 3]);
    assert.ok(changes?.highestModSeq === moved.modSeq && moved.modSeq > inbox.highestModSeq);
    const ids = (await person.rows('Archive')).map(({ emailId, flags }) => [emailId, flags]);
    assert.deepEqual(
      ids,
      before.slice(1).map(({ emailId, flags }) => [emailId, flags]),
    );
    assert.deepEqual(await person.mailboxes.recoverable(person.account, ANY_OF_IT, 10, soon()), []);
    assert.equal((await person.mailboxes.usage(person.account, soon())).messages, 3);
    assert.deepEqual(await person.append('INBOX', {}), [4]);
  });

  promise('RFC 9051 §6.4.8: a mailbox may be its own target', async (person) => {
    await person.append('INBOX', { subject: 'first' }, { subject: 'second' });
    const copied = await person.copy('INBOX', [1], 'INBOX');
    assert.deepEqual(copied.kind === 'copied' && copied.to, [3]);
    const moved = await person.copy('INBOX', [1, 2], 'INBOX', 'move');
    assert.deepEqual(moved.kind === 'copied' && moved.to, [4, 5]);
    const subjects = (await person.rows()).map(({ uid, facts }) => [uid, facts?.subject]);
    assert.deepEqual(subjects, [
      [3, 'first'],
      [4, 'first'],
      [5, 'second'],
    ]);
  });

  promise('RFC 9051 §6.4.7: a target that is not there is said, and nothing moves', async (person) => {
    await person.append('INBOX', {});
    const [id, before] = [await person.idOf(), await person.everything()];
    for (const how of ['copy', 'move'] as const) {
      const none = 'nonsense' as MailboxId;
      const answer = await person.mailboxes.copy(person.account, id, [1], none, how, NO_LIMITS, soon());
      assert.deepEqual(answer, { kind: 'absent' });
      const nothing = await person.copy('INBOX', [7, 8], 'Sent', how);
      assert.ok(nothing.kind === 'copied' && nothing.from.length === 0 && nothing.to.length === 0);
    }
    assert.deepEqual(await person.everything(), before);
  });

  promise('RFC 9208: octets count once however many entries they have', async (person) => {
    await person.append('INBOX', { content: Buffer.alloc(100, 'a') });
    for (let i = 0; i < 3; i++) await person.copy('INBOX', [1], 'Sent');
    const usage = await person.mailboxes.usage(person.account, soon());
    assert.deepEqual([usage.messages, usage.bytes], [1, 100]);
    assert.equal((await person.mailbox('Sent')).size, 300);
    await person.expunge('INBOX');
    await person.expunge('Sent', [1, 2]);
    const one = await person.mailboxes.usage(person.account, soon());
    assert.deepEqual(one, { messages: 1, bytes: 100, recoverableMessages: 0, recoverableBytes: 0, held: false });
    await person.expunge('Sent');
    const none = await person.mailboxes.usage(person.account, soon());
    assert.deepEqual(none, { messages: 0, bytes: 0, recoverableMessages: 1, recoverableBytes: 100, held: false });
  });

  promise('B3: copies never make one mailbox larger than the quota; moves are free', async (person) => {
    await person.append('INBOX', { content: Buffer.alloc(60, 'a') }, { content: Buffer.alloc(40, 'b') });
    const [inbox, sent] = [await person.idOf(), await person.idOf('Sent')];
    const copy = async (uids: readonly number[], quotaBytes: number, how: 'copy' | 'move' = 'copy') =>
      (await person.mailboxes.copy(person.account, inbox, uids, sent, how, { quotaBytes }, soon())).kind;
    assert.equal(await copy([1, 2], 99), 'over-quota');
    assert.deepEqual(await person.uids('Sent'), []);
    assert.equal(await copy([1, 2], 100), 'copied');
    assert.equal(await copy([2], 100), 'over-quota');
    assert.equal(await copy([1, 2], 100, 'move'), 'copied');
    assert.equal((await person.mailbox('Sent')).size, 200);
  });

  promise('O5: of two that move the same messages each message goes once', async (person) => {
    await person.append('INBOX', ...Array.from({ length: 20 }, () => ({})));
    const uids = await person.uids();
    const answers = await Promise.all([
      person.copy('INBOX', uids, 'Archive', 'move'),
      person.copy('INBOX', uids, 'Sent', 'move'),
      person.copy('INBOX', uids.slice(10), 'Trash', 'move'),
    ]);
    const moved = answers.flatMap((answer) => (answer.kind === 'copied' ? answer.from : []));
    assert.deepEqual(
      moved.toSorted((a, b) => a - b),
      uids,
    );
    const there = [await person.uids('Archive'), await person.uids('Sent'), await person.uids('Trash')];
    assert.equal(there.flat().length, 20);
    assert.deepEqual(await person.uids(), []);
  });
}
