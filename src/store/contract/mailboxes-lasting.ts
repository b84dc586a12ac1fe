/** What holds for the whole keeper: accounts apart from each other, calls in time, watchers, its end. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { AccountKey, Call, EmailId, MailAddress, MailboxId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Mailboxes } from '#/ports/index.ts';
import {
  ANY_OF_IT,
  automaticAnswer,
  deliveryKey,
  letter,
  NO_LIMITS,
  nameOf,
  Person,
  tenantOf,
} from './mail-samples.ts';
import type { MailboxesUnderTest } from './mailboxes.ts';
import { GLOBEX, soon } from './samples.ts';

type Open = () => Promise<MailboxesUnderTest>;

/** Each of these has a keeper to itself. */
export function lasting(open: Open): void {
  keepingApart(open);
  beingInTime(open);
  watching(open);
}

function keepingApart(open: Open): void {
  it('O1: accounts are one for all spellings of an address, and one for each tenant', async () => {
    await using given = await open();
    const address = (text: string): MailAddress => text as MailAddress;
    const alice = new Person(given.mailboxes, { address: address('Alice@acme.test') });
    const same = new Person(given.mailboxes, { address: address('aLICE@acme.test') });
    const other = new Person(given.mailboxes, { address: address('alice@acme.test'), tenant: GLOBEX });
    await alice.append('INBOX', {});
    assert.deepEqual(await same.everything(), await alice.everything());
    assert.deepEqual(await other.uids(), []);
    assert.equal((await accountsOf(given.mailboxes, 10)).length, 2);
  });

  it('O1: the usage of an account that nobody has used is none, and does not make it', async () => {
    await using given = await open();
    const nobody = new Person(given.mailboxes);
    const usage = () => given.mailboxes.usage(nobody.account, soon());
    const none = { messages: 0, bytes: 0, recoverableMessages: 0, recoverableBytes: 0, held: false };
    assert.deepEqual(await Promise.all([usage(), usage()]), [none, none]);
    assert.deepEqual(await accountsOf(given.mailboxes, 10), []);
    await nobody.append('INBOX', {});
    assert.equal((await usage()).messages, 1);
  });

  it('O5: accounts are listed whole and once, in pages of any size', async () => {
    await using given = await open();
    assert.deepEqual(await accountsOf(given.mailboxes, 10), []);
    const keys: string[] = [];
    for (let i = 0; i < 7; i++) {
      const local = [`p${i}'"%_`, `"../p ${i}"`, `用户${i}`, `${i}`.repeat(64)][i % 4];
      const address = `${local}@acme.test` as MailAddress;
      const tenant = tenantOf(['a', 'a-b', 'ab'][i % 3] ?? '');
      await new Person(given.mailboxes, { address, tenant }).mailbox();
      keys.push(`${tenant} ${address}`);
    }
    for (const limit of [1, 2, 3, 7, 100]) {
      const listed = await accountsOf(given.mailboxes, limit);
      assert.deepEqual(listed.toSorted(), keys.toSorted(), `pages of ${limit}`);
    }
    assert.deepEqual(await given.mailboxes.accounts(null, 0, soon()), []);
  });

  it('O4: nobody reaches into the account of another by its ids', async () => {
    await using given = await open();
    const [alice, bob] = [new Person(given.mailboxes), new Person(given.mailboxes)];
    await bob.mailbox();
    await alice.create('Own');
    await alice.append('Own', { text: 'secret' });
    const [id, { emailId }] = [await alice.idOf('Own'), await alice.row('Own', 1)];
    const before = await alice.everything();
    // Ids are unique in an account: what Bob names by them is his own, or nothing.
    const view = await bob.mailboxes.view(bob.account, id, soon());
    assert.equal(view?.uids.length ?? 0, 0);
    await assert.rejects(bob.octets(emailId), { code: 'body.missing' });
    await assert.rejects(bob.octets('nonsense' as EmailId), { code: 'body.missing' });
    await bob.mailboxes.expunge(bob.account, id, null, true, soon());
    assert.deepEqual(await alice.everything(), before);
  });

  it('O4: two accounts at work at the same time do not touch each other', async () => {
    await using given = await open();
    const both = [new Person(given.mailboxes), new Person(given.mailboxes)];
    await Promise.all(
      both.map(async (person, i) => {
        for (let n = 0; n < 10; n++) await person.deliver(n, { subject: `for ${i}` });
        await person.copy('INBOX', [1, 2], 'Archive', 'move');
      }),
    );
    for (const [i, person] of both.entries()) {
      const rows = [...(await person.rows()), ...(await person.rows('Archive'))];
      assert.equal(rows.length, 10);
      assert.ok(rows.every(({ facts }) => facts?.subject === `for ${i}`));
    }
  });
}

function beingInTime(open: Open): void {
  it('B3: a call that is late is refused, and changes nothing', async () => {
    await using given = await open();
    const person = new Person(given.mailboxes);
    await person.append('INBOX', {}, { flags: ['\\Deleted'] });
    await person.expunge('INBOX', [1]);
    const [{ id }, { emailId }] = [await person.mailbox(), await person.row('INBOX', 2)];
    const before = await person.everything();
    const ended = within(60_000, AbortSignal.abort());
    for (const call of [{ deadlineAt: performance.now() - 1 }, ended])
      for (const [name, ask] of everyMethod(person, id, emailId))
        await assert.rejects(() => ask(call), { code: 'call.late' }, name);
    assert.deepEqual(await person.everything(), before);
  });

  it('B3: a keeper that has ended refuses, and ends again without harm', async () => {
    await using given = await open();
    const person = new Person(given.mailboxes);
    await person.deliver(1);
    await given.mailboxes[Symbol.asyncDispose]();
    await given.mailboxes[Symbol.asyncDispose]();
    for (const [name, ask] of everyMethod(person, 'F1' as MailboxId, 'M1' as EmailId))
      await assert.rejects(() => ask(soon()), { code: 'store.unavailable' }, name);
  });
}

/** Every method of the port that takes a call. */
function everyMethod(
  { account, mailboxes }: Person,
  id: Awaited<ReturnType<Person['idOf']>>,
  emailId: EmailId,
): readonly (readonly [name: string, ask: (call: Call) => Promise<unknown>])[] {
  const flag = { how: 'add', flags: ['\\Seen'], unchangedSince: null } as const;
  const delivery = { key: deliveryKey(1), mail: letter(), into: nameOf('INBOX'), limits: NO_LIMITS };
  const before = Number.MAX_SAFE_INTEGER;
  const asks: Record<Exclude<keyof Mailboxes, 'watch' | symbol>, (call: Call) => Promise<unknown>> = {
    deliver: (call) => mailboxes.deliver(account, delivery, call),
    forgetDeliveries: (call) => mailboxes.forgetDeliveries(account, [deliveryKey(1)], call),
    delivered: (call) => mailboxes.delivered(account, [deliveryKey(1)], call),
    deliveriesBefore: (call) => mailboxes.deliveriesBefore(account, deliveryKey(1).message, null, 10, call),
    list: (call) => mailboxes.list(account, call),
    find: (call) => mailboxes.find(account, nameOf('INBOX'), call),
    create: (call) => mailboxes.create(account, nameOf('New'), null, call),
    delete: (call) => mailboxes.delete(account, nameOf('Trash'), call),
    rename: (call) => mailboxes.rename(account, nameOf('Trash'), nameOf('New'), call),
    subscribe: (call) => mailboxes.subscribe(account, nameOf('New'), true, call),
    subscriptions: (call) => mailboxes.subscriptions(account, call),
    view: (call) => mailboxes.view(account, id, call),
    changes: (call) => mailboxes.changes(account, id, { modSeq: 0 }, call),
    rows: (call) => mailboxes.rows(account, id, [2], { facts: true, head: true }, call),
    octets: (call) => mailboxes.octets(account, emailId, 0, 10, call),
    append: (call) => mailboxes.append(account, id, [letter()], NO_LIMITS, call),
    flag: (call) => mailboxes.flag(account, id, [2], flag, call),
    copy: (call) => mailboxes.copy(account, id, [2], id, 'copy', NO_LIMITS, call),
    expunge: (call) => mailboxes.expunge(account, id, null, false, call),
    holding: (call) => mailboxes.holding(account, id, ['letter'], 'text', call),
    maildrop: (call) => mailboxes.maildrop(account, call),
    usage: (call) => mailboxes.usage(account, call),
    recoverable: (call) => mailboxes.recoverable(account, ANY_OF_IT, 10, call),
    recover: (call) => mailboxes.recover(account, ANY_OF_IT, 10, call),
    rules: (call) => mailboxes.rules(account, call),
    setRules: (call) => mailboxes.setRules(account, null, call),
    mayAnswer: (call) => mailboxes.mayAnswer(account, automaticAnswer(1), call),
    hold: (call) => mailboxes.hold(account, true, call),
    purge: (call) => mailboxes.purge(account, before, 10, call),
    retire: (call) => mailboxes.retire(account, id, before, 10, call),
    accounts: (call) => mailboxes.accounts(null, 10, call),
  };
  return Object.entries(asks);
}

function watching(open: Open): void {
  it('RFC 2177: who watches an account hears of every change, until that is ended', async () => {
    await using given = await open();
    const person = new Person(given.mailboxes);
    await person.append('INBOX', {}, {}, {});
    const { account, mailboxes } = person;
    const { id } = await person.mailbox();
    let [heard, other] = [0, 0];
    const end = mailboxes.watch(account, () => heard++);
    const endOther = mailboxes.watch(account, () => other++);
    const changes: Record<string, () => Promise<unknown>> = {
      deliver: () => person.deliver(1),
      append: () => person.append('Sent', {}),
      flag: () => person.flag('INBOX', [1], 'add', ['\\Seen']),
      copy: () => person.copy('INBOX', [1], 'Sent'),
      move: () => person.copy('INBOX', [1], 'Archive', 'move'),
      expunge: () => person.expunge('INBOX', [2]),
      create: () => person.create('New'),
      rename: () => mailboxes.rename(account, nameOf('New'), nameOf('Old'), soon()),
      delete: () => mailboxes.delete(account, nameOf('Old'), soon()),
      recover: () => mailboxes.recover(account, ANY_OF_IT, 1, soon()),
      retire: () => mailboxes.retire(account, id, Number.MAX_SAFE_INTEGER, 1, soon()),
    };
    for (const [name, change] of Object.entries(changes)) {
      const [before, otherBefore] = [heard, other];
      await change();
      await until(() => heard > before && other > otherBefore, name);
    }
    end();
    end();
    await quiet();
    const last = heard;
    await person.append('INBOX', {});
    await until(() => other > 0, 'the other one goes on');
    await quiet();
    assert.equal(heard, last);
    endOther();
  });
}

export async function accountsOf(mailboxes: Mailboxes, limit: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (let after: AccountKey | null = null; ; ) {
    const page: readonly AccountKey[] = await mailboxes.accounts(after, limit, soon());
    assert.ok(page.length <= limit);
    found.push(...page.map(({ tenant, address }) => `${tenant} ${address}`));
    after = page.at(-1) ?? null;
    if (after === null) return found;
  }
}

export async function until(is: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!is()) {
    assert.ok(performance.now() < deadline, `nobody heard: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Long enough for what is on its way in this process; no promise depends on it. */
export async function quiet(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
