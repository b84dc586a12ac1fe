import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs, { closeSync, mkdtempSync, openSync, readdirSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { crc32 } from 'node:zlib';
import { keyDayOf } from '../../keys/index.ts';
import {
  BLOCK_HEAD_BYTES,
  BLOCK_OVERHEAD_BYTES,
  type Damage,
  isBehind,
  type KeptRecord,
  Log,
  offsetOf,
  openBlock,
  type Place,
  placeAt,
  plainBlock,
  replay,
  SEGMENT_BYTES,
  Segments,
  sealedBlock,
  segmentOf,
} from './index.ts';

const KEY = randomBytes(32);
const NOW = 1_760_000_000_000;
const DAY = keyDayOf(NOW);
const DAY_MS = 86_400_000;

class Fixture implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'holdfast-log-'));
  readonly segments = new Segments(this.dir);
  readonly damage: Damage[] = [];

  open(segment = 1): Log {
    return new Log(this.segments, segment, (error) => assert.fail(error));
  }

  read(from: Place = placeAt(1, 0)): KeptRecord[] {
    const blocksOf = (words: string) => JSON.parse(words).blocks ?? [];
    const keyOf = (day: string) => (day === DAY ? KEY : randomBytes(32));
    return [...replay(this.segments, from, blocksOf, keyOf, (part) => this.damage.push(part))];
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true });
  }
}

function write(log: Log, name: string, content = '', now = NOW): { readonly place: Place; readonly contentAt: Place } {
  const plain = Buffer.from(content);
  const pieces = content === '' ? [] : sealedBlock(KEY, DAY, name, plain);
  const contentBytes = content === '' ? 0 : plain.length + BLOCK_OVERHEAD_BYTES;
  const blocks = content === '' ? [] : [{ id: name, at: 0, size: plain.length }];
  const words = JSON.stringify({ name, blocks });
  return log.append({ now, words, content: pieces, contentBytes, isSealed: true });
}

function flushed(log: Log): Promise<void> {
  return new Promise((resolve) => log.whenFlushed(log.end, resolve));
}

/** Lets the test land the flushes. */
function flushesBy(context: TestContext, begin: (then: (error: Error | null) => void) => void): void {
  context.mock.method(fs, 'fdatasync', (_file: number, then: (error: Error | null) => void) => begin(then));
  syncBuiltinESMExports();
  context.after(() => {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

function namesOf(records: readonly KeptRecord[]): string[] {
  return records.map(({ words }) => JSON.parse(words).name);
}

it('H3: what was written is read back in order, with its content', async () => {
  using fixture = new Fixture();
  const log = fixture.open();
  write(log, 'one', 'the first content');
  const { place } = write(log, 'two');
  write(log, 'three', 'x'.repeat(100_000));
  await flushed(log);
  log.close();
  const [one, , three] = fixture.read();
  assert.equal(Buffer.from(openBlock(() => KEY, 'one', one?.content ?? Buffer.of())).toString(), 'the first content');
  assert.equal(three?.now, NOW);
  assert.deepEqual(namesOf(fixture.read(place)), ['two', 'three']);
  assert.ok(isBehind(fixture.segments, place));
  assert.ok(!isBehind(fixture.segments, log.end));
});

it('H3: a record that was cut or changed anywhere ends the log before it, and nothing of it is believed', () => {
  using fixture = new Fixture();
  const log = fixture.open();
  write(log, 'whole', 'kept');
  const { place } = write(log, 'torn', 'lost content');
  const end = log.end;
  log.close();
  const path = fixture.segments.path(1);
  const before = fs.readFileSync(path);
  for (let at = offsetOf(place); at < offsetOf(end); at++) {
    const changed = Buffer.from(before);
    changed[at] = (changed[at] ?? 0) ^ 0x40;
    fs.writeFileSync(path, changed);
    assert.deepEqual(namesOf(fixture.read()), ['whole'], `octet ${at} changed`);
  }
  fs.writeFileSync(path, before);
  for (let size = offsetOf(end) - 1; size >= offsetOf(place); size -= 7) {
    truncateSync(path, size);
    assert.deepEqual(namesOf(fixture.read()), ['whole'], `${size} octets left`);
  }
});

it('H3: the log goes on in the next segment, which proves that the former one was whole', async () => {
  using fixture = new Fixture();
  const log = fixture.open();
  const big = 'y'.repeat(9 * 1024 * 1024);
  for (let i = 0; i < 9; i++) write(log, `m${i}`, big);
  await flushed(log);
  log.close();
  assert.deepEqual(fixture.segments.list(), [1, 2]);
  assert.ok(offsetOf(log.end) < SEGMENT_BYTES && segmentOf(log.end) === 2);
  assert.equal(fixture.read().length, 9);
  // The mark at the end of the first segment is lost: it was durable before anything stood in the second.
  const file = openSync(fixture.segments.path(1), 'r+');
  const last = fixture.read().findLast(({ place }) => segmentOf(place) === 1);
  writeSync(file, Buffer.alloc(8), 0, 8, offsetOf(last?.end ?? 0));
  closeSync(file);
  assert.equal(fixture.read().length, 9);
  assert.deepEqual(fixture.damage, [], 'no mail stood in a mark');
});

it('H3: whatever is broken before a later segment was durable, its own first record too', async () => {
  using fixture = new Fixture();
  const log = fixture.open();
  const big = 'y'.repeat(9 * 1024 * 1024);
  for (let i = 0; i < 9; i++) write(log, `m${i}`, big);
  write(log, 'end');
  await flushed(log);
  log.close();
  const records = fixture.read();
  const [last, first] = [
    records.findLast(({ place }) => segmentOf(place) === 1),
    records.find(({ place }) => segmentOf(place) === 2),
  ];
  for (const place of [last?.place ?? 0, last?.end ?? 0, first?.place ?? 0]) {
    const file = openSync(fixture.segments.path(segmentOf(place)), 'r+');
    writeSync(file, Buffer.alloc(8), 0, 8, offsetOf(place));
    closeSync(file);
  }
  const names = namesOf(records);
  const broken = [last, first].map((record) => JSON.parse(record?.words ?? '{}').name);
  assert.deepEqual(
    namesOf(fixture.read()),
    names.filter((name) => !broken.includes(name)),
  );
  assert.deepEqual(
    fixture.damage.map(({ place }) => place),
    [last?.place],
  );
});

it('H3 H5: a page that the disk can’t read is damage, and not the end of the log', async (context) => {
  using fixture = new Fixture();
  const log = fixture.open();
  for (let i = 0; i < 40; i++) {
    write(log, `m${i}`, 'x'.repeat(700));
    await flushed(log);
  }
  log.close();
  const all = namesOf(fixture.read());
  const page = 2 * 4096;
  const read = fs.readSync;
  context.mock.method(fs, 'readSync', (file: number, into: Buffer, at: number, length: number, from: number) => {
    if (from >= page && from < page + 4096) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    // What comes before the page is given, and no more.
    return read(file, into, at, from < page ? Math.min(length, page - from) : length, from);
  });
  syncBuiltinESMExports();
  context.after(() => {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const left = namesOf(fixture.read());
  assert.ok(left.length >= all.length - 7 && left.length < all.length, `${left.length} of ${all.length}`);
  assert.equal(left.at(-1), all.at(-1));
  assert.ok(fixture.damage.length > 0);
});

it('H5: of plain content only the block that is broken is not believed', async () => {
  using fixture = new Fixture();
  const log = fixture.open();
  const blocks = ['one', 'two'].map((text) => plainBlock(Buffer.from(text)).map((piece) => Buffer.from(piece)));
  const at = Buffer.concat(blocks[0] ?? []).length;
  const words = JSON.stringify({
    name: 'plain',
    blocks: [
      { id: 'one', at: 0, size: 3 },
      { id: 'two', at, size: 3 },
    ],
  });
  const content = blocks.flat();
  const contentBytes = Buffer.concat(content).length;
  const { contentAt } = log.append({ now: NOW, words, content, contentBytes, isSealed: false });
  await flushed(log);
  write(log, 'behind');
  log.close();
  const file = openSync(fixture.segments.path(1), 'r+');
  writeSync(file, Buffer.from('X'), 0, 1, offsetOf(contentAt) + at + BLOCK_HEAD_BYTES);
  closeSync(file);
  const [record] = fixture.read();
  const textAt = (from: number) => Buffer.from(record?.content ?? []).toString('latin1', from + 4, from + 7);
  assert.equal(textAt(0), 'one');
  assert.ok(!['two', 'Xwo'].includes(textAt(at)), 'a hash of it fits nothing');
  assert.equal(fixture.damage[0]?.wordsRead, true);
});

it('design 1: a log that was copied while it moved on ends at the first record that is not whole', async () => {
  using fixture = new Fixture();
  const log = fixture.open();
  for (const name of ['a', 'b', 'c']) {
    write(log, name);
    await flushed(log);
  }
  log.close();
  const [, second] = fixture.read();
  const file = openSync(fixture.segments.path(1), 'r+');
  writeSync(file, Buffer.alloc(8), 0, 8, offsetOf(second?.place ?? 0));
  closeSync(file);
  const copied = [
    ...replay(
      fixture.segments,
      placeAt(1, 0),
      () => [],
      () => KEY,
      null,
    ),
  ];
  assert.deepEqual(namesOf(copied), ['a']);
});

it('design 6: octets in a mail that look like a record of the log are none, without the number of this store', async () => {
  using fixture = new Fixture();
  const own = new Segments(fixture.dir, 4711);
  const log = new Log(own, 1, (error) => assert.fail(error));
  write(log, 'ours');
  await flushed(log);
  log.close();
  const blocksOf = () => [];
  assert.deepEqual([...replay(fixture.segments, placeAt(1, 0), blocksOf, () => KEY, null)], []);
  assert.deepEqual(namesOf([...replay(own, placeAt(1, 0), blocksOf, () => KEY, null)]), ['ours']);
});

it('H3 H5: damage to what was durable is told and stepped over, and mail whose words are whole is known', async () => {
  using fixture = new Fixture();
  const log = fixture.open();
  for (const name of ['before', 'broken', 'behind']) {
    write(log, name, `content of ${name}`);
    await flushed(log);
  }
  write(log, 'last');
  log.close();
  const [, broken] = fixture.read();
  assert.ok(broken !== undefined);
  const path = fixture.segments.path(1);
  const whole = fs.readFileSync(path);
  for (let at = offsetOf(broken.place); at < offsetOf(broken.end); at++) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x40;
    fs.writeFileSync(path, changed);
    fixture.damage.length = 0;
    const wordsRead: boolean = at >= offsetOf(broken.contentAt);
    const names: string[] = ['before', ...(wordsRead ? ['broken'] : []), 'behind', 'last'];
    assert.deepEqual(namesOf(fixture.read()), names, `octet ${at} changed`);
    assert.deepEqual(fixture.damage, [{ place: broken.place, end: broken.end, wordsRead }]);
  }
});

it('H3: what stands behind a hole that was never durable is not believed, though it is whole', async (context) => {
  using fixture = new Fixture();
  flushesBy(context, () => {});
  const log = fixture.open();
  write(log, 'kept');
  log.flushNow();
  const { place } = write(log, 'torn');
  write(log, 'whole');
  const file = openSync(fixture.segments.path(1), 'r+');
  writeSync(file, Buffer.alloc(8), 0, 8, offsetOf(place));
  closeSync(file);
  assert.deepEqual(namesOf(fixture.read()), ['kept']);
  assert.deepEqual(fixture.damage, []);
});

it('B5: words of another release are refused, not forgotten', () => {
  using fixture = new Fixture();
  const log = fixture.open();
  const { place } = write(log, 'foreign');
  log.close();
  const path = fixture.segments.path(1);
  const bytes = fs.readFileSync(path);
  bytes.writeUInt32LE(2, offsetOf(place) + 36);
  const wordsEnd = offsetOf(place) + 48 + bytes.readUInt32LE(offsetOf(place) + 24);
  bytes.writeUInt32LE(crc32(bytes.subarray(offsetOf(place) + 8, wordsEnd)), offsetOf(place) + 4);
  fs.writeFileSync(path, bytes);
  assert.throws(() => fixture.read(), /another release/);
});

it('H3: what a spare segment held in its former life is never taken for new', async () => {
  using fixture = new Fixture();
  const first = fixture.open();
  for (let i = 0; i < 20; i++) write(first, `old${i}`, 'z'.repeat(500));
  await flushed(first);
  first.close();
  fixture.segments.remove(1);
  assert.deepEqual(fixture.segments.list(), []);
  const second = fixture.open(2);
  write(second, 'new', 'z'.repeat(500));
  await flushed(second);
  second.close();
  assert.deepEqual(readdirSync(join(fixture.dir, 'log')), ['00000002.seg']);
  assert.deepEqual(namesOf(fixture.read(placeAt(2, 0))), ['new']);
});

it('design 6: no segment holds two days, and none keeps what its file held before', async () => {
  using fixture = new Fixture();
  const first = fixture.open();
  for (let i = 0; i < 50; i++) write(first, `old${i}`, 'name of a person');
  await flushed(first);
  first.close();
  fixture.segments.remove(1);
  const log = fixture.open(2);
  for (const [name, days] of [
    ['a', 0],
    ['b', 1],
    ['late', 0],
    ['c', 2],
  ] as const)
    write(log, name, '', NOW + days * DAY_MS);
  await flushed(log);
  log.close();
  assert.deepEqual(fixture.segments.list(), [2, 3, 4]);
  assert.deepEqual(namesOf(fixture.read(placeAt(2, 0))), ['a', 'b', 'late', 'c']);
  assert.ok(!fs.readFileSync(fixture.segments.path(2)).includes('old'));
});

it('design 6: a spare segment that nobody needs for a day goes', () => {
  using fixture = new Fixture();
  const log = fixture.open();
  log.close();
  fixture.segments.remove(1);
  const [spare = ''] = readdirSync(join(fixture.dir, 'log'));
  fixture.segments.removeOldSpares(Date.now());
  assert.deepEqual(readdirSync(join(fixture.dir, 'log')), [spare]);
  fixture.segments.removeOldSpares(Date.now() + 2 * DAY_MS);
  assert.deepEqual(readdirSync(join(fixture.dir, 'log')), []);
});

it('design 1: a record that was taken back is not there, and the next stands in its place', async () => {
  using fixture = new Fixture();
  const log = fixture.open();
  write(log, 'kept');
  const { place } = write(log, 'taken back', 'content');
  log.takeBack(place);
  assert.deepEqual(namesOf(fixture.read()), ['kept']);
  write(log, 'next', 'other content');
  await flushed(log);
  log.close();
  assert.deepEqual(namesOf(fixture.read()), ['kept', 'next']);
});

it('design 1: nothing is told as durable before a flush that began behind it, and all in order', async (context) => {
  using fixture = new Fixture();
  const landing: (() => void)[] = [];
  flushesBy(context, (then) => landing.push(() => then(null)));
  const log = fixture.open();
  const told: string[] = [];
  const say = (name: string): void => {
    write(log, name);
    log.whenFlushed(log.end, () => told.push(name));
  };
  for (const name of ['a', 'b', 'c', 'd', 'e']) say(name);
  assert.equal(landing.length, 4, 'flushes overlap, up to a bound');
  landing[1]?.();
  assert.deepEqual(told, ['a', 'b'], 'a later flush covers what was written before it');
  assert.equal(landing.length, 5, 'what was not yet in a flush goes with the next');
  landing[0]?.();
  landing[4]?.();
  assert.deepEqual(told, ['a', 'b', 'c', 'd', 'e']);
  landing[2]?.();
  landing[3]?.();
  log.close();
});

it('design 1: each flush under way asks by an open file of its own, since an error is told to each once', (context) => {
  using fixture = new Fixture();
  const asked: number[] = [];
  context.mock.method(fs, 'fdatasync', (file: number) => asked.push(file));
  const waited = context.mock.method(fs, 'fdatasyncSync', () => {});
  syncBuiltinESMExports();
  context.after(() => {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const log = fixture.open();
  for (const name of ['a', 'b', 'c', 'd', 'e']) write(log, name);
  log.flushNow();
  const files = [...asked, waited.mock.calls[0]?.arguments[0]];
  assert.equal(files.length, 5);
  assert.equal(new Set(files).size, 5);
});

it('design 1: a flush that the writer waited for and that failed is believed by nobody, then and later', (context) => {
  using fixture = new Fixture();
  const landing: ((error: Error | null) => void)[] = [];
  flushesBy(context, (then) => landing.push(then));
  const log = fixture.open();
  let told = false;
  write(log, 'a');
  log.whenFlushed(log.end, () => {
    told = true;
  });
  const broken = context.mock.method(fs, 'fdatasyncSync', () => {
    throw new Error('EIO');
  });
  syncBuiltinESMExports();
  assert.throws(() => log.flushNow(), /EIO/);
  broken.mock.restore();
  syncBuiltinESMExports();
  assert.throws(() => log.flushNow());
  landing[0]?.(null);
  assert.ok(!told);
});

it('design 1: a flush that failed is told once, and nothing behind it is told as durable', (context) => {
  using fixture = new Fixture();
  const landing: ((error: Error | null) => void)[] = [];
  flushesBy(context, (then) => landing.push(then));
  const failures: string[] = [];
  const log = new Log(fixture.segments, 1, (error) => failures.push(error.message));
  const told: string[] = [];
  for (const name of ['a', 'b']) {
    write(log, name);
    log.whenFlushed(log.end, () => told.push(name));
  }
  landing[0]?.(new Error('EIO'));
  landing[1]?.(null);
  assert.deepEqual(failures, ['EIO']);
  assert.deepEqual(told, []);
});
