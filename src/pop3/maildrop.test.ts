import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EmailId, MailboxId } from '#/model/index.ts';
import { Maildrop } from './maildrop.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '~'), minLength: 1, maxLength: 70 });
const message = fc.record({ uidl: text, emailId: text, size: fc.nat(50_000_000) });
const mailbox = 'inbox' as MailboxId;

test('O5: a maildrop says of each number what the keeper said, and of marks what the client said', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 40 }), fc.array(fc.nat(41)), async (given, marked) => {
      const messages = given.map((one, at) => ({ ...one, uid: at * 3 + 1, emailId: one.emailId as EmailId }));
      const drop = await Maildrop.of({ mailbox, messages });
      const marks = new Set<number>();
      for (const number of marked) {
        if (!drop.has(number) || drop.isMarked(number)) continue;
        drop.mark(number);
        marks.add(number);
      }
      const left = messages.filter((_, at) => !marks.has(at + 1));
      assert.equal(drop.last, messages.length);
      assert.equal(drop.count, left.length);
      assert.equal(
        drop.bytes,
        left.reduce((sum, { size }) => sum + size, 0),
      );
      assert.deepEqual(
        messages.map((_, at) => [drop.uidl(at + 1), drop.size(at + 1), drop.emailId(at + 1), drop.isMarked(at + 1)]),
        messages.map(({ uidl, size, emailId }, at) => [uidl, size, emailId, marks.has(at + 1)]),
      );
      assert.deepEqual(
        drop.markedUids(),
        [...marks].sort((a, b) => a - b).map((number) => number * 3 - 2),
      );
      drop.reset();
      assert.deepEqual([drop.count, drop.marked, drop.markedUids()], [messages.length, 0, []]);
    }),
  );
});

test('O4: a heavy maildrop is taken in steps, and others have their turn between them', async () => {
  const emailId = 'e'.repeat(40) as EmailId;
  const messages = Array.from({ length: 10_500 }, (_, at) => ({ uid: at + 1, uidl: `u${at}`, size: 1, emailId }));
  let turns = 0;
  let done = false;
  const others = (): void => {
    turns += 1;
    if (!done) setImmediate(others);
  };
  setImmediate(others);
  const drop = await Maildrop.of({ mailbox, messages });
  done = true;
  assert.ok(turns >= 10, `${turns} turns`);
  assert.deepEqual([drop.uidl(10_500), drop.emailId(10_500)], ['u10499', emailId]);
});
