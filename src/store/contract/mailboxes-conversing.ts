/** Ids of messages and conversations (RFC 8474), and how UIDs are given. */
import assert from 'node:assert/strict';
import type { LetterParts, Person } from './mail-samples.ts';
import type { Promised } from './mailboxes.ts';

export function conversing(promise: Promised): void {
  promise('RFC 8474 §5.1: every arrival has an EMAILID of its own, in the form of one', async (person) => {
    const content = Buffer.from('Subject: the same octets\r\n\r\n');
    await person.append('INBOX', { content }, { content });
    await person.deliver(1, { content });
    const rows = await person.rows();
    assert.equal(new Set(rows.map(({ emailId }) => emailId)).size, 3);
    const { id } = await person.mailbox();
    for (const each of [id, ...rows.flatMap(({ emailId, threadId }) => [emailId, threadId])])
      assert.match(each, /^[A-Za-z][A-Za-z0-9_-]{0,254}$/);
  });

  promise('RFC 8474 §5.2: an answer is in the thread of the newest reference that is known', async (person) => {
    const threads = await threadsOf(person, [
      { messageId: 'a@x' },
      { messageId: 'b@x' },
      { messageId: 'c@x', references: ['a@x'] },
      { messageId: 'd@x', references: ['a@x', 'b@x', 'unknown@x'] },
      { messageId: 'e@x', references: ['c@x'] },
      { messageId: null, references: ['d@x'] },
      { messageId: null },
      { messageId: null },
    ]);
    assert.deepEqual(threads, ['a', 'b', 'a', 'b', 'a', 'b', 'c', 'd']);
  });

  promise('RFC 8474 §5.2: answers to what never came are together, and it joins them when it comes', async (person) => {
    const threads = await threadsOf(person, [
      { messageId: 'answer-1@x', references: ['root@x', 'lost@x'] },
      { messageId: 'answer-2@x', references: ['lost@x'] },
      { messageId: 'other@x' },
      { messageId: 'root@x' },
      { messageId: 'lost@x', references: ['root@x'] },
      { messageId: 'lost@x' },
    ]);
    assert.deepEqual(threads, ['a', 'a', 'b', 'a', 'a', 'a']);
  });

  promise('RFC 8474 §5.2: a message that names two conversations leaves them two', async (person) => {
    const parts = [
      { messageId: 'one@x' },
      { messageId: 'two@x' },
      { messageId: 'both@x', references: ['one@x', 'two@x'] },
    ];
    assert.deepEqual(await threadsOf(person, parts), ['a', 'b', 'b']);
    const again = await threadsOf(person, [{ references: ['one@x'] }, { references: ['two@x'] }]);
    assert.deepEqual(again, ['a', 'b', 'b', 'a', 'b']);
  });

  promise('RFC 8474 §5.2: long and odd references change nothing', async (person) => {
    const many = Array.from({ length: 500 }, (_, i) => `ref-${i}@x`);
    const threads = await threadsOf(person, [
      { messageId: 'ref-0@x' },
      { messageId: 'long@x', references: many },
      { messageId: 'ref-499@x' },
      { messageId: "q'uote@x", references: ['\\', '%', '_'] },
      { messageId: null, references: ["q'uote@x"] },
    ]);
    assert.deepEqual(threads, ['a', 'a', 'a', 'b', 'b']);
  });

  promise(
    'RFC 8474 §5.2: conversations are known in all mailboxes of the account, also when their mails are purged',
    async (person, clock) => {
      await person.append('Sent', { messageId: 'mine@x' });
      const { threadId } = await person.row('Sent', 1);
      await person.expunge('Sent');
      await clock.sleep(1);
      await person.purge();
      await person.deliver(1, { references: ['mine@x'] });
      assert.equal((await person.row('INBOX', 1)).threadId, threadId);
    },
  );

  promise('RFC 9051 §2.3.1.1: UIDs rise by one from 1, and UIDNEXT is the next one', async (person) => {
    assert.equal((await person.mailbox()).uidNext, 1);
    await person.append('INBOX', {}, {});
    await person.deliver(1);
    assert.deepEqual(await person.uids(), [1, 2, 3]);
    assert.equal((await person.mailbox()).uidNext, 4);
  });
}

/** Appends to INBOX, and names the threads of all its messages by letters, as they come. */
async function threadsOf(person: Person, parts: readonly LetterParts[]): Promise<readonly string[]> {
  for (const each of parts) await person.append('INBOX', each);
  const names = new Map<string, string>();
  return (await person.rows()).map(({ threadId }) => {
    return names.getOrInsertComputed(threadId, () => String.fromCharCode(97 + names.size));
  });
}
