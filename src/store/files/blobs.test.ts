import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BlobRef, TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Blobs } from '#/ports/index.ts';
import type { BlobsUnderTest } from '../contract/blobs.ts';
import { blobsContract } from '../contract/blobs.ts';
import type { KeyDay } from '../keys/index.ts';
import { openKeyRing, wrappedKeyFolder } from '../keys/index.ts';
import { openFileBlobs } from './index.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const ACME = 'acme' as TenantId;
const soon = () => within(20_000);

async function openIn(dir: string, clock: { at: number }): Promise<Blobs> {
  const keyRing = await openKeyRing({
    keyFile: join(dir, 'secrets.key'),
    wrapped: wrappedKeyFolder(join(dir, 'keys')),
  });
  return openFileBlobs({ dir: join(dir, 'blobs'), keyRing, clock: { now: () => clock.at } });
}

async function open(): Promise<BlobsUnderTest & { dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-blobs-'));
  const clock = { at: NOON };
  return {
    dir,
    clock,
    blobs: await openIn(dir, clock),
    reopen: () => openIn(dir, clock),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
  };
}

async function filesIn(dir: string): Promise<string[]> {
  const entries = await readdir(join(dir, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function put(blobs: Blobs, content: Uint8Array): Promise<BlobRef> {
  const writer = await blobs.create(ACME, soon());
  await writer.write(content);
  return writer.finish();
}

const readAll = (blobs: Blobs, ref: BlobRef) => Array.fromAsync(blobs.read(ACME, ref, soon()));

blobsContract('files', open);

test('design 1: content lies encrypted, for its owner alone, and its path tells no tenant', async () => {
  await using given = await open();
  await put(given.blobs, Buffer.from('a secret sentence '.repeat(10_000)));
  const [file = '', ...others] = await filesIn(given.dir);
  assert.deepEqual(others, []);
  assert.ok(!(await readFile(file)).includes('secret sentence'));
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.ok(!file.slice(given.dir.length).includes('acme'));
});

test('H5: a flipped bit anywhere, exchanged pieces and a cut file are found before a damaged octet is given out', async () => {
  await using given = await open();
  const content = randomBytes(200_000);
  const ref = await put(given.blobs, content);
  const [file = ''] = await filesIn(given.dir);
  const sealed = await readFile(file);
  const piece = 65_552;
  const damaged: Buffer[] = [0, 70_000, sealed.length - 1].map((at) => {
    const copy = Buffer.from(sealed);
    copy[at] = (copy[at] ?? 0) ^ 0x10;
    return copy;
  });
  damaged.push(
    Buffer.concat([sealed.subarray(piece, 2 * piece), sealed.subarray(0, piece), sealed.subarray(2 * piece)]),
    sealed.subarray(0, 3 * piece),
    sealed.subarray(0, 100),
    Buffer.alloc(0),
  );
  for (const [i, bytes] of damaged.entries()) {
    await writeFile(file, bytes);
    const got: Uint8Array[] = [];
    const reading = async (): Promise<void> => {
      for await (const part of given.blobs.read(ACME, ref, soon())) got.push(part);
    };
    await assert.rejects(reading(), { code: 'body.damaged' }, `damage ${i}`);
    const given_out = Buffer.concat(got);
    assert.deepEqual(given_out, content.subarray(0, given_out.length), `damage ${i}`);
  }
  // A cut at a border of pieces, with a reference that agrees in length and hash: the mark of the last piece is missing.
  await writeFile(file, sealed.subarray(0, 2 * piece));
  const sha256 = createHash('sha256').update(content.subarray(0, 131_072)).digest('hex');
  await assert.rejects(readAll(given.blobs, { ...ref, size: 131_072, sha256 }), { code: 'body.damaged' });
});

test('design 1: a destroyed day key destroys the day’s blobs and no others', async () => {
  await using given = await open();
  const old = await put(given.blobs, Buffer.from('old'));
  given.clock.at += 86_400_000;
  const young = await put(given.blobs, Buffer.from('young'));
  const ring = await openKeyRing({
    keyFile: join(given.dir, 'secrets.key'),
    wrapped: wrappedKeyFolder(join(given.dir, 'keys')),
  });
  await ring.destroy('2026-11-21' as KeyDay);
  const again = openFileBlobs({ dir: join(given.dir, 'blobs'), keyRing: ring, clock: { now: () => given.clock.at } });
  await assert.rejects(readAll(again, old), { code: 'key.missing' });
  assert.equal(Buffer.concat(await readAll(again, young)).toString(), 'young');
});

test('design 1: drafts of a process that died are removed, those at work are not', async () => {
  await using given = await open();
  const abandoned = await given.blobs.create(ACME, soon());
  await abandoned.write(randomBytes(200_000));
  const [draft = ''] = await filesIn(given.dir);
  await utimes(draft, NOON / 1_000 - 100_000, NOON / 1_000 - 100_000);
  const atWork = await given.blobs.create(ACME, soon());
  await atWork.write(randomBytes(200_000));
  assert.equal(await given.blobs.purge(NOON - 86_400_000, async () => new Set(), soon()), 1);
  const ref = await atWork.finish();
  assert.ok(await given.blobs.has(ACME, ref, soon()));
  assert.equal((await filesIn(given.dir)).length, 1);
  await abandoned.abort();
});

test('design 1: an aborted signal ends the writing and leaves nothing', async () => {
  await using given = await open();
  const stop = new AbortController();
  const writer = await given.blobs.create(ACME, within(20_000, stop.signal));
  await writer.write(randomBytes(200_000));
  stop.abort();
  await assert.rejects(writer.write(Buffer.from('x')), { code: 'call.late' });
  assert.deepEqual(await filesIn(given.dir), []);
});

test('B3: a purge stops at its deadline and goes on from there', async () => {
  await using given = await open();
  for (let i = 0; i < 20; i++) await put(given.blobs, Buffer.from(`${i}`));
  given.clock.at += 100 * 3_600_000;
  const none = async () => new Set<string>();
  await given.blobs.purge(given.clock.at, none, soon());
  given.clock.at += 100 * 3_600_000;
  const asked: string[] = [];
  const slow = async (keys: readonly string[]) => {
    asked.push(...keys);
    stop.abort();
    return new Set<string>();
  };
  let stop = new AbortController();
  let gone = 0;
  while (asked.length < 20) {
    stop = new AbortController();
    gone += await given.blobs.purge(given.clock.at, slow, within(20_000, stop.signal));
  }
  assert.equal(new Set(asked).size, asked.length, 'no folder is walked twice');
  assert.equal(gone, 20);
});

test('contract: a folder that can’t be written is a fault of the store', async (t) => {
  if (process.getuid?.() === 0) return t.skip('root may write everywhere');
  await using given = await open();
  await chmod(given.dir, 0o500);
  await assert.rejects(given.blobs.create(ACME, soon()), { code: 'store.failed' });
  await chmod(given.dir, 0o700);
});
