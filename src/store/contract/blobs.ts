/** What every keeper of `ports/blobs.ts` promises. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { BlobRef, TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Blobs } from '#/ports/index.ts';

/** A keeper under test. `clock.at` is its wall clock. */
export interface BlobsUnderTest extends AsyncDisposable {
  readonly blobs: Blobs;
  readonly clock: { at: number };
  /** The same content in a keeper that starts anew; null where nothing outlives the process. */
  readonly reopen: (() => Promise<Blobs>) | null;
}

const ACME = 'acme' as TenantId;
const OTHER = 'other' as TenantId;
const HOUR_MS = 3_600_000;
const soon = () => within(20_000);

async function put(blobs: Blobs, content: Uint8Array, step = content.length || 1): Promise<BlobRef> {
  const writer = await blobs.create(ACME, soon());
  for (let at = 0; at < content.length; at += step) await writer.write(content.subarray(at, at + step));
  return writer.finish();
}

async function get(blobs: Blobs, tenant: TenantId, ref: BlobRef): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(blobs.read(tenant, ref, soon())));
}

const nobody = async () => new Set<string>();

/** The suite, for one keeper. */
export function blobsContract(keeper: string, open: () => Promise<BlobsUnderTest>): void {
  test(`design 1: content comes back as it was written, whatever its size and pieces (${keeper})`, async () => {
    await using given = await open();
    const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 300_001];
    for (const size of sizes) {
      const content = randomBytes(size);
      for (const step of [size || 1, 10_000]) {
        const ref = await put(given.blobs, content, step);
        const sha256 = createHash('sha256').update(content).digest('hex');
        assert.deepEqual({ size: ref.size, sha256: ref.sha256 }, { size, sha256 });
        assert.deepEqual(await get(given.blobs, ACME, ref), content);
        assert.ok(await given.blobs.has(ACME, ref, soon()));
      }
    }
  });

  test(`design 1: what is finished is there after a restart (${keeper})`, async (t) => {
    await using given = await open();
    if (given.reopen === null) return t.skip('nothing outlives the process');
    const ref = await put(given.blobs, Buffer.from('kept'));
    const again = await given.reopen();
    assert.equal((await get(again, ACME, ref)).toString(), 'kept');
  });

  test(`design 1: blobs of one tenant are not there for another (${keeper})`, async () => {
    await using given = await open();
    const ref = await put(given.blobs, Buffer.from('acme only'));
    assert.equal(await given.blobs.has(OTHER, ref, soon()), false);
    await assert.rejects(get(given.blobs, OTHER, ref), { code: 'body.missing' });
    await given.blobs.condemn(OTHER, [ref.key], soon());
    given.clock.at += 2 * HOUR_MS;
    assert.equal(await given.blobs.purge(given.clock.at - HOUR_MS, nobody, soon()), 0);
    assert.ok(await given.blobs.has(ACME, ref, soon()));
  });

  test(`H5: content that is missing, or differs from its reference, is a fault (${keeper})`, async () => {
    await using given = await open();
    const ref = await put(given.blobs, Buffer.from('as accepted'));
    const wrongHash = { ...ref, sha256: '0'.repeat(64) };
    await assert.rejects(get(given.blobs, ACME, wrongHash), { code: 'body.damaged' });
    await assert.rejects(get(given.blobs, ACME, { ...ref, size: 3 }), { code: 'body.damaged' });
    assert.equal(await given.blobs.has(ACME, { ...ref, size: 3 }, soon()), false);
    for (const key of ['nothing', '../../secrets.key', '2026-11-21.000000000.000000000000000000000000']) {
      await assert.rejects(get(given.blobs, ACME, { ...ref, key }), /./);
      assert.equal(await given.blobs.has(ACME, { ...ref, key }, soon()), false);
    }
  });

  test(`design 1: what is aborted leaves nothing, and ended content takes nothing more (${keeper})`, async () => {
    await using given = await open();
    const writer = await given.blobs.create(ACME, soon());
    await writer.write(randomBytes(100_000));
    await writer.abort();
    await assert.rejects(writer.write(Buffer.from('x')), { code: 'store.unavailable' });
    await assert.rejects(writer.finish(), { code: 'store.unavailable' });

    const finished = await given.blobs.create(ACME, soon());
    const ref = await finished.finish();
    await finished.abort();
    await assert.rejects(finished.write(Buffer.from('x')), { code: 'store.unavailable' });
    assert.ok(await given.blobs.has(ACME, ref, soon()));
  });

  test(`design 1: deletion has two phases, and asks again before the second (${keeper})`, async () => {
    await using given = await open();
    const { blobs, clock } = given;
    const [gone, needed, young] = [
      await put(blobs, Buffer.from('gone')),
      await put(blobs, Buffer.from('needed')),
      await put(blobs, Buffer.from('young')),
    ];
    const inUse = async (keys: readonly string[]) => new Set(keys.filter((key) => key === needed.key));
    clock.at += 30 * HOUR_MS;
    await blobs.condemn(ACME, [gone.key, needed.key], soon());
    assert.equal(await blobs.purge(clock.at - 24 * HOUR_MS, inUse, soon()), 0, 'condemned just now');
    clock.at += 12 * HOUR_MS;
    await blobs.condemn(ACME, [gone.key], soon());
    clock.at += 13 * HOUR_MS;
    assert.equal(
      await blobs.purge(clock.at - 24 * HOUR_MS, async (keys) => new Set([...(await inUse(keys)), young.key]), soon()),
      1,
    );
    assert.equal(await blobs.has(ACME, gone, soon()), false);
    assert.ok(await blobs.has(ACME, needed, soon()));
    assert.ok(await blobs.has(ACME, young, soon()));
  });

  test(`design 1: content that no row ever named goes, after a full grace (${keeper})`, async () => {
    await using given = await open();
    const { blobs, clock } = given;
    const ref = await put(blobs, Buffer.from('its acceptance never came'));
    assert.equal(await blobs.purge(clock.at - 24 * HOUR_MS, nobody, soon()), 0);
    clock.at += 25 * HOUR_MS;
    for (const _twice of [1, 2]) assert.equal(await blobs.purge(clock.at - 24 * HOUR_MS, nobody, soon()), 0);
    assert.ok(await blobs.has(ACME, ref, soon()));
    clock.at += 25 * HOUR_MS;
    assert.equal(await blobs.purge(clock.at - 24 * HOUR_MS, nobody, soon()), 1);
    assert.equal(await blobs.has(ACME, ref, soon()), false);
  });

  test(`B3: a call whose time is over is refused (${keeper})`, async () => {
    await using given = await open();
    const late = { deadlineAt: performance.now() - 1 };
    const ref = await put(given.blobs, Buffer.from('x'));
    await assert.rejects(given.blobs.create(ACME, late), { code: 'call.late' });
    await assert.rejects(Array.fromAsync(given.blobs.read(ACME, ref, late)), { code: 'call.late' });
  });
}
