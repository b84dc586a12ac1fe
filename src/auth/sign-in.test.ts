import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { type Identity, PROBE_MAILBOX, PROBE_TENANT, type StoredSecret, type Tenant, within } from '#/model/index.ts';
import type { SignInAnswer } from '#/ports/index.ts';
import { directoryOf, FakeClock, FakeDirectorySource, FakeLog, FakeRegistry, tenantOf } from '#/testkit/index.ts';
import { hashArgon2id } from './argon2id.ts';
import { makeSecretKeeper, startAuth } from './index.ts';

const CRYPT = '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1';
const argon2id: StoredSecret = { kind: 'argon2id', phc: await hashArgon2id('correct horse') };
const crypt: StoredSecret = { kind: 'crypt', hash: CRYPT };

function sha256(plain: string): StoredSecret {
  return { kind: 'sha256', hex: hash('sha256', plain), scram: null };
}

function acme(secrets: { alice?: StoredSecret; scanner?: StoredSecret; disabled?: boolean } = {}): Tenant {
  const tenant = tenantOf({
    id: 'acme',
    domains: ['acme.test'],
    users: [['alice@acme.test'], ['nopassword@acme.test']],
    relays: [{ name: 'scanner', kind: 'device', networks: ['192.0.2.7/32'] }],
  });
  const { alice = argon2id, scanner = sha256('paper-jam'), disabled = false } = secrets;
  return {
    ...tenant,
    users: tenant.users.map((user, i) => ({ ...user, disabled, secret: i === 0 ? alice : null })),
    relays: tenant.relays.map((relay) => ({ ...relay, disabled, secret: scanner })),
  };
}

async function desk(tenant: Tenant = acme(), scram = false) {
  const directory = new FakeDirectorySource([tenant, tenantOf({ id: PROBE_TENANT, domains: [] })]);
  const clock = new FakeClock();
  const renewals: { identity: Identity; from: StoredSecret; to: StoredSecret }[] = [];
  const secrets = makeSecretKeeper({ scram });
  const renew = async (identity: Identity, { from, to }: { from: StoredSecret; to: StoredSecret }) => {
    renewals.push({ identity, from, to });
    return true;
  };
  const parts = { directory, registry: new FakeRegistry(), clock, log: new FakeLog(), renew };
  const auth = await startAuth({ scram, scramSeed: Buffer.alloc(32, 7) }, parts, secrets);
  const say = async (username: string, password: string, address = '198.51.100.1'): Promise<SignInAnswer['kind']> =>
    (await auth.signIn.password(username, password, { address, port: 1, name: null }, within(10_000))).kind;
  return { auth, clock, directory, renewals, say, parts, secrets };
}

/** A desk whose slow hashes are quick: for tests that guess a lot. */
async function quickDesk() {
  const made = await desk();
  made.secrets.pretend = async () => {};
  made.secrets.matches = async (plain) => plain === 'correct horse';
  return made;
}

test('M1: people sign in by address and devices by username, in any case, with their own password', async () => {
  const { auth, say } = await desk();
  await using _ = auth;
  assert.equal(await say('alice@acme.test', 'correct horse'), 'proven');
  assert.equal(await say('Alice@ACME.test', 'correct horse'), 'proven');
  assert.equal(await say('scanner', 'paper-jam'), 'proven');
  assert.equal(await say('alice@acme.test', 'paper-jam'), 'refused');
  assert.equal(await say('scanner', 'correct horse'), 'refused');
  assert.equal(await say('scanner', ''), 'refused');
  assert.equal(await say('scanner', 'x'.repeat(100_000)), 'refused');
  assert.equal(await say('x'.repeat(100_000), 'paper-jam'), 'refused');
});

test('design 6: unknown, switched off, without password and wrong are refused alike, each after a slow hash', async () => {
  const { auth, say, secrets } = await desk();
  await using _ = auth;
  let hashes = 0;
  const [pretend, matches] = [secrets.pretend.bind(secrets), secrets.matches.bind(secrets)];
  secrets.pretend = (plain, call) => {
    hashes += 1;
    return pretend(plain, call);
  };
  secrets.matches = (plain, secret, call) => {
    hashes += 1;
    return matches(plain, secret, call);
  };
  for (const [name, password] of [
    ['nobody@acme.test', 'correct horse'],
    ['nopassword@acme.test', 'correct horse'],
    ['alice@acme.test', 'wrong'],
    ['scanner', 'wrong'],
  ] as const) {
    hashes = 0;
    assert.equal(await say(name, password), 'refused', name);
    assert.equal(hashes, 1, name);
  }
});

test('M1: a user or relay that is switched off is refused from the next generation on, however lately proven', async () => {
  const { auth, say, directory } = await desk();
  await using _ = auth;
  assert.equal(await say('alice@acme.test', 'correct horse'), 'proven');
  assert.equal(auth.signIn.network({ address: '192.0.2.7', port: 1, name: null })?.identity.name, 'scanner');
  directory.switchTo(directoryOf([acme({ disabled: true })]));
  assert.equal(await say('alice@acme.test', 'correct horse'), 'refused');
  assert.equal(await say('scanner', 'paper-jam'), 'refused');
  assert.equal(auth.signIn.network({ address: '192.0.2.7', port: 1, name: null }), null);
});

test('design 6: a proven password is remembered for ten minutes, and dropped when it changes', async () => {
  const { auth, say, clock, directory, secrets } = await desk();
  await using _ = auth;
  let hashes = 0;
  const matches = secrets.matches.bind(secrets);
  secrets.matches = (plain, secret, call) => {
    hashes += 1;
    return matches(plain, secret, call);
  };
  for (let i = 0; i < 20; i++) assert.equal(await say('alice@acme.test', 'correct horse'), 'proven');
  assert.equal(hashes, 1);
  await clock.advance(11 * 60_000, 60_000);
  assert.equal(await say('alice@acme.test', 'correct horse'), 'proven');
  assert.equal(hashes, 2);
  directory.switchTo(directoryOf([acme({ alice: sha256('another') })]));
  assert.equal(await say('alice@acme.test', 'correct horse'), 'refused');
});

test('O7: guesses from one address end in "later", while others sign in', async () => {
  const { auth, say, clock } = await quickDesk();
  await using _ = auth;
  const answers: string[] = [];
  for (let i = 0; i < 31; i++) answers.push(await say(`guess${i}@acme.test`, 'x', `2001:db8::${i.toString(16)}`));
  assert.deepEqual(answers, [...Array(30).fill('refused'), 'later'], 'a /64 is one address');
  assert.equal(await say('alice@acme.test', 'correct horse', '2001:db8::1'), 'later');
  assert.equal(await say('alice@acme.test', 'correct horse', '2001:db8:0:1::1'), 'proven');
  assert.equal(
    await say('alice@acme.test', 'correct horse', '2001:db8::1'),
    'later',
    'lately proven elsewhere is no proof',
  );
  await clock.advance(60_000, 60_000);
  assert.equal(await say('guess@acme.test', 'x', '2001:db8::1'), 'refused');
});

test('O7: who signed in from an address a short while ago gets in again, however many others guess from it', async () => {
  const { auth, say, clock } = await quickDesk();
  await using _ = auth;
  assert.equal(await say('alice@acme.test', 'correct horse'), 'proven');
  for (let i = 0; i < 31; i++) await say(`guess${i}@acme.test`, 'x');
  assert.equal(await say('alice@acme.test', 'correct horse'), 'proven');
  assert.equal(await say('alice@acme.test', 'wrong'), 'later');
  await clock.advance(11 * 60_000, 660_000);
  assert.equal(await say('alice@acme.test', 'correct horse', '203.0.113.9'), 'proven');
  for (let i = 0; i < 60; i++) await say(`guess${i}@acme.test`, 'x');
  assert.equal(await say('alice@acme.test', 'correct horse'), 'later', 'it was long ago');
});

test('design 6: a password proven elsewhere needs no second slow hash, and counts against no limit', async () => {
  const { auth, say, secrets } = await desk();
  await using _ = auth;
  let hashes = 0;
  const matches = secrets.matches.bind(secrets);
  secrets.matches = (plain, secret, call) => {
    hashes += 1;
    return matches(plain, secret, call);
  };
  for (let i = 0; i < 100; i++)
    assert.equal(await say('alice@acme.test', 'correct horse', `198.51.100.${i}`), 'proven');
  assert.equal(hashes, 1);
});

test('O7: guesses at one name from everywhere end in "later"; its owner at the usual address and devices get in', async () => {
  const { auth, say, clock } = await quickDesk();
  await using _ = auth;
  assert.equal(await say('alice@acme.test', 'correct horse', '203.0.113.9'), 'proven');
  for (const name of ['alice@acme.test', 'scanner']) {
    const answers: string[] = [];
    for (let i = 0; i < 11; i++) answers.push(await say(name, `guess ${i}`, `198.51.100.${i}`));
    assert.deepEqual(answers, [...Array(10).fill('refused'), 'later'], name);
  }
  assert.equal(await say('scanner', 'paper-jam', '203.0.113.8'), 'proven', 'nobody can guess 128 bits');
  await clock.advance(11 * 60_000, 660_000);
  for (let i = 0; i < 11; i++) await say('alice@acme.test', `guess ${i}`, `198.51.100.${i + 20}`);
  assert.equal(await say('alice@acme.test', 'correct horse', '203.0.113.9'), 'proven');
});

test('O7: right passwords cost nothing, however many come from one address', async () => {
  const { auth, say } = await desk();
  await using _ = auth;
  for (let i = 0; i < 100; i++) assert.equal(await say('scanner', 'paper-jam'), 'proven');
});

test('O7: when more hashes wait than there is time for, the answer is "later", not silence', async () => {
  const { auth } = await desk();
  await using _ = auth;
  const peer = (i: number) => ({ address: `198.51.100.${i}`, port: 1, name: null });
  const many = Array.from({ length: 200 }, (_, i) =>
    auth.signIn.password(`n${i}@acme.test`, 'x', peer(i), within(400)),
  );
  const kinds = new Set((await Promise.all(many)).map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), ['later', 'refused']);
});

test('contract: a crypt password is renewed to argon2id at its first right use, and only then', async () => {
  const { auth, say, renewals } = await desk(acme({ alice: crypt }));
  assert.equal(await say('alice@acme.test', 'Hello world'), 'refused');
  assert.equal(await say('alice@acme.test', 'Hello world!'), 'proven');
  await auth[Symbol.asyncDispose]();
  assert.equal(renewals.length, 1);
  assert.equal(renewals[0]?.identity.name, 'alice@acme.test');
  assert.deepEqual(renewals[0]?.from, crypt);
  assert.equal(renewals[0]?.to.kind, 'argon2id');
});

test('RFC 5802 §9: SCRAM tells an unknown name nothing: salts are stable, and differ by name', async () => {
  const peer = { address: '198.51.100.1', port: 1, name: null };
  const off = await desk();
  assert.equal(off.auth.signIn.scramKeys('scanner', peer), null);
  await off.auth[Symbol.asyncDispose]();
  const { auth, directory, secrets } = await desk(acme(), true);
  await using _ = auth;
  directory.switchTo(directoryOf([acme({ scanner: secrets.hashGenerated('paper-jam') })]));
  const salt = (name: string) => auth.signIn.scramKeys(name, peer)?.salt.toString('hex');
  assert.equal(auth.signIn.scramKeys('scanner', peer)?.real, true);
  assert.equal(auth.signIn.scramKeys('alice@acme.test', peer)?.real, false, 'argon2id has no SCRAM keys');
  assert.equal(salt('nobody'), salt('Nobody'));
  assert.notEqual(salt('nobody'), salt('somebody'));
  assert.equal(salt('nobody')?.length, salt('scanner')?.length);
  assert.equal(auth.signIn.scramDone('scanner', true, peer).kind, 'proven');
  assert.equal(auth.signIn.scramDone('nobody', true, peer).kind, 'refused');
  const answers = Array.from({ length: 40 }, () => auth.signIn.scramDone('scanner', false, peer).kind);
  assert(answers.includes('refused') && answers.at(-1) === 'later');
});

test('H9: test mail is read with a credential that works once, by the mailbox of probes and no other', async () => {
  const clock = new FakeClock();
  const probes = { ...tenantOf({ id: PROBE_TENANT, domains: [], users: [[PROBE_MAILBOX]] }) };
  const directory = new FakeDirectorySource([acme(), probes]);
  const parts = { directory, registry: new FakeRegistry(), clock, log: new FakeLog(), renew: async () => true };
  await using auth = await startAuth({ scram: false }, parts, makeSecretKeeper({ scram: false }));
  const { username, password } = auth.grantReading(60_000) ?? { username: '', password: '' };
  const peer = { address: '127.0.0.1', port: 1, name: null };
  const answer = await auth.signIn.password(username, password, peer, within(1_000));
  assert(answer.kind === 'proven');
  assert.deepEqual([answer.principal.tenant.id, answer.principal.user?.address], [PROBE_TENANT, PROBE_MAILBOX]);
  assert.equal((await auth.signIn.password(username, password, peer, within(10_000))).kind, 'refused');
});

test('design 5: a one-time credential signs in once, as the probe tenant, within its time', async () => {
  const { auth, say, clock } = await desk();
  await using _ = auth;
  const grant = () => auth.grantOnce('try@mx.example.test' as never, 60_000) ?? { username: '', password: '' };
  const one = grant();
  const peer = { address: '127.0.0.1', port: 1, name: null };
  const answer = await auth.signIn.password(one.username, one.password, peer, within(1_000));
  assert(answer.kind === 'proven');
  assert.equal(answer.principal.tenant.id, PROBE_TENANT);
  assert.equal(auth.usage.maySend(answer.principal, 'try@mx.example.test' as never), true);
  assert.equal(auth.usage.maySend(answer.principal, 'alice@acme.test' as never), false);
  assert.equal(auth.usage.take(answer.principal, 1), 'ok');
  assert.equal(await say(one.username, one.password), 'refused');
  const late = grant();
  await clock.advance(61_000, 61_000);
  assert.equal(await say(late.username, late.password), 'refused');
  const wrong = grant();
  assert.equal(await say(wrong.username, 'x'), 'refused');
  assert.equal(await say(wrong.username, wrong.password), 'refused');
});
