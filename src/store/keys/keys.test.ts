import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isFault } from '#/model/index.ts';
import type { KeyDay } from './index.ts';
import {
  keyDayOf,
  newDayKey,
  openBody,
  openInstallationKey,
  openKeyRing,
  SEAL_OVERHEAD_BYTES,
  sealBody,
  unwrapDayKey,
  wrapDayKey,
  wrappedKeyFolder,
} from './index.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const DAY = '2026-11-21' as KeyDay;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-keys-'));
});
afterEach(() => rm(dir, { recursive: true }));

function ringOf(folder: string) {
  return openKeyRing({ keyFile: join(folder, 'secrets.key'), wrapped: wrappedKeyFolder(join(folder, 'keys')) });
}

test('design 1: a sealed body opens to what was sealed, and not for another mail or key', () => {
  const key = newDayKey();
  const sealed = sealBody(key, 'MAIL1', [Buffer.from('two '), Buffer.from('chunks')]);
  assert.equal(sealed.length, 'two chunks'.length + SEAL_OVERHEAD_BYTES);
  assert.equal(openBody(key, 'MAIL1', sealed).toString(), 'two chunks');
  assert.throws(
    () => openBody(key, 'MAIL2', sealed),
    (error) => isFault(error, 'body.damaged'),
  );
  assert.throws(
    () => openBody(newDayKey(), 'MAIL1', sealed),
    (error) => isFault(error, 'body.damaged'),
  );
});

test('design 1: every flipped bit and every missing octet of a sealed body is noticed', () => {
  const key = newDayKey();
  const sealed = sealBody(key, 'M', [Buffer.from('content')]);
  for (let at = 0; at < sealed.length; at++) {
    const flipped = Buffer.from(sealed);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    assert.throws(() => openBody(key, 'M', flipped), { code: 'body.damaged' }, `octet ${at}`);
    assert.throws(() => openBody(key, 'M', sealed.subarray(0, at)), { code: 'body.damaged' }, `length ${at}`);
  }
});

test('design 1: a wrapped day key opens under its own installation key and its own day alone', () => {
  const [ours, theirs, dayKey] = [newDayKey(), newDayKey(), newDayKey()];
  const wrapped = wrapDayKey(ours, DAY, dayKey);
  assert.deepEqual(unwrapDayKey(ours, DAY, wrapped), dayKey);
  assert.throws(() => unwrapDayKey(theirs, DAY, wrapped), { code: 'key.missing' });
  assert.throws(() => unwrapDayKey(ours, '2026-11-22' as KeyDay, wrapped), { code: 'key.missing' });
});

test('contract: secrets.key is made on the first run, readable by its owner alone, and kept', async () => {
  const path = join(dir, 'deeper', 'secrets.key');
  const key = openInstallationKey(path, false);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await readFile(path, 'utf8')).trim(), key.toString('hex'));
  assert.deepEqual(openInstallationKey(path, true), key);
});

test('contract: a lost or unreadable secrets.key is a fault beside locked content, and is never made anew', async () => {
  const path = join(dir, 'secrets.key');
  assert.throws(() => openInstallationKey(path, true), { code: 'key.missing' });
  await writeFile(path, 'not a key');
  assert.throws(() => openInstallationKey(path, false), { code: 'key.missing' });
  assert.equal(await readFile(path, 'utf8'), 'not a key');
});

test('design 1: the ring gives one key a day to all who ask at once, and the same after a restart', async () => {
  const ring = await ringOf(dir);
  const asked = await Promise.all([ring.sealing(NOON), ring.sealing(NOON + 1), ring.sealing(NOON + 2)]);
  const [first] = asked;
  for (const each of asked) assert.deepEqual(each, first);
  const next = await ring.sealing(NOON + 86_400_000);
  assert.notDeepEqual(next.key, first.key);

  const again = await ringOf(dir);
  assert.deepEqual(await again.opening(keyDayOf(NOON)), first.key);
  assert.deepEqual((await again.sealing(NOON)).key, first.key);
  assert.deepEqual(await again.days(), ['2026-11-21', '2026-11-22']);
});

test('design 1: of processes that make a day’s key at once, all seal with the same one', async () => {
  await ringOf(dir);
  const rings = await Promise.all(Array.from({ length: 6 }, () => ringOf(dir)));
  const keys = await Promise.all(rings.map((ring) => ring.sealing(NOON)));
  for (const { key } of keys) assert.deepEqual(key, keys[0]?.key);
  assert.deepEqual(await (await ringOf(dir)).opening(DAY), keys[0]?.key);
});

test('design 1: a destroyed day key is a destroyed day, after a restart too', async () => {
  const ring = await ringOf(dir);
  await ring.sealing(NOON);
  await ring.destroy(DAY);
  await assert.rejects(ring.opening(DAY), { code: 'key.missing' });
  await assert.rejects((await ringOf(dir)).opening(DAY), { code: 'key.missing' });
});

test('contract: a ring beside wrapped keys refuses a missing key file and another installation’s', async () => {
  await (await ringOf(dir)).sealing(NOON);
  await unlink(join(dir, 'secrets.key'));
  await assert.rejects(ringOf(dir), { code: 'key.missing' });
  await writeFile(join(dir, 'secrets.key'), `${newDayKey().toString('hex')}\n`);
  await assert.rejects(ringOf(dir), { code: 'key.missing' });
});
