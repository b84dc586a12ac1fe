import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImapFixture } from '#/testkit/index.ts';

const mails = (count: number): string[] => Array.from({ length: count }, (_, i) => `Subject: ${i + 1}\n\n${i + 1}\n`);

test('RFC 9051 §6.4.6: STORE says what it has done, once, and another session hears it', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(mails(2));
  using one = await imap.selected();
  using other = await imap.selected();
  assert.deepEqual(await one.does('STORE 1 +FLAGS (\\Flagged work)'), [
    '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work)',
    '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work \\*)] A keyword more',
    '* 1 FETCH (FLAGS (\\Flagged work))',
  ]);
  assert.deepEqual(await one.does('UID STORE 2 FLAGS (\\Draft)'), ['* 2 FETCH (UID 2 FLAGS (\\Draft))']);
  assert.deepEqual(await one.does('STORE 1 -FLAGS.SILENT (work)'), []);
  assert.deepEqual(await one.does('NOOP'), []);
  assert.deepEqual(await other.does('NOOP'), ['* 1 FETCH (FLAGS (\\Flagged))', '* 2 FETCH (FLAGS (\\Draft))']);
});

test('RFC 7162 §3.1.3: STORE UNCHANGEDSINCE leaves what has changed and names it', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(mails(3));
  using peer = await imap.signedIn();
  const modSeq = /HIGHESTMODSEQ (\d+)/.exec((await peer.does('SELECT INBOX (CONDSTORE)')).join())?.[1];
  using other = await imap.selected();
  await other.does('STORE 2 +FLAGS (\\Flagged)');
  peer.says(`a1 STORE 1:3 (UNCHANGEDSINCE ${modSeq}) +FLAGS.SILENT (\\Deleted)`);
  const told = await peer.hearsUpTo('a1');
  assert.match(told.at(-1) ?? '', /^a1 OK \[MODIFIED 2\]/);
  const changed = told.filter((line) => /^\* [13] FETCH \(MODSEQ \(\d+\)\)$/.test(line));
  assert.equal(changed.length, 2);
  assert.match(
    told.find((line) => line.startsWith('* 2 ')) ?? '',
    /^\* 2 FETCH \(FLAGS \(\\Flagged\) MODSEQ \(\d+\)\)$/,
  );
});

test('RFC 9051 §7.5.1: no number moves while FETCH, STORE or SEARCH with numbers is answered; then it does', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(mails(4));
  using one = await imap.selected();
  using other = await imap.selected();
  await other.does('STORE 2:3 +FLAGS.SILENT (\\Deleted)');
  await other.does('EXPUNGE');
  await imap.put(['Subject: 5\n\n5\n']);
  one.says('a1 FETCH 1:4 UID');
  assert.deepEqual(
    (await one.hearsUpTo('a1')).map((line) => line.slice(0, 22)),
    ['* 1 FETCH (UID 1)', '* 4 FETCH (UID 4)', '* 5 EXISTS', 'a1 NO [EXPUNGEISSUED] '],
  );
  await one.failsTo('STORE 2 +FLAGS (\\Seen)', 'NO [EXPUNGEISSUED]');
  assert.deepEqual(await one.does('SEARCH ALL'), ['* SEARCH 1 2 3 4 5']);
  assert.deepEqual(await one.does('FETCH 5 UID'), ['* 5 FETCH (UID 5)']);
  assert.deepEqual(await one.does('UID FETCH 4 UID'), ['* 4 FETCH (UID 4)', '* 3 EXPUNGE', '* 2 EXPUNGE']);
  assert.deepEqual(await one.does('FETCH 2:3 UID'), ['* 2 FETCH (UID 4)', '* 3 FETCH (UID 5)']);
});

test('RFC 9051 §6.4.3, RFC 4315 §2.1: EXPUNGE takes what is marked, UID EXPUNGE only what it names of that', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(mails(4));
  using peer = await imap.selected();
  await peer.does('STORE 1,3,4 +FLAGS.SILENT (\\Deleted)');
  assert.deepEqual(await peer.does('UID EXPUNGE 2:3'), ['* 3 EXPUNGE']);
  assert.deepEqual(await peer.does('EXPUNGE'), ['* 3 EXPUNGE', '* 1 EXPUNGE']);
  assert.deepEqual(await peer.does('FETCH 1:* UID'), ['* 1 FETCH (UID 2)']);
});

test('RFC 7162 §3.2.7, §3.2.10: with QRESYNC, VANISHED takes the place of EXPUNGE and OK says up to where all was told', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(mails(4));
  using peer = await imap.signedIn();
  await peer.does('ENABLE QRESYNC');
  await peer.does('SELECT INBOX');
  await peer.does('STORE 1:3 +FLAGS.SILENT (\\Deleted)');
  peer.says('a1 EXPUNGE');
  const told = await peer.hearsUpTo('a1');
  assert.equal(told[0], '* VANISHED 1:3');
  assert.match(told[1] ?? '', /^a1 OK \[HIGHESTMODSEQ \d+\]/);
});

test('RFC 9051 §6.4.7, §6.4.8: COPY and MOVE say which UIDs came of which', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(mails(3));
  using peer = await imap.selected();
  peer.says('a1 COPY 1,3 Archive');
  await peer.hears(/^a1 OK \[COPYUID \d+ 1,3 1:2\]/);
  peer.says('a2 MOVE 2 Archive');
  await peer.hears(/^\* OK \[COPYUID \d+ 2 3\]/);
  await peer.hears('* 2 EXPUNGE');
  await peer.hears('a2 OK');
  await peer.failsTo('COPY 1 Nowhere', 'NO [TRYCREATE]');
  assert.deepEqual(await peer.does('UID COPY 99 Archive'), []);
  assert.equal((await peer.does('SELECT Archive'))[1], '* 3 EXISTS');
});

test('O3: a session whose mailbox was deleted elsewhere is told so and ended', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.signedIn();
  await peer.does('CREATE Gone');
  await peer.does('SELECT Gone');
  using other = await imap.signedIn();
  await other.does('DELETE Gone');
  peer.says('a1 NOOP');
  await peer.hears('* BYE');
  await peer.hearsTheEnd();
});

test('RFC 2177 §3: in IDLE, what others do is told at once', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(mails(2));
  using idler = await imap.selected();
  using second = await imap.selected();
  using other = await imap.selected();
  for (const peer of [idler, second]) {
    peer.says('a1 IDLE');
    await peer.hears('+ idling');
  }
  await imap.put(['Subject: 3\n\n3\n']);
  for (const peer of [idler, second]) await peer.hears('* 3 EXISTS');
  await other.does('STORE 1 +FLAGS (\\Deleted)');
  for (const peer of [idler, second]) await peer.hears('* 1 FETCH (FLAGS (\\Deleted))');
  await other.does('EXPUNGE');
  for (const peer of [idler, second]) await peer.hears('* 1 EXPUNGE');
  idler.says('DONE');
  await idler.hears('a1 OK');
  second.says('NOOP');
  await second.hears('a1 BAD');
  assert.deepEqual(await second.does('NOOP'), []);
});

test('RFC 2177 §3: a client in IDLE hears signs of life, and the command behind DONE is run', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.selected();
  peer.says('a1 IDLE');
  await peer.hears('+ idling');
  await imap.clock.advance(125_000, 5_000);
  await peer.hears('* OK Still here');
  peer.sends('DONE\r\na2 NOOP\r\n');
  await peer.hears('a1 OK');
  await peer.hears('a2 OK');
});

test('O4: sessions that are woken by one change ask the store once', async () => {
  await using imap = await ImapFixture.start();
  const peers = await Promise.all(Array.from({ length: 5 }, () => imap.selected()));
  for (const peer of peers) {
    peer.says('a1 IDLE');
    await peer.hears('+ idling');
  }
  const before = imap.calls.get('changes') ?? 0;
  await imap.put(['Subject: 1\n\n1\n']);
  for (const peer of peers) await peer.hears('* 1 EXISTS');
  assert.equal((imap.calls.get('changes') ?? 0) - before, 1);
  for (const peer of peers) peer[Symbol.dispose]();
});

test('O4: a failure while changes are told is told by the next command, and nothing is lost', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.selected();
  imap.faults.set('changes', 'store.unavailable');
  await imap.put(['Subject: 1\n\n1\n']);
  assert.deepEqual(await peer.does('NOOP'), []);
  imap.faults.clear();
  assert.deepEqual(await peer.does('NOOP'), ['* 1 EXISTS']);
});

test('RFC 9051 §6.4.6: a silent STORE keeps nothing back that others have changed', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(mails(2));
  using one = await imap.selected();
  using other = await imap.selected();
  await other.does('STORE 1 +FLAGS (\\Flagged)');
  assert.deepEqual(await one.does('STORE 1:2 +FLAGS.SILENT (\\Seen)'), ['* 1 FETCH (FLAGS (\\Seen \\Flagged))']);
  assert.deepEqual(await one.does('FETCH 1:2 FLAGS'), [
    '* 1 FETCH (FLAGS (\\Seen \\Flagged))',
    '* 2 FETCH (FLAGS (\\Seen))',
  ]);
});

test('RFC 9051 §6.3.5: who deletes the mailbox that is selected goes on without one', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.signedIn();
  await peer.does('CREATE Gone');
  await peer.does('SELECT Gone');
  assert.deepEqual(await peer.does('DELETE Gone'), ['* OK [CLOSED] The mailbox is deleted']);
  await peer.failsTo('FETCH 1 FLAGS', 'BAD');
});

test('O4: in IDLE, a store that is down is asked once a second and not more', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.selected();
  peer.says('a1 IDLE');
  await peer.hears('+ idling');
  imap.faults.set('changes', 'store.unavailable');
  await imap.put(['Subject: 1\n\n1\n']);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok((imap.calls.get('changes') ?? 0) < 5);
  imap.faults.clear();
  await imap.clock.advance(2_000);
  await peer.hears('* 1 EXISTS');
});

test('B3: a client that asks and never reads is waited for, and cut off', async () => {
  await using imap = await ImapFixture.start({ settings: { limits: { unsentBytesMax: 1, stallMs: 5_000 } } });
  using peer = await imap.signedIn();
  peer.stopsReading();
  for (let i = 0; i < 40; i++) peer.sends('a1 CAPABILITY\r\n'.repeat(5_000));
  await new Promise((resolve) => setTimeout(resolve, 500));
  await imap.clock.advance(30_000);
  assert.equal(imap.meter.values.get('holdfast_imap_connections'), 0);
});

test('RFC 9051 §7.3.5: SELECT names the keywords of the mailbox, and a new one is named before a message that has it, once to each session', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(mails(3));
  using one = await imap.selected();
  await one.does('STORE 1 +FLAGS.SILENT ($Junk)');
  using other = await imap.signedIn();
  const told = await other.does('SELECT INBOX');
  const system = '\\Answered \\Flagged \\Deleted \\Seen \\Draft';
  assert.ok(told.includes(`* FLAGS (${system} $Junk)`), told.join('\n'));
  assert.ok(told.some((line) => line.startsWith(`* OK [PERMANENTFLAGS (${system} $Junk \\*)]`)));
  assert.deepEqual(await other.does('FETCH 1 FLAGS'), ['* 1 FETCH (FLAGS ($Junk))']);
  await one.does('STORE 2 +FLAGS.SILENT (work $JUNK)');
  assert.deepEqual(await other.does('FETCH 1:2 (UID)'), [
    '* 1 FETCH (UID 1)',
    '* 2 FETCH (UID 2)',
    `* FLAGS (${system} $Junk work)`,
    `* OK [PERMANENTFLAGS (${system} $Junk work \\*)] A keyword more`,
    '* 2 FETCH (FLAGS ($Junk work))',
  ]);
  await one.does('STORE 3 +FLAGS.SILENT (work)');
  assert.deepEqual(await other.does('NOOP'), ['* 3 FETCH (FLAGS (work))']);
  const examined = await other.does('EXAMINE INBOX');
  assert.ok(examined.includes(`* FLAGS (${system} $Junk work)`));
  assert.ok(examined.some((line) => line.startsWith('* OK [PERMANENTFLAGS ()]')));
});
