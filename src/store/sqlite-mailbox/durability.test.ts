/** What kills, restores, damage and full disks leave of mailboxes on files. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import type { AccountKey, MailAddress } from '#/model/index.ts';
import { letter, NO_LIMITS, nameOf, Person } from '../contract/mail-samples.ts';
import { ACME, soon } from '../contract/samples.ts';
import { Fixture } from './fixture.ts';
import { recountAll } from './recount.ts';

it('O5, H3: after kill -9 amid deliveries, all that was answered is there, each once', async () => {
  await using fixture = await Fixture.make();
  const child = spawn(process.execPath, [new URL('./kill-me.ts', import.meta.url).pathname, fixture.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answered = new Map<string, Set<string>>();
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [address = '', message = ''] = line.split(' ');
    answered.getOrInsertComputed(address, () => new Set()).add(message);
    lines += 1;
    if (lines === 200) child.kill('SIGKILL');
  }
  const mailboxes = await fixture.open();
  for (const [address, messages] of answered) {
    const person = new Person(mailboxes, { address: address as MailAddress });
    const subjects = (await person.rows()).map(({ facts }) => facts?.subject ?? '');
    assert.equal(new Set(subjects).size, subjects.length, 'each once');
    assert.deepEqual(
      [...messages].filter((message) => !subjects.includes(message)),
      [],
      'none is lost',
    );
    for (const message of messages) assert.equal((await person.holding(message)).length, 1, 'and is found');
  }
  await fixture.close();
  assert.equal(recountAll(fixture.mailboxes), 3);
});

it('O5: mailboxes that were restored from an earlier time give no UID, modification sequence or id again', async () => {
  await using fixture = await Fixture.make();
  const person = new Person(await fixture.open());
  await person.append('INBOX', {}, {});
  await fixture.close();
  const backup = join(fixture.folder, 'backup');
  cpSync(fixture.mailboxes, backup, { recursive: true });
  person.mailboxes = await fixture.open();
  await person.append('INBOX', {}, {});
  await person.flag('INBOX', [1], 'add', ['\\Seen']);
  const [before, lost] = [await person.mailbox(), await person.row('INBOX', 3)];
  await fixture.close();
  fixture.restore(backup);
  person.mailboxes = await fixture.open();
  const after = await person.mailbox();
  assert.deepEqual([after.id, after.uidValidity], [before.id, before.uidValidity]);
  assert.ok(after.uidNext >= before.uidNext && after.highestModSeq > before.highestModSeq);
  // What a client has seen since is told as gone, and flags that it knows otherwise are told again.
  const changes = await person.mailboxes.changes(person.account, after.id, { modSeq: before.highestModSeq }, soon());
  assert.ok(changes?.vanished.includes(3) && changes.vanished.includes(4));
  assert.deepEqual(
    changes?.changed.map(({ uid, flags }) => [uid, flags]),
    [
      [1, []],
      [2, []],
    ],
  );
  const [uid] = await person.append('INBOX', {});
  assert.ok((uid ?? 0) >= before.uidNext);
  assert.notEqual((await person.row('INBOX', uid ?? 0)).emailId, lost.emailId);
  await fixture.close();
  recountAll(fixture.mailboxes);
});

it('RFC 9051 §2.3.1.1: restored where no mark says how far they were, mailboxes get a new UIDVALIDITY', async () => {
  await using fixture = await Fixture.make();
  const person = new Person(await fixture.open());
  await person.append('INBOX', {});
  const before = await person.mailboxes.list(person.account, soon());
  await fixture.close();
  rmSync(join(fixture.mailboxes, 'marks'), { recursive: true });
  await fixture.clock.sleep(1_000);
  person.mailboxes = await fixture.open();
  const after = await person.mailboxes.list(person.account, soon());
  const highest = Math.max(...before.map(({ uidValidity }) => uidValidity));
  for (const { uidValidity } of after) assert.ok(uidValidity > highest || uidValidity > before.length);
  assert.equal(new Set([...before, ...after].map(({ uidValidity }) => uidValidity)).size, 12);
  assert.deepEqual(await person.uids(), [1]);
  assert.ok((await person.create('New')).uidValidity > Math.max(...after.map(({ uidValidity }) => uidValidity)));
});

it('O5: a restart that nothing was restored before changes no number', async () => {
  await using fixture = await Fixture.make();
  const person = new Person(await fixture.open());
  await person.append('INBOX', {}, {});
  const before = await person.everything();
  for (let i = 0; i < 2; i++) {
    await fixture.close();
    person.mailboxes = await fixture.open();
    assert.deepEqual(await person.everything(), before);
  }
});

it('O4: an account whose file is damaged fails alone, and comes back with its file', async () => {
  await using fixture = await Fixture.make();
  const [alice, bob] = await twoPeople(fixture, 1);
  await alice.append('INBOX', {});
  const [file = ''] = globSync('??/*.db', { cwd: fixture.mailboxes });
  await bob.append('INBOX', {});
  await fixture.close();
  const path = join(fixture.mailboxes, file);
  const whole = readFileSync(path);
  writeFileSync(path, Buffer.alloc(whole.length, 'x'));
  const mailboxes = await fixture.open(1);
  for (const person of [alice, bob]) person.mailboxes = mailboxes;
  await assert.rejects(alice.mailbox(), { code: 'store.failed' });
  await assert.rejects(alice.append('INBOX', {}), { code: 'store.failed' });
  assert.deepEqual(await bob.append('INBOX', {}), [2]);
  writeFileSync(path, whole);
  assert.deepEqual(await alice.append('INBOX', {}), [2]);
});

it('O5: names of files tell no address, and without the key of names nothing starts', async () => {
  await using fixture = await Fixture.make();
  const [alice] = await twoPeople(fixture, 2);
  await alice.append('INBOX', {});
  await fixture.close();
  const files = readdirSync(fixture.mailboxes, { recursive: true }).map(String);
  assert.deepEqual(
    files.filter((file) => /alice|acme/i.test(file)),
    [],
  );
  // The lock holds nothing.
  for (const file of files.filter((name) => name !== 'lock.db')) {
    const { mode } = statSync(join(fixture.mailboxes, file));
    assert.equal(mode & 0o077, 0, `${file} is for us alone`);
  }
  for (const end of ['', '-wal', '-shm']) rmSync(join(fixture.mailboxes, `accounts.db${end}`), { force: true });
  await assert.rejects(fixture.open(), { code: 'store.foreign' });
  assert.ok(!existsSync(join(fixture.mailboxes, 'accounts.db')));
});

it('O1: one process at a time has the mailboxes of a folder', async () => {
  await using fixture = await Fixture.make();
  const mailboxes = await fixture.open();
  await assert.rejects(fixture.open(), { code: 'store.locked' });
  await mailboxes[Symbol.asyncDispose]();
  await fixture.open();
});

it('O3: more accounts than may be open at once are all served', async () => {
  await using fixture = await Fixture.make();
  const mailboxes = await fixture.open(1);
  const people = Array.from({ length: 130 }, () => new Person(mailboxes));
  for (const [i, person] of people.entries()) assert.equal((await person.deliver(i)).kind, 'stored');
  for (const [i, person] of people.entries()) assert.equal((await person.deliver(i)).kind, 'already');
});

it('B3: calls share a flush and never a fate, in each account and between accounts', async () => {
  await using fixture = await Fixture.make();
  const [alice, bob] = await twoPeople(fixture, 1);
  await alice.mailbox();
  const id = await alice.idOf();
  const wrong = { ...letter(), receivedAt: Number.NaN };
  const append = (person: Person, mail = letter()) =>
    person.mailboxes.append(person.account, id, [mail], NO_LIMITS, soon());
  const answers = await Promise.allSettled([
    append(alice),
    append(alice, wrong),
    append(alice),
    bob.append('INBOX', {}),
    bob.mailboxes.create(bob.account, nameOf('a//b'), null, soon()),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'rejected'],
  );
  assert.deepEqual(await alice.uids(), [1, 2]);
  await fixture.close();
  recountAll(fixture.mailboxes);
});

it('O3: what waits for the index and what is in it are found alike', async () => {
  await using fixture = await Fixture.make();
  const person = new Person(await fixture.open());
  await person.append('INBOX', ...Array.from({ length: 250 }, (_, i) => ({ text: `number${i} 定例会議室` })));
  const asked = ['number7', 'number249', '会議', '議室'];
  const found = await Promise.all(asked.map((text) => person.holding(text)));
  assert.deepEqual(
    found.map(({ length }) => length),
    [11, 1, 250, 250],
  );
  await fixture.close();
  person.mailboxes = await fixture.open();
  // They go into the index meanwhile, under the eyes of the search.
  for (const endsAt = performance.now() + 4_000; performance.now() < endsAt; ) {
    assert.deepEqual(await Promise.all(asked.map((text) => person.holding(text))), found);
  }
});

async function twoPeople(fixture: Fixture, threads: number): Promise<[Person, Person]> {
  const mailboxes = await fixture.open(threads);
  const named = (name: string): Partial<AccountKey> => ({ tenant: ACME, address: `${name}@acme.test` as MailAddress });
  return [new Person(mailboxes, named('alice')), new Person(mailboxes, named('bob'))];
}
