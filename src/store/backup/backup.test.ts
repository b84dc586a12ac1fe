import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdRestored, type Manifest, makeBackup, restoreBackup, verifyBackup } from '#/backup/index.ts';
import type { MailId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Blobs, CopyWatch, RestoreTarget } from '#/ports/index.ts';
import { FakeLog } from '#/testkit/index.ts';
import { SUITE_SETTINGS } from '../contract/custody.ts';
import { ACME, DELIVERED, mail, NOON, PARTNER, settlementOf, soon, textOf, worker } from '../contract/samples.ts';
import { openFileBlobs } from '../files/index.ts';
import { openKeyRing, wrappedKeyFolder } from '../keys/index.ts';
import { Fixture } from '../sqlite/fixture.ts';
import { openSqliteCustody, openSqliteRegistry, openSqliteStatusHistory, type SqliteCustody } from '../sqlite/index.ts';
import { embeddedCopyReader, embeddedSource, embeddedTarget, keyIdOf } from './index.ts';

const W1 = worker('1').id;
const quiet: CopyWatch = { signal: new AbortController().signal, progress: () => {} };

/** An installation with its tenants' file, and a folder for backups beside it. */
class Place implements AsyncDisposable {
  readonly store: Fixture;
  readonly room: string;

  private constructor(store: Fixture, room: string) {
    this.store = store;
    this.room = room;
  }

  static async make(): Promise<Place> {
    const store = await Fixture.make();
    await (await openSqliteRegistry({ dir: store.dir }))[Symbol.asyncDispose]();
    return new Place(store, await mkdtemp(join(tmpdir(), 'holdfast-backup-')));
  }

  get folder(): string {
    return join(this.room, 'backup');
  }

  async blobs(dir = this.store.dir) {
    const keyRing = await openKeyRing({ keyFile: this.store.keyFile, wrapped: wrappedKeyFolder(join(dir, 'keys')) });
    return openFileBlobs({ dir: join(dir, 'blobs'), keyRing, clock: this.store.clock });
  }

  /** What was restored into `dir`, with the key of the first installation. */
  open(dir: string, blobs: Blobs | null = null): Promise<SqliteCustody> {
    const settings = { dir, secretsKeyFile: this.store.keyFile, ...SUITE_SETTINGS };
    return openSqliteCustody(settings, { clock: this.store.clock, blobs });
  }

  make(watch = quiet) {
    const { dir, keyFile } = this.store;
    const key = { file: keyFile, id: keyIdOf(keyFile) };
    const order = {
      folder: this.folder,
      data: dir,
      release: '1.2.3',
      hostname: 'mx.example.test',
      key: { included: false, id: key.id },
      blobs: 'included' as const,
      databaseUrl: null,
      now: () => NOON,
    };
    const source = embeddedSource({ dir, blobs: join(dir, 'blobs'), beside: [] });
    return makeBackup(order, { source, reader: embeddedCopyReader({ withBlobs: true, key }) }, watch);
  }

  verify(keyFile: string | null = null) {
    const reader = ({ key }: Manifest) =>
      embeddedCopyReader({ withBlobs: true, key: keyFile === null ? null : { file: keyFile, id: key.id } });
    return verifyBackup(this.folder, reader, quiet);
  }

  restore(target: RestoreTarget) {
    return restoreBackup(
      { folder: this.folder, store: 'embedded', by: 'cli:root', now: () => NOON + 5 },
      target,
      quiet,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await rm(this.room, { recursive: true });
  }
}

async function bodiesOf(custody: SqliteCustody, ids: readonly MailId[]): Promise<string[]> {
  return Promise.all(ids.map(async (id) => textOf(await custody.body(id, soon()))));
}

test('design 1: a copy taken while mail comes holds all that was answered before, with its content, and its books balance', async () => {
  await using place = await Place.make();
  const blobs = await place.blobs();
  const custody = await place.store.open(blobs);
  await custody.enlist(worker('1'), soon());
  const { clock } = place.store;
  const before = Array.from({ length: 300 }, () => mail(clock));
  const writer = await blobs.create(ACME, soon());
  await writer.write(Buffer.alloc(300_000, 'large '));
  const ref = await writer.finish();
  const large = mail(clock, { body: { kind: 'blob', ref, size: ref.size } });
  for (const each of [...before, large]) await custody.accept([each], null, soon());
  const served = await custody.claim(
    { kind: 'due', destination: PARTNER, tenant: null, fresh: false, ignoreDue: false, now: clock.now(), limit: 40 },
    W1,
    soon(),
  );
  for (const claim of served) await custody.settle(settlementOf(claim, DELIVERED), W1, soon());
  await custody.books(soon());
  // These stand in the log alone: the tables follow it.
  const young = Array.from({ length: 5 }, () => mail(clock));
  for (const each of young) await custody.accept([each], null, soon());

  let accepted = 0;
  const stop = new AbortController();
  const coming = (async () => {
    for (; !stop.signal.aborted; accepted++) await custody.accept([mail(clock)], null, soon());
  })();
  const made = await place.make();
  stop.abort();
  await coming;
  assert.ok(accepted > 0, 'nothing came meanwhile');
  assert.deepEqual(made.damage, []);
  assert.ok(made.opened);
  const { manifest } = made;
  const { balanced, messages, live } = manifest;
  assert.ok(balanced && (messages ?? 0) >= 301 && (live ?? 0) >= 261, JSON.stringify(manifest));
  const [books] = manifest.books;
  assert.equal(books?.delivered, 40);
  assert.ok(!existsSync(join(place.folder, 'data', 'secrets.key')));
  await custody[Symbol.asyncDispose]();

  const verdict = await place.verify();
  assert.deepEqual([verdict.good, verdict.damage, verdict.opened], [true, [], false]);
  const names = await readdir(join(place.folder, 'data'));
  assert.ok(!names.some((name) => /-(wal|shm|journal)$/.test(name)), `looking left ${names.join(' ')}`);

  const target = join(place.room, 'new');
  await place.restore(embeddedTarget(target));
  await using restored = await place.open(target, await place.blobs(target));
  const waiting = [...before.filter(({ id }) => !served.some((claim) => claim.mail.id === id)), ...young];
  assert.deepEqual(
    await bodiesOf(
      restored,
      waiting.map(({ id }) => id),
    ),
    waiting.map(({ body }) => textOf(body)),
  );
  for (const recount of await restored.recount(within(60_000))) assert.ok(recount.balanced);
  const got: Uint8Array[] = [];
  for await (const piece of (await place.blobs(target)).read(ACME, ref, soon())) got.push(piece);
  assert.equal(Buffer.concat(got).length, 300_000);
  assert.deepEqual((await restored.sweep(soon())).length, 0);
});

test('design 1: for another disk the copy is made on the store’s own first, so that a slow target holds nothing up', async (t) => {
  await using place = await Place.make();
  const elsewhere = await mkdtemp('/dev/shm/holdfast-backup-').catch(() => null);
  if (elsewhere === null) return t.skip('there is no second disk here: /dev/shm');
  await using _gone = { [Symbol.asyncDispose]: () => rm(elsewhere, { recursive: true }) };
  if ((await stat(elsewhere)).dev === (await stat(place.store.dir)).dev) return t.skip('/dev/shm is no second disk');
  const custody = await place.store.open();
  for (let i = 0; i < 20; i++) await custody.accept([mail(place.store.clock)], null, soon());
  const stale = join(place.store.dir, 'backup-0123456789ab.tmp');
  await mkdir(stale);
  const other = Object.create(place, { folder: { value: join(elsewhere, 'backup') } }) as Place;
  const staged: string[] = [];
  const watch = { ...quiet, progress: () => void staged.push(...readdirSync(place.store.dir).filter(isStaging)) };
  assert.deepEqual((await other.make(watch)).damage, []);
  assert.ok(staged.length > 0);
  assert.ok((await other.verify()).good);
  assert.deepEqual((await readdir(place.store.dir)).filter(isStaging), []);
});

const isStaging = (name: string) => name.startsWith('backup-');

test('design 1: a restored store holds its mail once, before anything claims, whatever was claimed when it was copied', async () => {
  await using place = await Place.make();
  const custody = await place.store.open();
  await custody.enlist(worker('1'), soon());
  const claimed = mail(place.store.clock);
  const waiting = mail(place.store.clock);
  await custody.accept([claimed], W1, soon());
  await custody.accept([waiting], null, soon());
  await custody.books(soon());
  await place.make();
  await custody[Symbol.asyncDispose]();
  const target = join(place.room, 'new');
  await place.restore(embeddedTarget(target));

  await using restored = await place.open(target);
  const log = new FakeLog();
  assert.equal(await holdRestored({ custody: restored, log }), 2);
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ['store.restored'],
  );
  const { items } = await restored.queue({ reason: 'restored' }, null, 9, soon());
  const shown = items.flatMap(({ recipients }) => recipients.map((each) => [each.state, each.possiblyDuplicate]));
  assert.deepEqual(shown, [
    ['held', true],
    ['held', true],
  ]);
  assert.equal((await restored.act({ kind: 'release' }, { reason: 'restored' }, 'op', 9, soon())).recipients, 2);
  await restored[Symbol.asyncDispose]();
  await using later = await place.open(target);
  assert.equal(await holdRestored({ custody: later, log }), 0);
  assert.equal((await later.books(soon()))[0]?.queued, 2);
});

test('design 1: what is damaged, missing or changed in a backup is named, and nothing is restored of it', async () => {
  await using place = await Place.make();
  const custody = await place.store.open();
  for (let i = 0; i < 20; i++) await custody.accept([mail(place.store.clock)], null, soon());
  await custody.books(soon());
  await place.make();
  const file = join(place.folder, 'data', 'custody.db');
  const whole = await readFile(file);
  const damaged = Buffer.from(whole);
  damaged[whole.length >> 1] = (damaged[whole.length >> 1] ?? 0) ^ 1;
  await writeFile(file, damaged);
  const flipped = await place.verify();
  assert.ok(!flipped.good);
  assert.match(flipped.damage.join('\n'), /data\/custody\.db is not as it was written/);
  const target = join(place.room, 'new');
  await assert.rejects(place.restore(embeddedTarget(target)), /custody\.db is not as it was written/);
  assert.deepEqual(
    (await readdir(target)).filter((name) => !name.startsWith('lock.db')),
    [],
  );

  await writeFile(file, whole);
  assert.ok((await place.verify(place.store.keyFile)).opened);
  await unlink(join(place.folder, 'data', 'control.db'));
  assert.match((await place.verify()).damage.join('\n'), /data\/control\.db is missing/);
  const list = join(place.folder, 'files.sha256');
  const lines = await readFile(list, 'utf8');
  await writeFile(list, lines.replace(/^.*control\.db\n/m, ''));
  await assert.rejects(place.verify(), /files\.sha256 is not as it was written/);
});

test('H5: content that is missing from the store is told when the backup is made, and by its verification', async () => {
  await using place = await Place.make();
  const custody = await place.store.open();
  const sent = mail(place.store.clock);
  await custody.accept([sent], null, soon());
  await custody[Symbol.asyncDispose]();
  const log = join(place.store.dir, 'log');
  for (const name of await readdir(log)) await truncate(join(log, name), 10);
  const { damage } = await place.make();
  assert.match(damage.join('\n'), new RegExp(`The content of mail ${sent.id}`));
  const { good, damage: again } = await place.verify();
  assert.ok(!good && again.some((line) => line.includes(sent.id)), again.join('\n'));
});

test('design 1: an interrupted backup is no backup, leaves nothing, and one that was killed is begun anew', async () => {
  await using place = await Place.make();
  await place.store.open();
  const stop = new AbortController();
  const ending: CopyWatch = { signal: stop.signal, progress: () => stop.abort() };
  await assert.rejects(place.make(ending), { name: 'AbortError' });
  assert.ok(!existsSync(place.folder));

  await mkdir(join(place.folder, 'data'), { recursive: true });
  await writeFile(join(place.folder, 'backup.unfinished'), '');
  await writeFile(join(place.folder, 'data', 'custody.db'), 'half');
  await assert.rejects(place.verify(), /no whole backup.*interrupted/);
  assert.deepEqual((await place.make()).damage, []);
  assert.ok((await place.verify()).good);
  await assert.rejects(place.make(), /holds a backup already/);
});

test('design 1: nothing of somebody’s is written over: not a folder with files, not the data directory itself', async () => {
  await using place = await Place.make();
  await place.store.open();
  await mkdir(place.folder);
  await writeFile(join(place.folder, 'holiday.jpg'), 'x');
  await assert.rejects(place.make(), /holds holiday\.jpg already/);
  await rm(place.folder, { recursive: true });
  await symlink(place.store.dir, join(place.room, 'disguised'));
  const inside = Object.create(place, { folder: { value: join(place.room, 'disguised', 'backup') } }) as Place;
  await assert.rejects(inside.make(), /lies in the data directory/);
  assert.ok(!existsSync(join(place.store.dir, 'backup')));
  await place.make();
  await assert.rejects(place.restore(embeddedTarget(place.store.dir)), /is not empty/);
});

test('design 1: no server starts on half a restore, and the next restore begins anew; a key put there ahead stays', async () => {
  await using place = await Place.make();
  const custody = await place.store.open();
  await custody.accept([mail(place.store.clock)], null, soon());
  await custody.books(soon());
  await place.make();
  const target = join(place.room, 'new');
  await mkdir(target);
  const key = await readFile(place.store.keyFile);
  await writeFile(join(target, 'secrets.key'), key);
  await writeFile(join(target, 'restore.unfinished'), '');
  await writeFile(join(target, 'custody.db'), 'half');
  await assert.rejects(place.open(target), { code: 'store.unfinished' });

  const site = await embeddedTarget(target).take();
  await assert.rejects(place.open(target), { code: 'store.locked' });
  await site[Symbol.asyncDispose]();
  await place.restore(embeddedTarget(target));
  assert.deepEqual(await readFile(join(target, 'secrets.key')), key);
  await using restored = await place.open(target);
  assert.equal((await restored.books(soon()))[0]?.queued, 1);
});

test('H9: what was measured of the installation is in its backup, and comes back with it', async () => {
  await using place = await Place.make();
  await (await place.store.open())[Symbol.asyncDispose]();
  const minutes = [{ component: 'main.gateway', at: NOON, state: 'major_outage' as const }];
  const history = openSqliteStatusHistory({ dir: place.store.dir });
  await history.keep({ minutes, figures: [], changes: [] }, soon());
  await history[Symbol.asyncDispose]();
  assert.deepEqual((await place.make()).damage, []);
  const target = join(place.room, 'target');
  await place.restore(embeddedTarget(target));
  const restored = openSqliteStatusHistory({ dir: target });
  const [day] = await restored.days('2000-01-01', soon());
  await restored[Symbol.asyncDispose]();
  assert.deepEqual([day?.component, day?.minutes], ['main.gateway', { major_outage: 1 }]);
});
