import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pop3Fixture, until } from '#/testkit/index.ts';

const ALICE = 'alice@acme.test';
const HELLO = 'Subject: hello\r\n\r\none\r\n.two\r\n..three\r\nfour\r\n';
const SECOND = 'A: b\r\n\r\nsecond\r\n';

test('RFC 1939 §10: a whole session: sign in, count, list, read, delete, and the rest is there next time', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, HELLO, SECOND);
  {
    using peer = await pop3.connect();
    await peer.startsTls();
    await peer.asks(`USER ${ALICE}`, '+OK');
    await peer.asks('PASS secret', '+OK Signed in; 2 messages, 60 octets');
    await peer.asks('STAT', '+OK 2 60');
    assert.equal(await peer.gets('LIST'), '1 44\r\n2 16\r\n');
    assert.equal(await peer.gets('UIDL'), '1 u1\r\n2 u2\r\n');
    assert.equal(await peer.gets('RETR 1'), HELLO);
    await peer.asks('DELE 1', '+OK');
    await peer.asks('STAT', '+OK 1 16');
    assert.equal(await peer.gets('LIST'), '2 16\r\n');
    await peer.asks('QUIT', '+OK 1 message deleted');
    await peer.hearsTheEnd();
  }
  using again = await pop3.signedIn();
  assert.equal(await again.gets('UIDL'), '1 u2\r\n');
});

test('RFC 1939 §5: LIST, UIDL and RETR of one message, and of one that is not there', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, HELLO, SECOND);
  using peer = await pop3.signedIn();
  await peer.asks('LIST 2', '+OK 2 16');
  await peer.asks('UIDL 2', '+OK 2 u2');
  for (const verb of ['LIST', 'UIDL', 'RETR', 'DELE']) {
    await peer.asks(`${verb} 3`, '-ERR There is no message');
    await peer.asks(`${verb} 0`, '-ERR There is no message');
  }
  await peer.asks('TOP 3 1', '-ERR There is no message');
  await peer.asks('NOOP', /^\+OK$/);
});

test('RFC 1939 §5: a marked message is not spoken of until RSET takes the mark back; numbers stay', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, HELLO, SECOND, HELLO);
  using peer = await pop3.signedIn();
  await peer.asks('DELE 2', '+OK');
  for (const line of ['DELE 2', 'RETR 2', 'TOP 2 0', 'LIST 2', 'UIDL 2']) await peer.asks(line, '-ERR This message is');
  await peer.asks('STAT', '+OK 2 88');
  assert.equal(await peer.gets('UIDL'), '1 u1\r\n3 u3\r\n');
  assert.equal(await peer.gets('RETR 3'), HELLO);
  await peer.asks('RSET', '+OK');
  await peer.asks('STAT', '+OK 3 104');
  assert.equal(await peer.gets('LIST'), '1 44\r\n2 16\r\n3 44\r\n');
  await peer.asks('QUIT', '+OK Goodbye');
  assert.deepEqual(pop3.maildrops.uids(ALICE), [1, 2, 3]);
});

test('RFC 1939 §7: TOP gives the header section and so many lines', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, HELLO);
  using peer = await pop3.signedIn();
  assert.equal(await peer.gets('TOP 1 0'), 'Subject: hello\r\n\r\n');
  assert.equal(await peer.gets('TOP 1 2'), 'Subject: hello\r\n\r\none\r\n.two\r\n');
  assert.equal(await peer.gets('TOP 1 100'), HELLO);
});

test('RFC 1939 §5: an empty maildrop has empty lists, and an empty message is one', async () => {
  await using pop3 = await Pop3Fixture.start();
  using bob = await pop3.signedIn('bob@acme.test');
  await bob.asks('STAT', '+OK 0 0');
  assert.equal(await bob.gets('LIST'), '');
  assert.equal(await bob.gets('UIDL'), '');
  pop3.maildrops.put(ALICE, '');
  using alice = await pop3.signedIn();
  assert.equal(await alice.gets('LIST'), '1 0\r\n');
  assert.equal(await alice.gets('RETR 1'), '');
});

test('RFC 2449 §6.6: commands that come together are answered in order, messages and lists among them', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, HELLO, SECOND);
  using peer = await pop3.signedIn();
  peer.says('STAT', 'RETR 2', 'LIST', 'RETR 1', 'DELE 1', 'UIDL', 'QUIT');
  await peer.hears('+OK 2 60');
  await peer.hears('+OK 16 octets');
  assert.equal(await peer.hearsPart(), SECOND);
  await peer.hears('+OK');
  assert.equal(await peer.hearsPart(), '1 44\r\n2 16\r\n');
  await peer.hears('+OK 44 octets');
  assert.equal(await peer.hearsPart(), HELLO);
  await peer.hears('+OK Message 1');
  await peer.hears('+OK');
  assert.equal(await peer.hearsPart(), '2 u2\r\n');
  await peer.hears('+OK 1 message deleted');
  await peer.hearsTheEnd();
});

test('O5: a session sees its maildrop as it was, whatever others do: new mail, and deletions', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, HELLO, SECOND);
  using first = await pop3.signedIn();
  using second = await pop3.signedIn();
  await second.asks('DELE 1', '+OK');
  await second.asks('QUIT', '+OK 1 message deleted');
  pop3.maildrops.put(ALICE, 'new: mail\r\n\r\n');
  assert.equal(await first.gets('UIDL'), '1 u1\r\n2 u2\r\n');
  // What is deleted can be recovered for a while, so it is still read.
  assert.equal(await first.gets('RETR 1'), HELLO);
  pop3.maildrops.purged.add(`${ALICE}-1`);
  await first.asks('RETR 1', '-ERR This message was deleted by another program');
  assert.equal(await first.gets('RETR 2'), SECOND);
  assert.equal(await first.gets('LIST'), '1 44\r\n2 16\r\n');
});

test('O5: octets come as they are stored: eight bits, bare line ends and all, with the last line ended', async () => {
  await using pop3 = await Pop3Fixture.start();
  const odd = 'Subject: \xe9\r\n\r\na\rb\nc\x00\xff\r\n.';
  pop3.maildrops.put(ALICE, odd);
  using peer = await pop3.signedIn();
  await peer.asks('LIST 1', `+OK 1 ${odd.length}`);
  assert.equal(await peer.gets('RETR 1'), `${odd}\r\n`);
});

test('O4: a message that can’t be read is refused before its +OK, and the session goes on', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, HELLO);
  using peer = await pop3.signedIn();
  for (const [fault, reply] of [
    ['store.unavailable', '-ERR [SYS/TEMP] This message cannot be read now'],
    ['call.late', '-ERR [SYS/TEMP]'],
    ['body.damaged', '-ERR [SYS/PERM] This message is damaged'],
    ['key.missing', '-ERR [SYS/PERM]'],
    ['body.missing', '-ERR This message was deleted'],
  ] as const) {
    pop3.maildrops.faults.octets = fault;
    await peer.asks('RETR 1', reply);
    await peer.asks('TOP 1 0', reply);
  }
  delete pop3.maildrops.faults.octets;
  assert.equal(await peer.gets('RETR 1'), HELLO);
});

test('O4: trouble in the middle of a message closes the connection, and no final dot makes it look whole', async () => {
  await using pop3 = await Pop3Fixture.start({ settings: { limits: { pieceBytes: 100 } } });
  pop3.maildrops.put(ALICE, `A: b\r\n\r\n${'0123456789\r\n'.repeat(100)}`);
  using peer = await pop3.signedIn();
  pop3.maildrops.octetsEndAt = 500;
  await peer.asks('RETR 1', '+OK 1208 octets');
  const heard = await peer.hearsTheEnd();
  assert.ok(heard.startsWith('A: b\r\n\r\n0123') && heard.length <= 500, heard);
  assert.doesNotMatch(heard, /\r\n\.\r\n/);
  assert.equal(pop3.meter.values.get('holdfast_pop3_cut_short_total'), 1);
});

test('O4: a store that has fewer octets than it said gives no message that looks whole', async () => {
  await using pop3 = await Pop3Fixture.start({ settings: { limits: { pieceBytes: 100 } } });
  pop3.maildrops.put(ALICE, `A: b\r\n\r\n${'0123456789\r\n'.repeat(100)}`);
  using peer = await pop3.signedIn();
  pop3.maildrops.octetsMissingFrom = 99;
  await peer.asks('RETR 1', '-ERR [SYS/PERM] This message is damaged');
  pop3.maildrops.octetsMissingFrom = 1_207;
  await peer.asks('RETR 1', '+OK');
  assert.doesNotMatch(await peer.hearsTheEnd(), /\r\n\.\r\n/);
});

test('O4: a large message comes in pieces, whole', async () => {
  await using pop3 = await Pop3Fixture.start();
  const large = `A: b\r\n\r\n${'.0123456789 large and full of dots\r\n'.repeat(80_000)}`;
  pop3.maildrops.put(ALICE, large);
  using peer = await pop3.signedIn();
  const heard = await peer.gets('RETR 1');
  assert.ok(heard === large, `${heard.length} octets of ${large.length}`);
});

test('O5: the list of 100,000 messages is whole, and a session that holds it takes some megabytes', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, ...Array.from({ length: 100_000 }, () => 'A: b\r\n\r\n'));
  using peer = await pop3.signedIn();
  const ids = await peer.gets('UIDL');
  assert.equal(ids.split('\r\n').length, 100_001);
  assert.ok(ids.endsWith('\r\n100000 u100000\r\n'));
  await pop3.clock.advance(1_000);
  const held = pop3.meter.values.get('holdfast_pop3_maildrop_bytes') ?? 0;
  assert.ok(held > 1_000_000 && held < 7_000_000, `${held} octets`);
  await peer.asks('QUIT', '+OK');
  await peer.hearsTheEnd();
  await pop3.clock.advance(1_000);
  assert.equal(pop3.meter.values.get('holdfast_pop3_maildrop_bytes'), 0);
});

test('O5: a unique-id that no client could read is said as another one that never changes', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, HELLO, HELLO, HELLO);
  pop3.maildrops.rename(ALICE, 1, 'two words\r\n.\r\n');
  pop3.maildrops.rename(ALICE, 2, 'x'.repeat(71));
  pop3.maildrops.rename(ALICE, 3, 'x'.repeat(70));
  const lists: string[] = [];
  for (let i = 0; i < 2; i++) {
    using peer = await pop3.signedIn();
    lists.push(await peer.gets('UIDL'));
  }
  assert.match(lists[0] ?? '', /^1 [0-9a-f]{64}\r\n2 [0-9a-f]{64}\r\n3 x{70}\r\n$/);
  assert.equal(lists[0], lists[1]);
});

test('O4: who does not read holds no more than a bound, and gets the rest when he reads on', async () => {
  await using pop3 = await Pop3Fixture.start({ settings: { limits: { unsentBytesMax: 64 * 1024 } } });
  const content = `A: b\r\n\r\n${'x'.repeat(998)}\r\n`.padEnd(30_000_000, 'y');
  pop3.maildrops.put(ALICE, content);
  using peer = await pop3.signedIn();
  peer.stopsReading();
  peer.says('RETR 1');
  // What the network takes ends somewhere; then nothing more is read from the store.
  let [before, sames] = [-1, 0];
  await until(() => {
    sames = pop3.maildrops.octetsRead === before && before > 0 ? sames + 1 : 0;
    before = pop3.maildrops.octetsRead;
    return sames > 20;
  });
  assert.ok(pop3.maildrops.octetsRead < content.length, `${pop3.maildrops.octetsRead} octets were read`);
  const unsent = pop3.unsentBytes;
  assert.ok(unsent < (64 + 256 + 4) * 1024, `${unsent} octets wait`);
  peer.readsOn();
  await peer.hears('+OK');
  assert.equal((await peer.hearsPart()).length, content.length + 2);
});
