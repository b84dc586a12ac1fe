/** The keeper at a real S3 server. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { within } from '#/model/index.ts';
import { type Swift, startSwift } from '../../../test/support/swift.ts';
import { blobsContract } from '../contract/blobs.ts';
import { ACME, get, IMPATIENT, openS3UnderTest, put, type S3UnderTest } from './fixture.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const soon = () => within(20_000);
const nobody = async () => new Set<string>();

const found = await startSwift();
const swift = 'missing' in found ? null : found;
const without = 'missing' in found ? { skip: found.missing } : {};
after(() => swift?.[Symbol.asyncDispose]());

function server(): Swift {
  assert.ok(swift !== null);
  return swift;
}

const open = (limits = {}): Promise<S3UnderTest> => openS3UnderTest(server(), limits);

/** Names of all objects below the prefix of a keeper. */
async function namesOf({ place, blobs }: S3UnderTest): Promise<string[]> {
  assert.ok(blobs);
  return (await server().list(place.prefix)).sort();
}

if (swift === null) test('design 4: blobs in a bucket keep the contract', without, () => {});
else blobsContract('s3', open);

test(
  'design 4: content beyond one part goes up in parts, and nothing of it is to be seen before its end',
  without,
  async () => {
    await using given = await open();
    const content = randomBytes(12 * MIB + 17);
    const writer = await given.blobs.create(ACME, soon());
    await writer.write(content);
    assert.deepEqual(await namesOf(given), []);
    const ref = await writer.finish();
    assert.equal((await namesOf(given)).length, 1);
    assert.ok((await get(given.blobs, ref)).equals(content));
  },
);

test('design 1: content lies encrypted, and neither name nor octets tell whose it is', without, async () => {
  await using given = await open();
  await put(given.blobs, Buffer.from('a secret sentence '.repeat(10_000)));
  const [name = ''] = await namesOf(given);
  assert.ok(!name.includes('acme'));
  assert.ok(!(await server().read(name)).includes('secret sentence'));
});

test(
  'H5: an object that was changed, cut or emptied is found before a damaged octet is given out',
  without,
  async () => {
    await using given = await open();
    const content = randomBytes(200_000);
    const ref = await put(given.blobs, content);
    const [name = ''] = await namesOf(given);
    const sealed = await server().read(name);
    const flipped = Buffer.from(sealed);
    flipped[70_000] = (flipped[70_000] ?? 0) ^ 0x10;
    for (const bytes of [flipped, sealed.subarray(0, -1), Buffer.alloc(0)]) {
      await server().write(name, Uint8Array.from(bytes));
      const got: Uint8Array[] = [];
      const reading = async (): Promise<void> => {
        for await (const part of given.blobs.read(ACME, ref, soon())) got.push(part);
      };
      await assert.rejects(reading(), { code: 'body.damaged' });
      const out = Buffer.concat(got);
      assert.ok(out.equals(content.subarray(0, out.length)));
    }
  },
);

test(
  'design 1: what is aborted leaves no upload, and one that a dead process left is given up by the purge',
  without,
  async () => {
    await using given = await open();
    const aborted = await given.blobs.create(ACME, soon());
    await aborted.write(randomBytes(6 * MIB));
    assert.equal((await server().uploads(given.place.prefix)).length, 1);
    await aborted.abort();
    assert.deepEqual(await server().uploads(given.place.prefix), []);

    const abandoned = await given.blobs.create(ACME, soon());
    await abandoned.write(randomBytes(6 * MIB));
    given.clock.at += 25 * HOUR_MS;
    const atWork = await given.blobs.create(ACME, soon());
    await atWork.write(randomBytes(6 * MIB));
    assert.equal(await given.blobs.purge(given.clock.at - 24 * HOUR_MS, nobody, soon()), 1);
    assert.equal((await server().uploads(given.place.prefix)).length, 1);
    const ref = await atWork.finish();
    assert.ok(await given.blobs.has(ACME, ref, soon()));
    await assert.rejects(abandoned.finish(), { code: 'store.unavailable' });
  },
);

test('design 1: a purge leaves no marks behind, whatever stands on a page', without, async () => {
  await using given = await open({ listedMax: 3 });
  const refs = [];
  for (let i = 0; i < 8; i++) refs.push(await put(given.blobs, Buffer.from(`${i}`)));
  const keys = refs.map(({ key }) => key);
  given.clock.at += 30 * HOUR_MS;
  await given.blobs.purge(given.clock.at, nobody, soon());
  assert.equal((await namesOf(given)).length, 16, 'each has its mark');
  await given.blobs.purge(given.clock.at, async (some) => new Set(some), soon());
  assert.equal((await namesOf(given)).length, 8, 'needed again');
  const [kept = ''] = keys.splice(3, 1);
  given.clock.at += 30 * HOUR_MS;
  await given.blobs.condemn(ACME, [...keys, kept], soon());
  given.clock.at += 30 * HOUR_MS;
  const asked: string[] = [];
  const inUse = async (some: readonly string[]) => {
    asked.push(...some);
    return new Set([kept]);
  };
  assert.equal(await given.blobs.purge(given.clock.at - 24 * HOUR_MS, inUse, soon()), 7);
  assert.deepEqual(asked.sort(), [...keys, kept].sort());
  const names = await namesOf(given);
  assert.equal(names.length, 1);
  assert.ok(names[0]?.endsWith(kept));
});

test('B3: a purge whose time is over says what went, and goes on from there', without, async () => {
  await using given = await open({ listedMax: 4 });
  for (let i = 0; i < 10; i++) await put(given.blobs, Buffer.from(`${i}`));
  given.clock.at += 30 * HOUR_MS;
  await given.blobs.purge(given.clock.at, nobody, soon());
  given.clock.at += 30 * HOUR_MS;
  const stop = new AbortController();
  const first: string[] = [];
  const until = async (keys: readonly string[]) => {
    first.push(...keys);
    if (first.length > 4) stop.abort();
    return new Set<string>();
  };
  const gone = await given.blobs.purge(given.clock.at, until, within(20_000, stop.signal));
  assert.ok(gone >= 3 && gone < 10, `${gone}`);
  const rest: string[] = [];
  await given.blobs.purge(
    given.clock.at,
    async (keys) => {
      rest.push(...keys);
      return new Set();
    },
    soon(),
  );
  assert.ok(rest.length > 0 && !rest.includes(first[0] ?? ''), 'what was looked at is not looked at again');
  assert.deepEqual(await namesOf(given), []);
});

test(
  'contract: a wrong key, a missing bucket and a wrong region are said in words, and no content counts as missing',
  without,
  async () => {
    await using given = await open();
    const ref = await put(given.blobs, Buffer.from('kept'));
    const { credentials } = server();
    const cases = [
      [server().url('x'), { ...credentials, secretAccessKey: 'wrong' }, /AWS_SECRET_ACCESS_KEY/],
      [server().url('x'), { ...credentials, accessKeyId: 'holdfast:nobody' }, /AWS_SECRET_ACCESS_KEY/],
      [server().url('x').replace('mail/', 'nowhere/'), credentials, /no such bucket; make it/],
      [server().url('x').replace('region=local', 'region=mars'), credentials, /region=local/],
    ] as const;
    for (const [url, keys, words] of cases) {
      await using other = await openS3UnderTest({ url: () => url, credentials: keys });
      for (const doing of [
        () => other.blobs.check(soon()),
        () => other.blobs.has(ACME, ref, soon()),
        () => get(other.blobs, ref),
        () => put(other.blobs, Buffer.from('x')),
        () => other.blobs.purge(other.clock.at, nobody, soon()),
      ])
        await assert.rejects(doing(), (error: Error & { code?: string }) => {
          // A day without a key can't be read at all; everything else is the store's to answer.
          if (error.code === 'key.missing') return true;
          assert.equal(error.code, 'store.unavailable', error.message);
          assert.match(error.message, words);
          return true;
        });
    }
    await given.blobs.check(soon());
    assert.equal((await namesOf(given)).length, 1);
  },
);

test(
  'M4, H5: an outage fails calls at once and is over by itself; nothing counts as missing, and what was begun goes on',
  without,
  async () => {
    await using given = await open(IMPATIENT);
    const content = randomBytes(7 * MIB);
    const kept = await put(given.blobs, content);
    const writer = await given.blobs.create(ACME, soon());
    await writer.write(content.subarray(0, 6 * MIB));
    const reading = given.blobs.read(ACME, kept, soon())[Symbol.asyncIterator]();
    await reading.next();

    await server().kill();
    const readOn = async (): Promise<void> => {
      while (!(await reading.next()).done);
    };
    await assert.rejects(readOn(), { code: 'store.unavailable' });
    await assert.rejects(writer.finish(), { code: 'store.unavailable' });
    await assert.rejects(given.blobs.has(ACME, kept, soon()), { code: 'store.unavailable' });
    await assert.rejects(given.blobs.purge(given.clock.at, nobody, soon()), { code: 'store.unavailable' });
    const attempts = await Promise.allSettled(Array.from({ length: 100 }, () => given.blobs.create(ACME, soon())));
    assert.ok(
      attempts.filter(({ status }) => status === 'rejected').length >= 99,
      'refused before the sender sends it',
    );
    assert.deepEqual(given.logged, ['store.blobs-down']);

    await server().start();
    const back = async (): Promise<boolean> => given.blobs.has(ACME, kept, soon()).catch(() => false);
    for (let i = 0; i < 100 && !(await back()); i++) await new Promise((go) => setTimeout(go, 50));
    assert.ok((await get(given.blobs, kept)).equals(content));
    assert.deepEqual(given.logged, ['store.blobs-down', 'store.blobs-back']);
    given.clock.at += 25 * HOUR_MS;
    assert.equal(
      await given.blobs.purge(given.clock.at - HOUR_MS, async (keys) => new Set(keys), soon()),
      1,
      'the upload',
    );
    assert.deepEqual(await server().uploads(given.place.prefix), []);
  },
);

test('B3: a store that takes connections and answers nothing holds no call longer than its time', without, async () => {
  await using given = await open(IMPATIENT);
  const ref = await put(given.blobs, randomBytes(MIB));
  const writer = await given.blobs.create(ACME, soon());
  await writer.write(randomBytes(MIB));
  const begunAt = performance.now();
  server().freeze();
  try {
    await assert.rejects(writer.finish(), { code: 'store.unavailable' });
    await assert.rejects(get(given.blobs, ref), { code: 'store.unavailable' });
    await assert.rejects(given.blobs.has(ACME, ref, within(200)), (e: { code?: string }) =>
      ['call.late', 'store.unavailable'].includes(e.code ?? ''),
    );
    assert.ok(performance.now() - begunAt < 15_000);
  } finally {
    server().thaw();
  }
  for (let i = 0; i < 100 && !(await given.blobs.has(ACME, ref, soon()).catch(() => false)); i++)
    await new Promise((go) => setTimeout(go, 50));
  assert.equal((await get(given.blobs, ref)).length, MIB);
});

test(
  'B3: more writers than there are places wait for their turn, and hear busy when it does not come',
  without,
  async () => {
    await using given = await open({ writersMax: 2 });
    const [one, two] = [await given.blobs.create(ACME, soon()), await given.blobs.create(ACME, soon())];
    await assert.rejects(given.blobs.create(ACME, within(50)), { code: 'store.busy' });
    const third = given.blobs.create(ACME, soon());
    await one.abort();
    await (await third).finish();
    await two.abort();
    await (await given.blobs.create(ACME, soon())).abort();
  },
);
