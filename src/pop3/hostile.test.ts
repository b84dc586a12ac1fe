import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pop3Fixture, Pop3Peer, until } from '#/testkit/index.ts';

const ALICE = 'alice@acme.test';

const LINES: readonly (readonly [string, string | Buffer, string, 'goes on' | 'ends'])[] = [
  ['a bare LF', 'NOPE\n', '-ERR Command not known', 'goes on'],
  ['a bare CR', 'NO\rOP\r\n', '-ERR The line holds control', 'goes on'],
  ['a NUL', 'NOOP \0\r\n', '-ERR The line holds control', 'goes on'],
  ['broken UTF-8', Buffer.from('55534552ff0d0a', 'hex'), '-ERR The line is neither', 'goes on'],
  ['a line of 4,000 octets', `NOOP ${'x'.repeat(4000)}\r\n`, '-ERR The line is too long', 'goes on'],
  ['a line without end', `NOOP ${'x'.repeat(100_000)}`, '-ERR The line is too long', 'ends'],
  ['a TLS handshake', Buffer.from('16030100', 'hex'), '-ERR TLS does not begin here', 'ends'],
  ['a browser', 'POST / HTTP/1.1\r\nHost: x\r\n\r\n', '-ERR This is a mail service', 'ends'],
  ['SMTP', 'EHLO x\r\n', '-ERR Command not known', 'goes on'],
];

for (const [what, octets, reply, then] of LINES) {
  test(`B3: ${what} is answered ${reply}, and the session ${then}`, async () => {
    await using pop3 = await Pop3Fixture.start();
    using peer = await pop3.connect();
    peer.sends(octets);
    await peer.hears(reply);
    if (then === 'ends') await peer.hearsTheEnd();
    else await peer.gets('CAPA');
  });
}

test('B3: commands octet by octet are read as they are meant', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, 'A: b\r\n\r\n');
  using peer = await pop3.signedIn();
  for (const octet of 'STAT\r\nRETR 1\r\n') {
    peer.sends(octet);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await peer.hears('+OK 1 8');
  await peer.hears('+OK');
  assert.equal(await peer.hearsPart(), 'A: b\r\n\r\n');
});

test('B3: fifty refused commands end the session, and so do a thousand that bring no message nearer', async () => {
  await using pop3 = await Pop3Fixture.start();
  for (const [line, answer, times] of [
    ['WHAT', '-ERR Command not known', 50],
    // Two were spent on the sign-in.
    ['NOOP', '+OK', 998],
    ['LIST', '+OK', 997],
  ] as const) {
    using peer = await pop3.signedIn();
    peer.sends(`${line}\r\n`.repeat(times + 500));
    for (let i = 0; i < times; i++) {
      await peer.hears(answer);
      if (line === 'LIST') assert.equal(await peer.hearsPart(), '');
    }
    await peer.hears('-ERR Too many commands');
    assert.equal(await peer.hearsTheEnd(), '');
  }
});

test('B3: a flood of commands whose answers nobody reads stops being read, and holds no more than a bound', async () => {
  await using pop3 = await Pop3Fixture.start({ settings: { limits: { unsentBytesMax: 64 * 1024 } } });
  pop3.maildrops.put(ALICE, ...Array.from({ length: 4_000 }, () => 'A: b\r\n\r\n'));
  using peer = await pop3.signedIn();
  peer.stopsReading();
  // A thousand lists of some 30 kB, and 100,000 questions.
  peer.sends('LIST\r\n'.repeat(1_000) + 'LIST 7\r\n'.repeat(100_000));
  await until(() => pop3.unsentBytes > 64 * 1024);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const unsent = pop3.unsentBytes;
  assert.ok(unsent > 64 * 1024 && unsent < 128 * 1024, `${unsent} octets wait`);
  peer.readsOn();
  for (let i = 0; i < 900; i++) {
    await peer.hears('+OK 4000 messages');
    assert.equal((await peer.hearsPart()).length, 30_893);
  }
});

test('B3: twenty thousand marks in one go are taken, and the others are served meanwhile', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, ...Array.from({ length: 20_000 }, () => 'A: b\r\n\r\n'));
  using peer = await pop3.signedIn();
  using bob = await pop3.signedIn('bob@acme.test');
  peer.sends(Array.from({ length: 20_000 }, (_, i) => `DELE ${i + 1}\r\n`).join(''));
  pop3.maildrops.hold();
  peer.says('QUIT');
  await until(() => pop3.maildrops.running === 1);
  await bob.asks('STAT', '+OK 0 0');
  pop3.maildrops.release();
  assert.match(await peer.hearsTheEnd(), /\r\n\+OK 20000 messages deleted; goodbye\r\n$/);
  assert.equal(pop3.maildrops.expunged.length, 20);
  assert.deepEqual(pop3.maildrops.uids(ALICE), []);
});

test('B3: too many connections from one address, or at all, hear so and are closed', async () => {
  await using pop3 = await Pop3Fixture.start({
    settings: { connectionsMax: 3, limits: { connectionsPerAddressMax: 2 } },
  });
  using first = await pop3.connect();
  using _second = await pop3.connect();
  using third = await pop3.dial();
  await third.hears('-ERR [SYS/TEMP] Too many connections from your address');
  await third.hearsTheEnd();
  first[Symbol.dispose]();
  await until(() => pop3.connections === 1);
  using _fourth = await pop3.connect();
});

test('B3: who does not sign in has a minute, and ten seconds when places are short (O7)', async () => {
  await using pop3 = await Pop3Fixture.start({ settings: { connectionsMax: 4 } });
  using slow = await pop3.connect();
  await pop3.clock.advance(30_000);
  await slow.asks('NOOP', '-ERR Sign in first');
  await pop3.clock.advance(31_000);
  await slow.hearsTheEnd();
  using signedIn = await pop3.signedIn();
  using one = await pop3.connect();
  using two = await pop3.connect();
  using three = await pop3.connect();
  await pop3.clock.advance(12_000);
  for (const peer of [one, two, three]) await peer.hearsTheEnd();
  await signedIn.asks('NOOP', '+OK');
});

test('B3: a store that never answers costs its session, not its process: the client is told to come later', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, 'A: b\r\n\r\n');
  using peer = await pop3.signedIn();
  pop3.maildrops.hold();
  peer.says('RETR 1');
  await until(() => pop3.maildrops.running === 1);
  await pop3.clock.advance(34_000);
  await peer.hears('-ERR [SYS/TEMP] The service is busy');
  await peer.hearsTheEnd();
  pop3.maildrops.release();
});

test('B3: a peer that takes nothing of its message is cut after three minutes', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, `A: b\r\n\r\n${'x'.repeat(30_000_000)}`);
  using peer = await pop3.signedIn();
  peer.stopsReading();
  peer.says('RETR 1');
  await until(() => pop3.maildrops.octetsRead > 500_000);
  // The network takes some more of it; each piece gives the peer its time again.
  for (let tries = 0; tries < 50 && pop3.connections > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await pop3.clock.advance(186_000, 3_000);
  }
  assert.equal(pop3.connections, 0);
});

test('B3: a handshake that never comes is cut', async () => {
  await using pop3 = await Pop3Fixture.start();
  using silent = await Pop3Peer.connect(pop3.port('pop3s'));
  using stuck = await pop3.connect();
  await stuck.asks('STLS', '+OK');
  await pop3.clock.advance(34_000);
  await silent.hearsTheEnd();
  await stuck.hearsTheEnd();
  assert.equal(pop3.connections, 0);
});

test('B3: a peer that leaves while its maildrop is read leaves nothing behind', async () => {
  await using pop3 = await Pop3Fixture.start({ settings: { limits: { sessionsPerUserMax: 1 } } });
  pop3.maildrops.put(ALICE, 'A: b\r\n\r\n');
  const peer = await pop3.connect('pop3s');
  pop3.maildrops.hold();
  peer.says(`USER ${ALICE}`, 'PASS secret');
  await until(() => pop3.maildrops.running === 1);
  peer[Symbol.dispose]();
  await pop3.clock.advance(34_000);
  pop3.maildrops.release();
  await until(() => pop3.connections === 0);
  using again = await pop3.signedIn();
  await again.asks('STAT', '+OK 1');
});

test('M1: behind a trusted balancer the address is the one that it names', async () => {
  await using pop3 = await Pop3Fixture.start({
    settings: { trustProxy: ['127.0.0.1/32'], limits: { connectionsPerAddressMax: 1 } },
  });
  const named = (address: string): string => `PROXY TCP4 ${address} 192.0.2.1 4000 110\r\n`;
  using first = await pop3.dial('pop3', { first: named('198.51.100.1') });
  await first.hears('+OK mail.example.test');
  using second = await pop3.dial('pop3', { first: named('198.51.100.1') });
  await second.hears('-ERR [SYS/TEMP] Too many');
  using third = await pop3.dial('pop3s', { first: named('198.51.100.2') });
  await third.hears('+OK mail.example.test');
  using liar = await pop3.dial('pop3', { first: 'CAPA\r\n' });
  assert.equal(await liar.hearsTheEnd(), '');
});
