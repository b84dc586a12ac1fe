import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImapFixture } from '#/testkit/index.ts';

const MIXED = `From: Alice <alice@acme.test>
To: bob@acme.test
Subject: Parts
Message-ID: <m1@acme.test>
Date: Thu, 15 Jan 2026 10:00:00 +0900
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

aGVsbG8K
--b
Content-Type: message/rfc822

Subject: inner
Content-Type: text/plain

deep
--b
Content-Type: application/x-odd
Content-Transfer-Encoding: x-strange

?
--b--
`;

/** More than the network between holds. */
const LARGE_BYTES = 24 * 1024 * 1024;

async function withMixed(options = {}) {
  const imap = await ImapFixture.start(options);
  await imap.put([MIXED]);
  return { imap, peer: await imap.selected() };
}

test('RFC 9051 §6.4.5: parts, their headers, and parts of messages in messages are named by numbers', async () => {
  const { imap, peer } = await withMixed();
  await using _imap = imap;
  using _peer = peer;
  const cases: readonly (readonly [string, string])[] = [
    ['BODY[1]', 'aGVsbG8K'],
    ['BODY[2.HEADER]', 'Subject: inner\r\nContent-Type: text/plain\r\n\r\n'],
    ['BODY[2.TEXT]', 'deep'],
    ['BODY[2.1]', 'deep'],
    ['BODY[1.MIME]', 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n'],
    ['BODY[HEADER.FIELDS (Subject)]', 'Subject: Parts\r\n\r\n'],
    ['BODY[2.HEADER.FIELDS (SUBJECT)]', 'Subject: inner\r\n\r\n'],
  ];
  for (const [section, octets] of cases) {
    const [told] = await peer.does(`FETCH 1 (BODY.PEEK${section.slice(4)})`);
    assert.equal(told, `* 1 FETCH (${section} {${octets.length}}\r\n${octets})`);
  }
  for (const none of ['BODY[7]', 'BODY[1.2]', 'BODY[1.HEADER]', 'BODY[2.1.1]']) {
    assert.deepEqual(await peer.does(`FETCH 1 (BODY.PEEK${none.slice(4)})`), [`* 1 FETCH (${none} NIL)`]);
  }
});

test('RFC 9051 §6.4.5: a part of a section begins where asked and ends where the section ends', async () => {
  const { imap, peer } = await withMixed();
  await using _imap = imap;
  using _peer = peer;
  assert.deepEqual(await peer.does('FETCH 1 (BODY.PEEK[1]<2.4>)'), ['* 1 FETCH (BODY[1]<2> {4}\r\nVsbG)']);
  assert.deepEqual(await peer.does('FETCH 1 (BODY.PEEK[1]<6.100>)'), ['* 1 FETCH (BODY[1]<6> {2}\r\n8K)']);
  assert.deepEqual(await peer.does('FETCH 1 (BODY.PEEK[1]<99.1>)'), ['* 1 FETCH (BODY[1]<99> {0}\r\n)']);
});

test('RFC 3516 §4: BINARY decodes a part, and says when nobody knows its encoding', async () => {
  const { imap, peer } = await withMixed();
  await using _imap = imap;
  using _peer = peer;
  assert.deepEqual(await peer.does('FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])'), [
    '* 1 FETCH (BINARY[1] {6}\r\nhello\n BINARY.SIZE[1] 6)',
  ]);
  peer.says('a1 FETCH 1 (UID BINARY.PEEK[3])');
  assert.deepEqual(
    (await peer.hearsUpTo('a1')).map((line) => line.slice(0, 20)),
    ['* 1 FETCH (UID 1)', 'a1 NO [UNKNOWN-CTE] '],
  );
});

test('RFC 9051 §7.5.2, RFC 8474 §5, RFC 8514 §4.2, RFC 8970 §3: what is known of a message is said without reading it', async () => {
  const { imap, peer } = await withMixed();
  await using _imap = imap;
  using _peer = peer;
  const [told = ''] = await peer.does(
    'FETCH 1 (ENVELOPE BODYSTRUCTURE RFC822.SIZE INTERNALDATE SAVEDATE EMAILID THREADID PREVIEW)',
  );
  assert.match(told, /ENVELOPE \("Thu, 15 Jan 2026 10:00:00 \+0900" "Parts" \(\("Alice" NIL "alice" "acme.test"\)\)/);
  assert.match(told, /BODYSTRUCTURE \(\("text" "plain"/);
  assert.match(told, /SAVEDATE "15-Jan-2026 12:00:00 \+0000"/);
  assert.match(told, /EMAILID \([^)]+\) THREADID \([^)]+\) PREVIEW "hello/);
  assert.equal(imap.calls.get('octets') ?? 0, 0);
});

test('RFC 9051 §6.4.5: reading marks as \\Seen and says so once; looking does not', async () => {
  const { imap, peer } = await withMixed();
  await using _imap = imap;
  using _peer = peer;
  assert.deepEqual(await peer.does('FETCH 1 (FLAGS BODY.PEEK[1]<0.1>)'), ['* 1 FETCH (FLAGS () BODY[1]<0> {1}\r\na)']);
  assert.deepEqual(await peer.does('FETCH 1 (BODY[1]<0.1>)'), ['* 1 FETCH (BODY[1]<0> {1}\r\na FLAGS (\\Seen))']);
  assert.deepEqual(await peer.does('FETCH 1 (BODY[1]<0.1>)'), ['* 1 FETCH (BODY[1]<0> {1}\r\na)']);
});

test('RFC 3501 §6.4.5: RFC822 and its kin are answered by their names', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(['Subject: x\n\nbody\n']);
  using peer = await imap.selected();
  assert.deepEqual(await peer.does('FETCH 1 (RFC822.HEADER)'), [
    '* 1 FETCH (RFC822.HEADER {14}\r\nSubject: x\r\n\r\n)',
  ]);
  assert.deepEqual(await peer.does('FETCH 1 (RFC822.TEXT)'), [
    '* 1 FETCH (RFC822.TEXT {6}\r\nbody\r\n FLAGS (\\Seen))',
  ]);
  assert.deepEqual(await peer.does('FETCH 1 RFC822'), ['* 1 FETCH (RFC822 {20}\r\nSubject: x\r\n\r\nbody\r\n)']);
});

test('O4: large messages come whole, in pieces, to a client that reads slowly', async () => {
  await using imap = await ImapFixture.start({ settings: { limits: { unsentBytesMax: 64 * 1024 } } });
  const body = 'x'.repeat(998);
  const large = Buffer.from(`Subject: large\r\n\r\n${`${body}\r\n`.repeat(8_000)}`);
  await imap.put([large]);
  using peer = await imap.selected();
  peer.stopsReading();
  peer.says('a1 FETCH 1 BODY.PEEK[]');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const calls = imap.calls.get('octets') ?? 0;
  assert.ok(calls < 30, `read ${calls} pieces for a client that takes none`);
  peer.readsOn();
  const [told = ''] = await peer.hearsUpTo('a1');
  assert.equal(told.length, `* 1 FETCH (BODY[] {${large.length}}\r\n)`.length + large.length);
});

test('O4: a client that takes nothing is cut off, and its command ends', async () => {
  await using imap = await ImapFixture.start({ settings: { limits: { unsentBytesMax: 1, stallMs: 5_000 } } });
  await imap.put([Buffer.alloc(LARGE_BYTES, 'x')]);
  using peer = await imap.selected();
  peer.stopsReading();
  peer.says('a1 FETCH 1 BODY.PEEK[]');
  await new Promise((resolve) => setTimeout(resolve, 300));
  await imap.clock.advance(3_000);
  await imap.clock.advance(60_000);
  peer.readsOn();
  await peer.hearsTheEnd();
});

test('O4: a failing store is NO [UNAVAILABLE], before anything is said or behind what is whole; never a short list', async () => {
  await using imap = await ImapFixture.start({ settings: { limits: { rowsMax: 2 } } });
  await imap.put(Array.from({ length: 5 }, (_, i) => `Subject: ${i}\n\n${i}\n`));
  using peer = await imap.selected();
  imap.faults.set('rows', 'store.unavailable');
  await peer.failsTo('FETCH 1:* FLAGS', 'NO [UNAVAILABLE]');
  imap.faults.delete('rows');
  imap.faults.set('octets', 'store.unavailable');
  peer.says('a1 FETCH 1:2 (UID BODY.PEEK[])');
  assert.match((await peer.hearsUpTo('a1')).join('\n'), /^a1 NO \[UNAVAILABLE\]/);
  imap.faults.set('octets', 'body.missing');
  await peer.failsTo('FETCH 1 (BODY.PEEK[])', 'NO [SERVERBUG]');
  imap.faults.clear();
  assert.equal((await peer.does('FETCH 1:* FLAGS')).length, 5);
});

test('O4: a failure in the midst of a large message ends the connection: its begin is not taken for the whole', async () => {
  await using imap = await ImapFixture.start();
  await imap.put([Buffer.alloc(LARGE_BYTES, 'x')]);
  using peer = await imap.selected();
  peer.stopsReading();
  peer.says('a1 FETCH 1 BODY.PEEK[]');
  await new Promise((resolve) => setTimeout(resolve, 100));
  imap.faults.set('octets', 'store.unavailable');
  peer.readsOn();
  await peer.hearsTheEnd();
  assert.ok(peer.unread < LARGE_BYTES);
});

test('RFC 7162 §3.1.4, §3.2.6: CHANGEDSINCE tells what has changed, VANISHED what has gone', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(['Subject: 1\n\n1\n', 'Subject: 2\n\n2\n', 'Subject: 3\n\n3\n']);
  using peer = await imap.signedIn();
  await peer.does('ENABLE QRESYNC');
  const modSeq = /HIGHESTMODSEQ (\d+)/.exec((await peer.does('SELECT INBOX')).join())?.[1];
  await peer.does('STORE 2 +FLAGS.SILENT (\\Flagged)');
  await peer.does('STORE 1 +FLAGS.SILENT (\\Deleted)');
  await peer.does('EXPUNGE');
  const told = await peer.does(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${modSeq} VANISHED)`);
  assert.equal(told[0], '* VANISHED (EARLIER) 1');
  assert.match(told[1] ?? '', /^\* 1 FETCH \(UID 2 MODSEQ \(\d+\) FLAGS \(\\Flagged\)\)$/);
  assert.equal(told.length, 2);
});

test('RFC 9051 §9: a number that no message has is BAD, a UID that none has is nothing', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.selected();
  assert.deepEqual(await peer.does('FETCH 1:* FLAGS'), []);
  await imap.put(['Subject: 1\n\n1\n']);
  await peer.does('NOOP');
  await peer.failsTo('FETCH 2 FLAGS', 'BAD');
  assert.deepEqual(await peer.does('UID FETCH 77 FLAGS'), []);
  assert.deepEqual(await peer.does('UID FETCH 77:* FLAGS'), ['* 1 FETCH (UID 1 FLAGS ())']);
});

test('RFC 7162 §3.1.4.2: with CONDSTORE, what reading changes is said with its MODSEQ', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(['Subject: 1\n\n1\n']);
  using peer = await imap.signedIn();
  await peer.does('SELECT INBOX (CONDSTORE)');
  const [told = ''] = await peer.does('FETCH 1 BODY[TEXT]');
  assert.match(told, /^\* 1 FETCH \(BODY\[TEXT\] \{3\}\r\n1\r\n FLAGS \(\\Seen\) MODSEQ \(\d+\)\)$/);
});

test('B3: one answer with very many sections is said as it is gathered, and whole', async () => {
  await using imap = await ImapFixture.start();
  const body = 'x'.repeat(200_000);
  await imap.put([Buffer.from(`Subject: 1\r\n\r\n${body}`)]);
  using peer = await imap.selected();
  const items = Array.from({ length: 40 }, (_, i) => `BODY.PEEK[TEXT]<${i}.199000>`);
  const [told = ''] = await peer.does(`FETCH 1 (${items.join(' ')})`);
  assert.equal(told.match(/BODY\[TEXT\]<\d+> \{199000\}/g)?.length, 40);
  assert.ok(told.endsWith('x)'));
});

test('B3: a header section of hundreds of KiB is read in pieces, whole and by its fields, and found by its words', async () => {
  const imap = await ImapFixture.start();
  await using _imap = imap;
  const head = `Subject: large\nX-Pad: ${'y'.repeat(200_000)}\nX-End: last`;
  await imap.put(['Subject: small\n\none\n', `${head}\n\ntwo\n`]);
  using peer = await imap.selected();
  const whole = `${head.replaceAll('\n', '\r\n')}\r\n\r\n`;
  const answers = await peer.does('FETCH 1:2 (BODY.PEEK[HEADER])');
  assert.deepEqual(answers, [
    '* 1 FETCH (BODY[HEADER] {18}\r\nSubject: small\r\n\r\n)',
    `* 2 FETCH (BODY[HEADER] {${whole.length}}\r\n${whole})`,
  ]);
  assert.deepEqual(await peer.does('FETCH 2 (BODY.PEEK[HEADER.FIELDS (X-End Subject)])'), [
    '* 2 FETCH (BODY[HEADER.FIELDS (X-End Subject)] {31}\r\nSubject: large\r\nX-End: last\r\n\r\n)',
  ]);
  assert.deepEqual(await peer.does('SEARCH HEADER X-End last'), ['* SEARCH 2']);
  assert.deepEqual(await peer.does('FETCH 2 (BODY.PEEK[HEADER]<200020.20>)'), [
    `* 2 FETCH (BODY[HEADER]<200020> {20}\r\n${whole.slice(200_020, 200_040)})`,
  ]);
});
