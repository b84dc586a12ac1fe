import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImapFixture } from '#/testkit/index.ts';

test('RFC 9051 §6.3.12: APPEND keeps octets, flags and date, and says the UID', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.selected();
  peer.says('a1 APPEND INBOX (\\Seen mark) "01-Feb-2026 09:00:00 +0900" {20}');
  await peer.hears('+');
  peer.sends('Subject: x\r\n\r\nbody\n\0\r\n');
  await peer.hears('* 1 EXISTS');
  await peer.hears(/^a1 OK \[APPENDUID \d+ 1\]/);
  const [, , told = ''] = await peer.does('FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[TEXT])');
  assert.ok(told.includes('FLAGS (\\Seen mark)'), told);
  assert.ok(told.includes('INTERNALDATE " 1-Feb-2026 00:00:00 +0000" RFC822.SIZE 20'), told);
  assert.ok(told.includes('{6}\r\nbody\n\0'), told);
});

test('RFC 7888 §4, RFC 3502 §6.3.11: messages that come without being asked for are kept all or none', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.selected();
  peer.sends('a1 APPEND INBOX {14+}\r\nSubject: a\r\n\r\n (\\Flagged) {14+}\r\nSubject: b\r\n\r\n\r\n');
  await peer.hears('* 2 EXISTS');
  await peer.hears(/^a1 OK \[APPENDUID \d+ 1:2\]/);
  imap.faults.set('append', 'store.unavailable');
  peer.sends('a2 APPEND INBOX {14+}\r\nSubject: c\r\n\r\n {14+}\r\nSubject: d\r\n\r\n\r\n');
  await peer.hears('a2 NO [UNAVAILABLE]');
  imap.faults.clear();
  assert.deepEqual(await peer.does('NOOP'), []);
});

test('RFC 9051 §6.3.12: what is not wanted is refused before its octets are sent, and skipped where they come all the same', async () => {
  await using imap = await ImapFixture.start({ settings: { messageBytesMax: 100 }, quotaBytes: 90 });
  using peer = await imap.signedIn();
  peer.says('a1 APPEND INBOX {101}');
  await peer.hears('a1 NO [TOOBIG]');
  peer.says('a2 APPEND Nowhere {10}');
  await peer.hears('a2 NO [TRYCREATE]');
  peer.says('a3 APPEND INBOX {95}');
  await peer.hears('a3 NO [OVERQUOTA]');
  peer.sends(`a4 APPEND INBOX {101+}\r\n${'x'.repeat(101)}\r\na5 NOOP\r\n`);
  await peer.hears('a4 NO [TOOBIG]');
  await peer.hears('a5 OK');
  assert.deepEqual(await peer.does('STATUS INBOX (MESSAGES)'), ['* STATUS "INBOX" (MESSAGES 0)']);
});

test('B3: announcing takes no memory; messages on their way share a bound, and give it back', async () => {
  await using imap = await ImapFixture.start({ settings: { limits: { memoryBytesMax: 100_000 } } });
  using idle = await imap.signedIn();
  idle.says('a1 APPEND INBOX {50000000}');
  await idle.hears('+');
  using peer = await imap.signedIn();
  peer.sends(`a1 APPEND INBOX {90000+}\r\n${'x'.repeat(90_000)}\r\n`);
  await peer.hears('a1 OK');
  peer.sends(`a2 APPEND INBOX {150000+}\r\n${'x'.repeat(150_000)}\r\na3 NOOP\r\n`);
  await peer.hears('a2 NO [UNAVAILABLE]');
  await peer.hears('a3 OK');
  peer.sends(`a4 APPEND INBOX {90000+}\r\n${'x'.repeat(90_000)}\r\n`);
  await peer.hears('a4 OK');
  await imap.clock.advance(1_500);
  assert.equal(imap.meter.values.get('holdfast_imap_message_bytes'), 0);
});

test('B3: a message that stops on its way is given up, and its memory given back', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.signedIn();
  peer.sends('a1 APPEND INBOX {1000+}\r\nSubject');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await imap.clock.advance(6 * 60_000, 30_000);
  await peer.hears('* BYE');
  await imap.clock.advance(3_000);
  assert.equal(imap.meter.values.get('holdfast_imap_message_bytes'), 0);
});

test('RFC 9051 §3: APPEND needs somebody who has signed in', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.connect();
  peer.says('a1 APPEND INBOX {10}');
  await peer.hears('a1 BAD');
  await peer.does('NOOP');
});
