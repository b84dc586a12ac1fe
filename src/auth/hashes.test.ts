import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScramClient, ScramServer, scramKeys } from '#/codec/sasl/index.ts';
import { within } from '#/model/index.ts';
import { hashArgon2id, isWeakArgon2id, verifyArgon2id } from './argon2id.ts';
import { HashQueue } from './hash-queue.ts';
import { inventScram, makeScram, readScram } from './scram-secret.ts';
import { verifyShaCrypt } from './sha-crypt.ts';

// The first and third are of the public description of SHA-crypt, the others made with a C library.
const SHA_CRYPT: readonly (readonly [string, string])[] = [
  [
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  ['Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  [
    'Hello world!',
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
  ],
  [
    'pässwörd with a long text that is over 64 bytes so that blocks are repeated twice',
    '$6$rounds=1400$anotherlongsalt$R4mhjv3wbqCO0qhzXUojKvdnad73T7w9Y7DKDaiUmLN7lYchw1DAtH.LLXzO7elyAWoLk3sadP6agxe35p0Y20',
  ],
];

test('M1: passwords of other systems, hashed with SHA-crypt, are known', async () => {
  for (const [password, stored] of SHA_CRYPT) {
    assert.equal(await verifyShaCrypt(password, stored), true, stored);
    assert.equal(await verifyShaCrypt(`${password} `, stored), false, stored);
  }
  assert.equal(await verifyShaCrypt('x', '$1$salt$hash'), false);
  assert.equal(await verifyShaCrypt('x', ''), false);
});

test('design 6: argon2id proves the right password only, salts each hash, and knows a cheap one', async () => {
  const [one, other] = [await hashArgon2id('correct horse'), await hashArgon2id('correct horse')];
  assert.notEqual(one, other);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal(await verifyArgon2id('correct horse', one), true);
  assert.equal(await verifyArgon2id('correct horsf', one), false);
  assert.equal(await verifyArgon2id('correct horse', 'no hash'), false);
  assert.equal(isWeakArgon2id(one), false);
  assert.equal(isWeakArgon2id(one.replace('m=19456', 'm=4096')), true);
});

test('O7: hashes run two at a time, and those that wait are bounded and give up at their deadline', async () => {
  const queue = new HashQueue(2, 3);
  let running = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const work = async () => {
    running += 1;
    most = Math.max(most, running);
    await gate.promise;
    running -= 1;
  };
  const patient = Array.from({ length: 4 }, () => queue.run(work, within(30_000)));
  const hasty = queue.run(work, within(10));
  await assert.rejects(queue.run(work, within(30_000)), { code: 'call.late' });
  await assert.rejects(hasty, { code: 'call.late' });
  gate.resolve();
  await Promise.all(patient);
  assert.equal(most, 2);
  const stop = new AbortController();
  const blocked = Promise.withResolvers<void>();
  const holders = [queue.run(() => blocked.promise, within(30_000)), queue.run(() => blocked.promise, within(30_000))];
  const aborted = queue.run(work, within(5_000, stop.signal));
  await sleep(1);
  stop.abort();
  await assert.rejects(aborted, { code: 'call.late' });
  blocked.resolve();
  await Promise.all(holders);
});

test('O7: a failed hash gives its place to the next', async () => {
  const queue = new HashQueue(1, 3);
  const failing = queue.run(() => Promise.reject(new Error('no')), within(30_000));
  const next = queue.run(async () => 'done', within(30_000));
  await assert.rejects(failing, /no/);
  assert.equal(await next, 'done');
});

test('RFC 7677 §3: keys of a generated secret prove it in a whole exchange, and invented ones never do', () => {
  const exchange = (secret: string, keys: NonNullable<ReturnType<typeof readScram>>) => {
    const client = new ScramClient('scanner', 'clientnonce0123456789');
    const server = new ScramServer();
    server.first(client.first());
    const salted = client.challenge(server.challenge(keys, 'servernonce0123456789'));
    assert(salted !== null);
    const proof = client.final(pbkdf2Sync(secret, salted.salt, salted.iterations, 32, 'sha256'));
    return proof === null ? null : server.final(proof);
  };
  const keys = readScram(makeScram('k7m2q-secret'));
  assert(keys !== null);
  assert.equal(
    scramKeys(pbkdf2Sync('k7m2q-secret', keys.salt, keys.iterations, 32, 'sha256')).storedKey.equals(keys.storedKey),
    true,
  );
  assert.notEqual(exchange('k7m2q-secret', keys), null);
  assert.equal(exchange('another', keys), null);
  assert.equal(exchange('k7m2q-secret', inventScram('scanner', Buffer.alloc(32))), null);
  assert.equal(readScram('SCRAM-SHA-1$4096:xx$yy:zz'), null);
});
