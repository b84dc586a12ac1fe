/** Mailboxes in a backup, beside the keeper that writes them. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type Manifest, makeBackup, restoreBackup, verifyBackup } from '#/backup/index.ts';
import type { CopyWatch, Mailboxes } from '#/ports/index.ts';
import { Person } from '../contract/mail-samples.ts';
import { NOON, soon } from '../contract/samples.ts';
import { Fixture as CustodyFixture } from '../sqlite/fixture.ts';
import { openSqliteRegistry } from '../sqlite/index.ts';
import { openMailboxesIn } from '../sqlite-mailbox/fixture.ts';
import { recountAll } from '../sqlite-mailbox/recount.ts';
import { embeddedCopyReader, embeddedSource, embeddedTarget } from './index.ts';

const quiet: CopyWatch = { signal: new AbortController().signal, progress: () => {} };

/** An installation whose mailboxes are open, and a room for its backup and what is restored of it. */
class Place implements AsyncDisposable {
  readonly dir: string;
  readonly #custody: CustodyFixture;
  readonly #room: string;
  #opened: (Mailboxes & AsyncDisposable)[] = [];

  private constructor(custody: CustodyFixture, room: string) {
    this.#custody = custody;
    this.#room = room;
    this.dir = custody.dir;
  }

  static async make(): Promise<Place> {
    const custody = await CustodyFixture.make();
    await (await openSqliteRegistry({ dir: custody.dir }))[Symbol.asyncDispose]();
    await (await custody.open())[Symbol.asyncDispose]();
    return new Place(custody, await mkdtemp(join(tmpdir(), 'holdfast-backup-')));
  }

  get folder(): string {
    return join(this.#room, 'backup');
  }

  /** The mailboxes of the copy. */
  get copied(): string {
    return join(this.folder, 'data', 'mailboxes');
  }

  get target(): string {
    return join(this.#room, 'new');
  }

  async open(dir = this.dir): Promise<Mailboxes> {
    const mailboxes = await openMailboxesIn(dir);
    this.#opened.push(mailboxes);
    return mailboxes;
  }

  async close(): Promise<void> {
    for (const each of this.#opened.splice(0)) await each[Symbol.asyncDispose]();
  }

  make(watch = quiet) {
    const order = {
      folder: this.folder,
      data: this.dir,
      release: '1.2.3',
      hostname: 'mx.example.test',
      key: { included: false, id: null },
      blobs: 'elsewhere' as const,
      databaseUrl: null,
      now: () => NOON,
    };
    const source = embeddedSource({ dir: this.dir, blobs: null, beside: [] });
    return makeBackup(order, { source, reader: reader() }, watch);
  }

  verify() {
    return verifyBackup(this.folder, reader, quiet);
  }

  restore(): Promise<Manifest> {
    const order = { folder: this.folder, store: 'embedded' as const, by: 'cli:root', now: () => NOON + 5 };
    return restoreBackup(order, embeddedTarget(this.target), quiet);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.#custody[Symbol.asyncDispose]();
    await rm(this.#room, { recursive: true });
  }
}

const reader = () => embeddedCopyReader({ withBlobs: false, key: null });

/** What somebody has, octet for octet. */
async function octetsOf(person: Person): Promise<string[]> {
  const rows = await person.rows();
  const all = rows.map(({ emailId, size }) => person.mailboxes.octets(person.account, emailId, 0, size, soon()));
  return (await Promise.all(all)).map((octets) => Buffer.from(octets).toString('latin1'));
}

test('O1: mailboxes are copied each as of one moment while mail is stored, and hold the same octets when they are restored', async () => {
  await using place = await Place.make();
  const mailboxes = await place.open();
  const people = Array.from({ length: 12 }, () => new Person(mailboxes));
  for (const person of people) await person.append('INBOX', {}, { text: 'long '.repeat(40_000) });
  const before = await Promise.all(people.map(octetsOf));
  let stored = 0;
  const stop = new AbortController();
  const coming = (async () => {
    for (; !stop.signal.aborted; stored++) await people[stored % people.length]?.append('INBOX', {}, {});
  })();
  const { damage, manifest } = await place.make();
  stop.abort();
  await coming;
  assert.ok(stored > 0, 'nothing came meanwhile');
  assert.deepEqual(damage, []);
  assert.equal(manifest.mailboxes?.accounts, 12);
  assert.ok((manifest.mailboxes?.messages ?? 0) >= 24);
  assert.deepEqual((await place.verify()).damage, []);
  await place.close();

  await place.restore();
  assert.equal(recountAll(join(place.target, 'mailboxes')), 12);
  const restored = await place.open(place.target);
  for (const [i, person] of people.entries()) {
    person.mailboxes = restored;
    const [kept, after] = [before[i] ?? [], await octetsOf(person)];
    assert.deepEqual(after.slice(0, kept.length), kept);
    assert.equal(
      (after.length - kept.length) % 2,
      0,
      'two that were stored in one call are there together, or not at all',
    );
  }
});

test('O7: a copy leaves nothing beside accounts that nobody has open, and holds neither marks nor files that a reader would make', async () => {
  await using place = await Place.make();
  const person = new Person(await place.open());
  await person.append('INBOX', {});
  await place.close();
  const before = readdirSync(join(place.dir, 'mailboxes'), { recursive: true }).map(String).toSorted();
  await place.make();
  await place.verify();
  assert.deepEqual(readdirSync(join(place.dir, 'mailboxes'), { recursive: true }).map(String).toSorted(), before);
  const copied = readdirSync(place.copied, { recursive: true }).map(String);
  const shapes = copied.map((name) =>
    name.replace(/^[0-9a-f]{2}(\/[0-9a-f]{38}\.db)?$/, (_, file) => (file ? 'account' : 'part')),
  );
  assert.deepEqual(shapes.sort(), ['account', 'accounts.db', 'part']);
});

test('O4: an account that is damaged is copied as it is, named, and spoils no other', async () => {
  await using place = await Place.make();
  const mailboxes = await place.open();
  const people = Array.from({ length: 3 }, () => new Person(mailboxes));
  for (const person of people) await person.append('INBOX', {});
  await place.close();
  const [first = '', second = ''] = globSync('mailboxes/??/*.db', { cwd: place.dir });
  writeFileSync(join(place.dir, first), Buffer.alloc(8_192, 'x'));
  {
    using db = new DatabaseSync(join(place.dir, second));
    db.exec('UPDATE message SET size = size + 1');
  }
  const { damage, manifest } = await place.make();
  assert.equal(damage.length, 2);
  assert.match(damage.join('\n'), new RegExp(`${first} can't be read: .*not a database`));
  assert.match(damage.join('\n'), new RegExp(`${second}: 1 messages are not as long as they were`));
  assert.equal(manifest.mailboxes?.accounts, 2);
  assert.ok(!(await place.verify()).good);
});

test('O5: verification names an account that is missing, and a register that is', async () => {
  await using place = await Place.make();
  const person = new Person(await place.open());
  await person.append('INBOX', {});
  await place.make();
  assert.ok((await place.verify()).good);
  const [file = ''] = globSync('??/*.db', { cwd: place.copied });
  rmSync(join(place.copied, file));
  assert.match((await place.verify()).damage.join('\n'), new RegExp(`data/mailboxes/${file} is missing`));
  rmSync(join(place.copied, 'accounts.db'));
  assert.match((await place.verify()).damage.join('\n'), /mailboxes\/accounts\.db is not in it/);
});

/** The copy is older than what the person had last; the installation is lost after it. */
async function lose(place: Place): Promise<{ person: Person; uidNext: number; uidValidity: number; marks: string }> {
  const person = new Person(await place.open());
  await person.append('INBOX', {});
  await place.make();
  await person.append('INBOX', {}, {});
  const { uidNext, uidValidity } = await person.mailbox();
  await place.close();
  return { person, uidNext, uidValidity, marks: join(place.dir, 'mailboxes', 'marks') };
}

test('design 1: with the marks of the lost installation put there ahead, UIDs go on above all that were given, even where the last of them was lost', async () => {
  await using place = await Place.make();
  const { person, uidNext, uidValidity, marks } = await lose(place);
  const [name = ''] = globSync('??/*.mark', { cwd: marks });
  const mark = JSON.parse(readFileSync(join(marks, name), 'utf8'));
  // A loss of power takes what was not flushed: how far it was.
  writeFileSync(join(marks, name), JSON.stringify({ ...mark, reached: 0 }).padEnd(256));
  mkdirSync(join(place.target, 'mailboxes'), { recursive: true });
  cpSync(marks, join(place.target, 'mailboxes', 'marks'), { recursive: true });
  await place.restore();
  person.mailboxes = await place.open(place.target);
  const after = await person.mailbox();
  assert.equal(after.uidValidity, uidValidity);
  const [uid] = await person.append('INBOX', {});
  assert.ok((uid ?? 0) >= uidNext, `${uid} after ${uidNext}`);
  assert.equal((await person.uids()).length, 2);
});

test('RFC 9051 §2.3.1.1: without marks, or with some that are older than the backup, UIDVALIDITY changes', async () => {
  await using place = await Place.make();
  const person = new Person(await place.open());
  await person.append('INBOX', {});
  const old = join(place.folder, '..', 'old-marks');
  cpSync(join(place.dir, 'mailboxes', 'marks'), old, { recursive: true });
  {
    // As after so many changes that the bounds have moved.
    const [file = ''] = globSync('mailboxes/??/*.db', { cwd: place.dir });
    using db = new DatabaseSync(join(place.dir, file), { timeout: 1_000 });
    db.exec('UPDATE account SET mod_seq = 9000');
  }
  await place.make();
  const { uidValidity } = await person.mailbox();
  await place.close();
  mkdirSync(join(place.target, 'mailboxes'), { recursive: true });
  cpSync(old, join(place.target, 'mailboxes', 'marks'), { recursive: true });
  await place.restore();
  assert.deepEqual(globSync('??/*.mark', { cwd: join(place.target, 'mailboxes', 'marks') }), []);
  person.mailboxes = await place.open(place.target);
  assert.notEqual((await person.mailbox()).uidValidity, uidValidity);
});

test('design 1: a place that has accounts is not restored into; a restore that was refused leaves the marks', async () => {
  await using place = await Place.make();
  const { marks } = await lose(place);
  const folder = join(place.target, 'mailboxes');
  mkdirSync(folder, { recursive: true });
  cpSync(marks, join(folder, 'marks'), { recursive: true });
  writeFileSync(join(folder, 'accounts.db'), 'somebody’s');
  await assert.rejects(place.restore(), /is not empty: there is mailboxes\/accounts\.db/);
  rmSync(join(folder, 'accounts.db'));
  const [account = ''] = globSync('??/*.db', { cwd: place.copied });
  writeFileSync(join(place.copied, account), 'damaged');
  await assert.rejects(place.restore(), /is not as it was written/);
  assert.deepEqual(readdirSync(folder), ['marks']);
  assert.ok(globSync('??/*.mark', { cwd: join(folder, 'marks') }).length > 0);
  assert.ok(!existsSync(join(place.target, 'custody.db')));
});

test('design 1: an installation that never had mailboxes has none in its backup', async () => {
  await using place = await Place.make();
  const { damage, manifest } = await place.make();
  assert.deepEqual([damage, manifest.mailboxes], [[], null]);
  await place.restore();
  assert.ok(!existsSync(join(place.target, 'mailboxes')));
});
