/** Content in the log that is damaged, torn or was written under another setting: told as what it is, and in nobody else's way. */
import assert from 'node:assert/strict';
import fs, { closeSync, openSync, utimesSync, writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it, type TestContext } from 'node:test';
import { isFault, type MailId } from '#/model/index.ts';
import { DAY_MS, mail } from '../contract/samples.ts';
import { Bench, Folders } from './crash-fixture.ts';
import { offsetOf, segmentOf } from './log/index.ts';
import { Reader } from './reader.ts';

/** Zeros over the begin of a mail's content, as a disk leaves sectors that it never wrote. */
function blank(bench: Bench, id: MailId, bytes: number): void {
  const place = Number(bench.read(`SELECT log_at FROM message WHERE id = '${id}'`)[0]?.log_at);
  const file = openSync(join(bench.dir, 'log', `${String(segmentOf(place)).padStart(8, '0')}.seg`), 'r+');
  writeSync(file, Buffer.alloc(bytes), 0, bytes, offsetOf(place));
  closeSync(file);
}

/** A sector of the log that the disk can't read: one in which `id` stands. */
function unreadable(context: TestContext, bench: Bench, id: MailId): void {
  const place = Number(bench.read(`SELECT log_at FROM message WHERE id = '${id}'`)[0]?.log_at);
  const read = fs.readSync;
  context.mock.method(fs, 'readSync', (file: number, into: Buffer, at: number, length: number, position: number) => {
    if (position === offsetOf(place)) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    return read(file, into, at, length, position);
  });
  syncBuiltinESMExports();
  context.after(() => {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

/** Lets the mails of `bench` lie in a segment that has rested for an hour. */
function rested(bench: Bench): Bench {
  bench.writer.close();
  const next = new Bench(bench.dir);
  const lastHour = Date.now() / 1000 - 3600;
  utimesSync(join(bench.dir, 'log', '00000001.seg'), lastHour, lastHour);
  return next;
}

it('design 1: sealed content whose begin was never written is damaged, and is not taken for plain', () => {
  using folders = new Folders();
  const bench = new Bench(folders.make());
  const [sent, fine] = [mail(bench.clock), mail(bench.clock)];
  bench.accept([sent, fine]);
  bench.writer.commit();
  blank(bench, sent.id, 4);
  assert.deepEqual(bench.contentOf([sent, fine]), [null, fine.size]);
  bench.writer.commit();
  const reader = new Reader({ dir: bench.dir, keyFile: join(bench.dir, 'secrets.key') });
  assert.throws(
    () => reader.call('body', { message: sent.id }, 1000),
    (error) => isFault(error, 'body.damaged'),
  );
  reader.close();
  bench.writer.close();
});

it('design 1: damaged content is not carried into a row as if it were plain', () => {
  using folders = new Folders();
  const first = new Bench(folders.make());
  const [sent, fine] = [mail(first.clock), mail(first.clock)];
  first.accept([sent, fine]);
  first.writer.commit();
  blank(first, sent.id, 4);
  const bench = rested(first);
  bench.writer.tidy(bench.reached);
  assert.deepEqual(bench.contentOf([sent, fine]), [null, fine.size]);
  bench.writer.commit();
  assert.equal(bench.read(`SELECT body FROM message WHERE id = '${sent.id}'`)[0]?.body, null);
  bench.writer.close();
});

it('H3: a torn record whose content was never written ends the log, and is not carried out', () => {
  using folders = new Folders();
  const bench = new Bench(folders.make());
  const [whole, torn] = [mail(bench.clock), mail(bench.clock)];
  bench.accept([whole]);
  bench.accept([torn]);
  const dir = folders.killed(bench.dir);
  bench.writer.commit();
  const place = Number(bench.read(`SELECT log_at FROM message WHERE id = '${torn.id}'`)[0]?.log_at);
  const file = openSync(join(dir, 'log', '00000001.seg'), 'r+');
  writeSync(file, Buffer.alloc(torn.size + 33), 0, torn.size + 33, offsetOf(place));
  closeSync(file);
  const again = new Bench(dir);
  assert.deepEqual(
    again.read('SELECT id FROM message').map(({ id }) => id),
    [whole.id],
  );
  again.writer.close();
  bench.writer.close();
});

it('H3: a key that can’t be asked for stops a start, and is no end of the log', () => {
  using folders = new Folders();
  const bench = new Bench(folders.make());
  bench.accept([mail(bench.clock)]);
  bench.clock.ms += DAY_MS;
  bench.accept([mail(bench.clock)]);
  bench.clock.ms -= DAY_MS;
  bench.accept([mail(bench.clock)]);
  const dir = folders.killed(bench.dir);
  bench.writer.close();
  // The newest key opens, the one before it does not.
  const db = new DatabaseSync(join(dir, 'custody.db'));
  db.exec("UPDATE day_key SET wrapped = x'00' WHERE day = (SELECT min(day) FROM day_key)");
  db.close();
  assert.throws(
    () => new Bench(dir),
    (error) => isFault(error, 'key.missing'),
  );
});

it('design 1: what the log holds opens whatever the setting for content was when it was written', () => {
  using folders = new Folders();
  for (const encryptBodies of [true, false]) {
    const first = new Bench(folders.make(), { encryptBodies });
    const sent = mail(first.clock);
    first.accept([sent]);
    first.writer.abandon();
    const second = new Bench(first.dir, { encryptBodies: !encryptBodies });
    assert.deepEqual(second.contentOf([sent]), [sent.size], `sealed first: ${encryptBodies}`);
    second.writer.close();
  }
});

it('H5: one sector that can’t be read holds up its own mail alone', (context) => {
  using folders = new Folders();
  const bench = new Bench(folders.make());
  const [bad, fine] = [mail(bench.clock), mail(bench.clock)];
  bench.accept([bad, fine]);
  bench.writer.commit();
  unreadable(context, bench, bad.id);
  assert.deepEqual(bench.contentOf([bad, fine]), [null, fine.size]);
  bench.writer.close();
});

it('H5: a segment with content that can’t be carried does not keep the others', (context) => {
  using folders = new Folders();
  const first = new Bench(folders.make());
  const bad = mail(first.clock);
  first.accept([bad]);
  first.writer.close();
  const second = new Bench(first.dir);
  for (let i = 0; i < 2; i++) second.accept([mail(second.clock)]);
  const bench = rested(second);
  const lastHour = Date.now() / 1000 - 3600;
  utimesSync(join(bench.dir, 'log', '00000002.seg'), lastHour, lastHour);
  unreadable(context, bench, bad.id);
  const carried = () => bench.read('SELECT count(*) AS n FROM body')[0]?.n;
  for (let steps = 0; steps < 3; steps++) {
    bench.writer.tidy(bench.reached);
    // Steps have a pace.
    for (const begin = performance.now(); performance.now() - begin < 210; );
  }
  // Of the second segment one stands where the disk can't read the first one either.
  assert.equal(carried(), 1);
  bench.writer.close();
});
