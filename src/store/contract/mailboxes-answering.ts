/** What owners say about mail that comes, and whom their accounts have answered by themselves. */
import assert from 'node:assert/strict';
import type { MailAddress } from '#/model/index.ts';
import { isFault } from '#/model/index.ts';
import type { AutomaticAnswer } from '#/ports/index.ts';
import { rulesBytesMax } from '#/ports/index.ts';
import { automaticAnswer, deliveryKey, Person } from './mail-samples.ts';
import type { Promised } from './mailboxes.ts';
import { DAY_MS, NOON, soon } from './samples.ts';

export function answering(promise: Promised): void {
  keepingRules(promise);
  answeringOnce(promise);
}

function keepingRules(promise: Promised): void {
  promise('O1: rules are what was said last, of each account alone, until they are taken away', async (person) => {
    const { mailboxes, account } = person;
    const other = new Person(mailboxes);
    assert.equal(await mailboxes.rules(account, soon()), null);
    await mailboxes.setRules(account, null, soon());
    for (const text of ['{}', '{"規則": "✉️ \\u0000 \'\'"}', '']) {
      await mailboxes.setRules(account, text, soon());
      assert.equal(await mailboxes.rules(account, soon()), text);
      assert.equal(await mailboxes.rules(other.account, soon()), null);
    }
    await mailboxes.setRules(account, null, soon());
    assert.equal(await mailboxes.rules(account, soon()), null);
  });

  promise('O6: rules that are too large, or no text, are refused, and those before stay', async (person) => {
    const { mailboxes, account } = person;
    const largest = `"${'é'.repeat(rulesBytesMax / 2 - 1)}"`;
    await mailboxes.setRules(account, largest, soon());
    for (const text of [`${largest} `, 'a\0b', 'a\ud800b']) {
      await assert.rejects(mailboxes.setRules(account, text, soon()), (error) => isFault(error, 'mailbox.refused'));
    }
    assert.equal(await mailboxes.rules(account, soon()), largest);
  });

  promise('O5: rules change nothing that clients see', async (person) => {
    await person.deliver(1);
    const before = await person.everything();
    await person.mailboxes.setRules(person.account, '{}', soon());
    await person.mailboxes.mayAnswer(person.account, automaticAnswer(1), soon());
    assert.deepEqual(await person.everything(), before);
  });
}

function answeringOnce(promise: Promised): void {
  promise('RFC 5230 §4.2: nobody is answered twice within the time, by whatever spelling', async (person) => {
    const may = (given: AutomaticAnswer) => person.mailboxes.mayAnswer(person.account, given, soon());
    assert.equal(await may(automaticAnswer(1)), true);
    assert.equal(await may(automaticAnswer(2)), false);
    assert.equal(await may(automaticAnswer(2, { to: 'X@World.test' as MailAddress })), false);
    assert.equal(await may(automaticAnswer(2, { at: NOON + 7 * DAY_MS - 1 })), false);
    assert.equal(await may(automaticAnswer(2, { at: NOON + 7 * DAY_MS })), true);
    assert.equal(await may(automaticAnswer(3, { at: NOON + 8 * DAY_MS })), false);
  });

  promise('RFC 5230 §4.2: another person, another answer and another account are each their own', async (person) => {
    const may = (given: AutomaticAnswer) => person.mailboxes.mayAnswer(person.account, given, soon());
    assert.equal(await may(automaticAnswer(1)), true);
    assert.equal(await may(automaticAnswer(2, { to: 'y@world.test' as MailAddress })), true);
    assert.equal(await may(automaticAnswer(3, { about: 'back in May' })), true);
    assert.equal(
      await person.mailboxes.mayAnswer(new Person(person.mailboxes).account, automaticAnswer(4), soon()),
      true,
    );
    assert.equal(await may(automaticAnswer(5, { about: 'back in May' })), false);
  });

  promise('design 1: the same delivery asked again gets the same answer', async (person) => {
    const may = (given: AutomaticAnswer) => person.mailboxes.mayAnswer(person.account, given, soon());
    for (let i = 0; i < 3; i++) assert.equal(await may(automaticAnswer(1, { at: NOON + i })), true);
    const { message, recipient } = deliveryKey(1);
    assert.equal(await may(automaticAnswer(1, { key: { message, recipient: recipient + 1 } })), false);
  });

  promise('RFC 5230 §4.2: of calls that come together for one person one is told to answer', async (person) => {
    const asked = [1, 2, 3, 4].map((n) => person.mailboxes.mayAnswer(person.account, automaticAnswer(n), soon()));
    assert.equal((await Promise.all(asked)).filter(Boolean).length, 1);
  });
}
