import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryOf, ImapFixture, ImapPeer, TWO_TENANTS, tenantOf } from '#/testkit/index.ts';

const PLAIN = Buffer.from('\0alice@acme.test\0secret').toString('base64');

test('RFC 9051 §6.2.3: LOGIN, SELECT, FETCH and LOGOUT make a session', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(['From: a@x.test\nSubject: Hello\n\nHi there\n']);
  using peer = await imap.connect();
  peer.says('a1 LOGIN alice@acme.test secret');
  await peer.hears(/^a1 OK \[CAPABILITY IMAP4rev2 IMAP4rev1 .* IDLE /);
  assert.equal((await peer.does('SELECT INBOX'))[0], '* 1 EXISTS');
  assert.deepEqual(await peer.does('FETCH 1 (UID FLAGS BODY[TEXT])'), [
    '* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[TEXT] {10}\r\nHi there\r\n)',
  ]);
  peer.says('a9 LOGOUT');
  await peer.hears('* BYE');
  await peer.hears('a9 OK');
  await peer.hearsTheEnd();
});

test('RFC 8314 §3.2: without TLS no password is taken, and nothing says whether it was right', async () => {
  await using imap = await ImapFixture.start({ settings: { plainLoopback: false } });
  using peer = await imap.connect();
  assert.match((await peer.does('CAPABILITY'))[0] ?? '', /STARTTLS LOGINDISABLED$/);
  await peer.failsTo('LOGIN alice@acme.test secret', 'NO [PRIVACYREQUIRED]');
  await peer.failsTo(`AUTHENTICATE PLAIN ${PLAIN}`, 'NO [PRIVACYREQUIRED]');
  assert.deepEqual(imap.signIn.attempts, []);
  await peer.startsTls();
  assert.match((await peer.does('CAPABILITY'))[0] ?? '', /AUTH=PLAIN$/);
  await peer.does(`AUTHENTICATE PLAIN ${PLAIN}`);
});

test('RFC 9051 §11.1: what comes along with STARTTLS is never run', async () => {
  await using imap = await ImapFixture.start({ settings: { plainLoopback: false } });
  using peer = await imap.connect();
  peer.sends('a1 STARTTLS\r\na2 LOGIN alice@acme.test secret\r\n');
  await peer.hears('* BYE');
  await peer.hearsTheEnd();
  assert.deepEqual(imap.signIn.attempts, []);
});

test('RFC 9051 §6.2.2: AUTHENTICATE PLAIN asks where no first answer came, and can be given up', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.connect({ tls: true });
  peer.says('a1 AUTHENTICATE PLAIN');
  await peer.hears(/^\+ ?$/);
  peer.says('*');
  await peer.hears('a1 BAD');
  peer.says('a2 AUTHENTICATE PLAIN');
  await peer.hears('+');
  peer.says(PLAIN);
  await peer.hears('a2 OK [CAPABILITY');
  await peer.failsTo('AUTHENTICATE PLAIN', 'BAD');
});

test('O7: a wrong password, somebody else’s name and a relay are refused; too many failures end the connection', async () => {
  await using imap = await ImapFixture.start({ settings: { limits: { signInFailuresMax: 2 } } });
  using peer = await imap.connect();
  const forBob = Buffer.from('bob@acme.test\0alice@acme.test\0secret').toString('base64');
  await peer.failsTo(`AUTHENTICATE PLAIN ${forBob}`, 'NO [AUTHORIZATIONFAILED]');
  await peer.failsTo('LOGIN scanner secret', 'NO [AUTHORIZATIONFAILED]');
  await peer.failsTo('LOGIN alice@acme.test wrong', 'NO [AUTHENTICATIONFAILED]');
  await peer.failsTo('SELECT INBOX', 'BAD');
  peer.says('a1 LOGIN alice@acme.test wrong');
  await peer.hears('* BYE');
  await peer.hearsTheEnd();
});

test('O7: one user has so many connections, and gets the place back when one ends', async () => {
  await using imap = await ImapFixture.start({ settings: { limits: { connectionsPerUserMax: 2 } } });
  using first = await imap.signedIn();
  using _second = await imap.signedIn();
  using third = await imap.connect();
  await third.failsTo('LOGIN alice@acme.test secret', 'NO [LIMIT]');
  await third.does('LOGIN bob@acme.test secret');
  await first.does('LOGOUT');
  await first.hearsTheEnd();
  using _fourth = await imap.signedIn();
});

test('O7: where there are several tenants one of them leaves places for the others; alone it has them all', async () => {
  await using imap = await ImapFixture.start({
    settings: { connectionsMax: 4, limits: { connectionsPerTenantShare: 0.5 } },
  });
  imap.signIn.passwords.set('carol@beta.test', 'secret');
  using first = await imap.signedIn();
  using second = await imap.connect();
  await second.does('LOGIN bob@acme.test secret');
  using third = await imap.connect();
  await third.failsTo('LOGIN alice@acme.test secret', 'NO [UNAVAILABLE] Too many connections of your organisation');
  await third.does('LOGIN carol@beta.test secret');
  await first.does('LOGOUT');
  await first.hearsTheEnd();
  using _fourth = await imap.signedIn();
  imap.directory.switchTo(directoryOf([...imap.directory.current().tenants].slice(0, 1)));
  using _fifth = await imap.signedIn();
});

test('B3: connections have a bound, and who finds no place hears why', async () => {
  await using imap = await ImapFixture.start({ settings: { connectionsMax: 1 } });
  using _one = await imap.connect();
  using two = await ImapPeer.connect(imap.port('imap'));
  await two.hears('* BYE [UNAVAILABLE]');
  await two.hearsTheEnd();
});

test('O1: a capability that is switched off for an account is neither offered nor obeyed', async () => {
  await using imap = await ImapFixture.start({ off: ['IDLE', 'CONDSTORE', 'THREAD'] });
  using peer = await imap.signedIn();
  const offered = (await peer.does('CAPABILITY'))[0] ?? '';
  for (const name of ['IDLE', 'CONDSTORE', 'QRESYNC', 'THREAD']) assert.ok(!offered.includes(name), name);
  await peer.failsTo('IDLE', 'BAD');
  assert.deepEqual(await peer.does('ENABLE CONDSTORE QRESYNC'), ['* ENABLED']);
});

test('RFC 9051 §5.4: silence ends a session after half an hour, and a minute before anybody has signed in', async () => {
  await using imap = await ImapFixture.start();
  using stranger = await imap.connect();
  using alice = await imap.signedIn();
  await imap.clock.advance(62_000);
  await stranger.hears('* BYE');
  await imap.clock.advance(28 * 60_000, 30_000);
  await alice.does('NOOP');
  await imap.clock.advance(31 * 60_000, 30_000);
  await alice.hears('* BYE');
  await alice.hearsTheEnd();
});

test('C5: who is switched off loses the session that is open', async () => {
  await using imap = await ImapFixture.start();
  using alice = await imap.signedIn();
  using bob = await imap.signedIn('bob@acme.test');
  const sketch = TWO_TENANTS.map((tenant) =>
    tenant.id === 'acme' ? { ...tenant, users: [['bob@acme.test']] } : tenant,
  );
  imap.directory.switchTo(directoryOf(sketch.map(tenantOf)));
  await imap.clock.advance(1_500);
  await alice.hears('* BYE');
  await bob.does('NOOP');
});

test('B3: a client that only makes mistakes is hung up on', async () => {
  await using imap = await ImapFixture.start({ settings: { limits: { errorsMax: 3 } } });
  using peer = await imap.signedIn();
  for (let i = 0; i < 3; i++) await peer.failsTo('FETCH 1 FLAGS', 'BAD');
  peer.says('x1 FETCH 1 FLAGS');
  await peer.hears('* BYE');
  await peer.hearsTheEnd();
});

test('M6: when the service closes, idle sessions hear BYE at once', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.selected();
  peer.says('a1 IDLE');
  await peer.hears('+');
  const closed = imap.close();
  await peer.hears('* BYE [UNAVAILABLE]');
  await imap.clock.advance(15_000);
  await closed;
});

test('RFC 5161 §3.1, RFC 2971 §3.1, RFC 9051 §6.3.10: ENABLE, ID and NAMESPACE', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.signedIn();
  assert.deepEqual(await peer.does('ENABLE CONDSTORE X-NONE UTF8=ACCEPT'), ['* ENABLED CONDSTORE UTF8=ACCEPT']);
  assert.deepEqual(await peer.does('ID ("name" "test")'), ['* ID ("name" "Holdfast")']);
  assert.deepEqual(await peer.does('NAMESPACE'), ['* NAMESPACE (("" "/")) NIL NIL']);
});
