/** What outlives a keeper, and what two of them on one store do beside each other. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { EmailId } from '#/model/index.ts';
import { automaticAnswer, nameOf, Person } from './mail-samples.ts';
import type { MailboxesUnderTest } from './mailboxes.ts';
import { accountsOf, quiet, until } from './mailboxes-lasting.ts';
import { oneRound, whoFollows } from './mailboxes-reading.ts';
import { soon } from './samples.ts';

type Open = () => Promise<MailboxesUnderTest>;

export function reopening(open: Open): void {
  besideAnother(open);

  it('O5: after the keeper was opened again everything is as it was', async (t) => {
    await using given = await open();
    const { clock, reopen } = given;
    if (reopen === null) return t.skip('nothing of it outlives the process');
    const person = await someHistory(new Person(given.mailboxes), clock);
    const before = await person.everything();
    const [{ id, highestModSeq, uidNext }, emailIds] = [await person.mailbox(), await ids(person)];
    const changes = await person.mailboxes.changes(person.account, id, { modSeq: 0 }, soon());
    await person.mailboxes.setRules(person.account, '{"rules":[]}', soon());
    await person.mailboxes.mayAnswer(person.account, automaticAnswer(1), soon());
    person.mailboxes = await reopen();
    assert.equal(await person.mailboxes.rules(person.account, soon()), '{"rules":[]}');
    assert.equal(await person.mailboxes.mayAnswer(person.account, automaticAnswer(1), soon()), true);
    assert.equal(await person.mailboxes.mayAnswer(person.account, automaticAnswer(2), soon()), false);
    assert.deepEqual(await person.everything(), before);
    const again = await person.mailboxes.changes(person.account, id, { modSeq: 0 }, soon());
    assert.deepEqual(again?.changed, changes?.changed);
    const gone = new Set(again?.vanished);
    assert.ok(changes?.vanished.every((uid) => gone.has(uid)));
    assert.deepEqual(await person.holding('words'), [1, 3]);
    // What goes on begins behind what was.
    assert.equal((await person.deliver(1)).kind, 'already');
    assert.equal((await person.deliver(7, { messageId: null, references: ['known@x'] })).kind, 'stored');
    const newest = (await person.rows()).at(-1);
    assert.ok(newest !== undefined && newest.uid >= uidNext && newest.modSeq > highestModSeq);
    assert.ok(!emailIds.includes(newest.emailId));
    assert.equal(newest.threadId, (await person.rows()).find(({ facts }) => facts?.messageId === 'known@x')?.threadId);
    const list = await person.mailboxes.list(person.account, soon());
    const created = await person.create('Behind');
    assert.ok(created.uidValidity > Math.max(...list.map(({ uidValidity }) => uidValidity)));
    assert.equal((await accountsOf(person.mailboxes, 10)).length, 1);
  });

  it('design 1: what was answered before the keeper ended is there after, once each', async (t) => {
    await using given = await open();
    const { reopen } = given;
    if (reopen === null) return t.skip('nothing of it outlives the process');
    const person = new Person(given.mailboxes);
    const numbers = Array.from({ length: 30 }, (_, i) => i);
    const answers = Promise.allSettled(numbers.map((n) => person.deliver(n, { subject: `number ${n}` })));
    const [again] = await Promise.all([reopen(), answers]);
    const settled = await answers;
    person.mailboxes = again;
    const subjects = (await person.rows()).map(({ facts }) => facts?.subject);
    for (const [n, { status }] of settled.entries())
      if (status === 'fulfilled') assert.ok(subjects.includes(`number ${n}`), `delivery ${n}`);
    for (const n of numbers) await person.deliver(n, { subject: `number ${n}` });
    assert.equal((await person.uids()).length, numbers.length);
  });

  it('O5: what was deleted and made again before a restart is still another one after it', async (t) => {
    await using given = await open();
    const { reopen } = given;
    if (reopen === null) return t.skip('nothing of it outlives the process');
    const person = new Person(given.mailboxes);
    const first = await person.create('Again');
    await person.mailboxes.delete(person.account, nameOf('Again'), soon());
    person.mailboxes = await reopen();
    const second = await person.create('Again');
    assert.ok(second.uidValidity > first.uidValidity && second.id !== first.id);
  });
}

function besideAnother(open: Open): void {
  it('O2: two processes on one store see each other at once, and deliver once', async (t) => {
    await using given = await open();
    if (given.beside === null) return t.skip('one process owns it');
    const here = new Person(given.mailboxes);
    const there = new Person(await given.beside(), here.account);
    await here.append('INBOX', {});
    assert.deepEqual(await there.everything(), await here.everything());
    await there.flag('INBOX', [1], 'add', ['\\Seen', 'Kept']);
    assert.deepEqual((await here.row('INBOX', 1)).flags, ['\\Seen', 'Kept']);
    const kinds = await Promise.all([1, 1, 2, 2].map((n, i) => (i % 2 === 0 ? here : there).deliver(n)));
    assert.deepEqual(kinds.map(({ kind }) => kind).sort(), ['already', 'already', 'stored', 'stored']);
    await Promise.all([here, there, here, there].map((person) => person.append('INBOX', {}, {})));
    assert.deepEqual(await here.everything(), await there.everything());
    assert.equal((await here.uids()).length, 11);
  });

  it('O5: who follows in one process the changes that another one makes has the mailbox', async (t) => {
    await using given = await open();
    if (given.beside === null) return t.skip('one process owns it');
    const here = new Person(given.mailboxes);
    const there = new Person(await given.beside(), here.account);
    await whoFollows(there, async () => {
      for (let i = 0; i < 8; i++) await oneRound(here, i);
    });
  });

  it('RFC 2177: who watches hears of what another process changes', async (t) => {
    await using given = await open();
    if (given.beside === null) return t.skip('one process owns it');
    const here = new Person(given.mailboxes);
    const there = new Person(await given.beside(), here.account);
    await here.mailbox();
    let heard = 0;
    const end = here.mailboxes.watch(here.account, () => heard++);
    for (let n = 0; n < 2; n++) {
      await quiet();
      const before = heard;
      await there.deliver(n);
      await until(() => heard > before, `delivery ${n}`);
    }
    end();
  });
}

/** Some of everything. */
async function someHistory(person: Person, clock: MailboxesUnderTest['clock']): Promise<Person> {
  const { account, mailboxes } = person;
  await person.deliver(1, { messageId: 'known@x' });
  await person.append(
    'INBOX',
    {},
    { flags: ['\\Seen', 'Own'], uidl: 'elsewhere' },
    {},
    { content: Buffer.alloc(700_000, 'x\r\n') },
    {},
  );
  await person.create('会議/議事録');
  await person.copy('INBOX', [2, 3], '会議/議事録');
  await person.copy('INBOX', [4], 'Archive', 'move');
  await mailboxes.rename(account, nameOf('Junk'), nameOf('Rubbish'), soon());
  await mailboxes.subscribe(account, nameOf('later'), true, soon());
  await person.expunge('INBOX', [2]);
  await clock.sleep(1_000);
  await person.purge();
  await person.expunge('INBOX', [6]);
  await mailboxes.hold(account, true, soon());
  await person.append('INBOX', { content: Buffer.from('Subject: nothing else\r\n\r\n') });
  await person.flag('INBOX', [1], 'add', ['\\Answered']);
  return person;
}

async function ids(person: Person): Promise<readonly EmailId[]> {
  return (await person.rows()).map(({ emailId }) => emailId);
}
