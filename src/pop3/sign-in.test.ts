import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryOf, Pop3Fixture, TWO_TENANTS, tenantOf, until } from '#/testkit/index.ts';

const ALICE = 'alice@acme.test';
const plainOf = (user: string, password: string, as = ''): string =>
  Buffer.from(`${as}\0${user}\0${password}`).toString('base64');

test('RFC 2449 §5: CAPA says what is offered here and now: no password before TLS', async () => {
  await using pop3 = await Pop3Fixture.start();
  using peer = await pop3.connect();
  const before = (await peer.gets('CAPA')).split('\r\n');
  assert.ok(before.includes('STLS') && before.includes('PIPELINING') && before.includes('EXPIRE NEVER'));
  assert.ok(!before.includes('USER') && !before.some((line) => line.startsWith('SASL')));
  await peer.startsTls();
  const after = (await peer.gets('CAPA')).split('\r\n');
  assert.deepEqual(
    after.filter((line) => /^(?:USER|SASL|STLS|UTF8)/.test(line)),
    ['USER', 'SASL PLAIN', 'UTF8 USER'],
  );
  await peer.asks('STLS', '-ERR TLS is on');
});

test('RFC 2595 §2.3: nobody signs in without TLS, and the refusal says what to do', async () => {
  await using pop3 = await Pop3Fixture.start();
  using peer = await pop3.connect();
  for (const line of [`USER ${ALICE}`, 'PASS secret', `AUTH PLAIN ${plainOf(ALICE, 'secret')}`, 'AUTH PLAIN']) {
    await peer.asks(line, '-ERR Passwords need TLS: say STLS first');
  }
  assert.deepEqual(pop3.signIn.attempts, []);
});

test('RFC 2595 §4: a name from before TLS does not count, and what came with STLS is not run', async () => {
  await using pop3 = await Pop3Fixture.start();
  using peer = await pop3.connect();
  await peer.startsTls();
  await peer.asks('PASS secret', '-ERR Say USER first');
  using injected = await pop3.connect();
  injected.sends('STLS\r\nUSER mallory\r\n');
  await injected.hears('-ERR Something came behind STLS');
  await injected.hearsTheEnd();
});

test('RFC 2595 §4: without a certificate STLS is neither shown nor begun', async () => {
  await using pop3 = await Pop3Fixture.start({ tls: false });
  using peer = await pop3.connect();
  assert.doesNotMatch(await peer.gets('CAPA'), /STLS/);
  await peer.asks('STLS', '-ERR [SYS/TEMP] TLS is not available');
});

test('RFC 5034 §4: AUTH PLAIN, with its first answer, behind a challenge, and cancelled', async () => {
  await using pop3 = await Pop3Fixture.start();
  using peer = await pop3.connect('pop3s');
  await peer.asks('AUTH CRAM-MD5', '-ERR This mechanism');
  await peer.asks('AUTH PLAIN', /^\+$/);
  await peer.asks('*', '-ERR Sign-in cancelled');
  await peer.asks('AUTH PLAIN', /^\+$/);
  await peer.asks('STAT', '-ERR The answer is no SASL PLAIN');
  await peer.asks('AUTH PLAIN =', '-ERR The answer is no SASL PLAIN');
  await peer.asks(`AUTH PLAIN ${plainOf(ALICE, 'secret', 'bob@acme.test')}`, '-ERR [AUTH]');
  await peer.asks('AUTH PLAIN', /^\+$/);
  await peer.asks(plainOf(ALICE, 'secret'), '+OK Signed in');
  await peer.asks(`AUTH PLAIN ${plainOf(ALICE, 'secret')}`, '-ERR You are signed in');
  using direct = await pop3.connect('pop3s');
  await direct.asks(`AUTH PLAIN ${plainOf(ALICE, 'secret', ALICE)}`, '+OK Signed in');
});

test('RFC 3206 §5: a wrong password says [AUTH], whether or not the name is there; five of them end the session', async () => {
  await using pop3 = await Pop3Fixture.start();
  using peer = await pop3.connect('pop3s');
  const replies = new Set<string>();
  for (const name of [ALICE, 'nobody@acme.test', ALICE, ALICE]) {
    await peer.asks(`USER ${name}`, '+OK');
    replies.add(await peer.asks('PASS wrong', '-ERR [AUTH]'));
    await peer.asks('STAT', '-ERR Sign in first');
  }
  assert.equal(replies.size, 1);
  await peer.asks(`USER ${ALICE}`, '+OK');
  await peer.asks('PASS wrong', '-ERR [AUTH] Wrong user name or password, too often');
  await peer.hearsTheEnd();
});

test('RFC 1939 §7: one USER is good for one PASS', async () => {
  await using pop3 = await Pop3Fixture.start();
  using peer = await pop3.connect('pop3s');
  await peer.asks(`USER ${ALICE}`, '+OK');
  await peer.asks('PASS wrong', '-ERR [AUTH]');
  await peer.asks('PASS secret', '-ERR Say USER first');
});

test('RFC 3206 §4.1: when sign-in is busy, no client is told that its password is wrong', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.signIn.later = true;
  using peer = await pop3.connect('pop3s');
  await peer.asks(`USER ${ALICE}`, '+OK');
  await peer.asks('PASS secret', '-ERR [SYS/TEMP] Sign-in is busy');
  pop3.signIn.later = false;
  await peer.asks(`USER ${ALICE}`, '+OK');
  await peer.asks('PASS secret', '+OK Signed in');
});

test('O5: a maildrop that can’t be read now is an error, never an empty one, and the next try may succeed', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, 'A: b\r\n\r\n');
  pop3.maildrops.faults.maildrop = 'store.unavailable';
  using peer = await pop3.connect('pop3s');
  await peer.asks(`USER ${ALICE}`, '+OK');
  await peer.asks('PASS secret', '-ERR [SYS/TEMP] The mailbox cannot be opened now');
  await peer.asks('STAT', '-ERR Sign in first');
  delete pop3.maildrops.faults.maildrop;
  await peer.asks(`USER ${ALICE}`, '+OK');
  await peer.asks('PASS secret', '+OK Signed in; 1 message');
});

test('O1: a device that only sends has no mailbox, and hears so', async () => {
  await using pop3 = await Pop3Fixture.start();
  using peer = await pop3.connect('pop3s');
  await peer.asks('USER scanner', '+OK');
  await peer.asks('PASS secret', '-ERR [AUTH] This account sends mail');
});

test('O1: an alias signs in to its owner’s maildrop', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.signIn.passwords.set('a.archer@acme.test', 'secret');
  pop3.maildrops.put(ALICE, 'A: b\r\n\r\n');
  using peer = await pop3.signedIn('a.archer@acme.test');
  await peer.asks('STAT', '+OK 1 8');
});

test('RFC 6856 §2.1: UTF8 before the sign-in, and names in UTF-8', async () => {
  await using pop3 = await Pop3Fixture.start();
  using peer = await pop3.connect('pop3s');
  await peer.asks('UTF8', '+OK');
  await peer.asks('USER 驚き@acme.test', '+OK');
  await peer.asks('PASS 秘密', '-ERR [AUTH]');
  assert.deepEqual(pop3.signIn.attempts, ['驚き@acme.test']);
  await peer.asks(`USER ${ALICE}`, '+OK');
  await peer.asks('PASS secret', '+OK');
  await peer.asks('UTF8', '-ERR');
  await peer.asks('USER bob@acme.test', '-ERR You are signed in');
});

test('O4: one user may have so many sessions, and the others notice nothing', async () => {
  await using pop3 = await Pop3Fixture.start({ settings: { limits: { sessionsPerUserMax: 2 } } });
  using first = await pop3.signedIn();
  using _second = await pop3.signedIn();
  using third = await pop3.connect('pop3s');
  await third.asks(`USER ${ALICE}`, '+OK');
  await third.asks('PASS secret', '-ERR [IN-USE] Too many sessions');
  using _bob = await pop3.signedIn('bob@acme.test');
  await first.asks('QUIT', '+OK');
  await first.hearsTheEnd();
  await third.asks(`USER ${ALICE}`, '+OK');
  await third.asks('PASS secret', '+OK Signed in');
});

test('O7: where there are several tenants one of them leaves places for the others', async () => {
  await using pop3 = await Pop3Fixture.start({
    settings: { connectionsMax: 4, limits: { sessionsPerTenantShare: 0.5 } },
  });
  using first = await pop3.signedIn();
  using _second = await pop3.signedIn('bob@acme.test');
  using third = await pop3.connect('pop3s');
  await third.asks(`USER ${ALICE}`, '+OK');
  await third.asks('PASS secret', '-ERR [SYS/TEMP] Too many sessions of your organisation');
  await first.asks('QUIT', '+OK');
  await first.hearsTheEnd();
  await third.asks(`USER ${ALICE}`, '+OK');
  await third.asks('PASS secret', '+OK Signed in');
});

test('O4: a user whose maildrop is slow to read holds one place of those that read', async () => {
  await using pop3 = await Pop3Fixture.start({ settings: { limits: { openingsMax: 2 } } });
  const peers = await Promise.all(Array.from({ length: 4 }, () => pop3.connect('pop3s')));
  pop3.maildrops.hold();
  for (const peer of peers) peer.says(`USER ${ALICE}`, 'PASS secret');
  for (const peer of peers) await peer.hears('+OK');
  await until(() => pop3.maildrops.running === 1);
  using bob = await pop3.connect('pop3s');
  bob.says('USER bob@acme.test', 'PASS secret');
  await bob.hears('+OK');
  await until(() => pop3.maildrops.running === 2);
  pop3.maildrops.release();
  await bob.hears('+OK Signed in');
  for (const peer of peers) await peer.hears('+OK Signed in');
  assert.equal(pop3.maildrops.runningMost, 2);
  for (const peer of peers) peer[Symbol.dispose]();
});

test('B3: when open maildrops fill their memory, the next one is refused for now, and room comes back', async () => {
  await using pop3 = await Pop3Fixture.start({ settings: { limits: { maildropBytesMax: 0 } } });
  pop3.maildrops.put(ALICE, 'A: b\r\n\r\n');
  const alice = await pop3.signedIn();
  using bob = await pop3.connect('pop3s');
  await bob.asks('USER bob@acme.test', '+OK');
  await bob.asks('PASS secret', '-ERR [SYS/TEMP] The service is busy');
  alice[Symbol.dispose]();
  await until(() => pop3.maildropBytes === 0);
  await bob.asks('USER bob@acme.test', '+OK');
  await bob.asks('PASS secret', '+OK');
});

test('C5: who is switched off or gone is shut out of an open session, and nothing of theirs is deleted', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, 'A: b\r\n\r\n');
  using alice = await pop3.signedIn();
  using bob = await pop3.signedIn('bob@acme.test');
  using carol = await pop3.signedIn('carol@beta.test');
  await alice.asks('DELE 1', '+OK');
  const [acme] = TWO_TENANTS.map(tenantOf);
  assert.ok(acme);
  const users = acme.users.map((user) => ({ ...user, disabled: user.address === ALICE }));
  pop3.directory.switchTo(directoryOf([{ ...acme, users }]));
  await pop3.clock.advance(1_000);
  for (const peer of [alice, carol]) {
    await peer.hears('-ERR [AUTH] This account is switched off');
    await peer.hearsTheEnd();
  }
  await bob.asks('NOOP', '+OK');
  assert.deepEqual(pop3.maildrops.expunged, []);
});
