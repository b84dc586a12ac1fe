import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImapFixture } from '#/testkit/index.ts';

const MAILS = [
  'From: Alice <alice@acme.test>\nTo: bob@acme.test\nSubject: Budget\nDate: Thu, 15 Jan 2026 23:30:00 -0500\nMessage-ID: <1@x>\n\nmoney for the meeting\n',
  'From: Bob <bob@acme.test>\nTo: alice@acme.test\nSubject: Re: Budget\nDate: Fri, 16 Jan 2026 10:00:00 +0000\nMessage-ID: <2@x>\nIn-Reply-To: <1@x>\n\nno money\n',
  'From: Carol <carol@beta.test>\nTo: alice@acme.test\nSubject: =?utf-8?B?5a6a5L6L5Lya6K2w?=\nDate: Wed, 14 Jan 2026 10:00:00 +0000\nMessage-ID: <3@x>\nContent-Type: text/plain; charset=utf-8\n\n明日の定例会議室です\n',
];

async function mailbox() {
  const imap = await ImapFixture.start();
  for (const mail of MAILS) await imap.put([mail], { receivedAt: Date.UTC(2026, 0, 15, 10) });
  const peer = await imap.selected();
  await peer.does('STORE 2 +FLAGS.SILENT (\\Seen work)');
  return { imap, peer };
}

test('RFC 9051 §6.4.4: keys find what they say, alone and together', async () => {
  const { imap, peer } = await mailbox();
  await using _imap = imap;
  using _peer = peer;
  const cases: readonly (readonly [string, string])[] = [
    ['ALL', '1 2 3'],
    ['SEEN', '2'],
    ['UNSEEN UNKEYWORD WORK', '1 3'],
    ['KEYWORD WORK', '2'],
    ['FROM alice', '1'],
    ['TO ALICE', '2 3'],
    ['SUBJECT budget', '1 2'],
    ['HEADER Message-ID <2@x>', '2'],
    ['HEADER In-Reply-To ""', '2'],
    ['TEXT money', '1 2'],
    ['BODY budget', ''],
    ['BODY "for the"', '1'],
    ['CHARSET UTF-8 TEXT {6+}\r\n会議', '3'],
    ['CHARSET UTF-8 SUBJECT {6+}\r\n会議', '3'],
    ['SENTON 15-Jan-2026', '1'],
    ['SENTSINCE 15-Jan-2026', '1 2'],
    ['SENTBEFORE 15-Jan-2026', '3'],
    ['ON 15-Jan-2026', '1 2 3'],
    ['BEFORE 15-Jan-2026', ''],
    ['OLDER 7200 YOUNGER 7200', '1 2 3'],
    ['YOUNGER 60', ''],
    ['LARGER 10000', ''],
    ['SMALLER 10000 NOT SEEN', '1 3'],
    ['OR FROM carol SEEN', '2 3'],
    ['OR (SUBJECT budget UNSEEN) BODY nothing', '1'],
    ['NOT (OR SEEN FROM carol)', '1'],
    ['2:* UNSEEN', '3'],
    ['UID 3:1 SEEN', '2'],
    ['9', ''],
    ['SAVEDATESUPPORTED', '1 2 3'],
    ['SAVEDSINCE 1-Jan-2026', '1 2 3'],
    ['NEW', ''],
  ];
  for (const [keys, found] of cases) {
    assert.deepEqual(await peer.does(`SEARCH ${keys}`), [`* SEARCH${found === '' ? '' : ' '}${found}`], keys);
  }
});

test('RFC 4731 §3.1, RFC 7162 §3.1.5: SEARCH RETURN says the ends, the count and the set', async () => {
  const { imap, peer } = await mailbox();
  await using _imap = imap;
  using _peer = peer;
  peer.says('a1 SEARCH RETURN (MIN MAX COUNT ALL) UNSEEN');
  await peer.hears('* ESEARCH (TAG "a1") MIN 1 MAX 3 COUNT 2 ALL 1,3');
  await peer.hears('a1 OK');
  peer.says('a2 UID SEARCH RETURN () FROM nobody');
  await peer.hears('* ESEARCH (TAG "a2") UID');
  await peer.hears('a2 OK');
  peer.says('a3 SEARCH RETURN (COUNT) MODSEQ 1');
  await peer.hears(/^\* OK \[HIGHESTMODSEQ/);
  await peer.hears(/^\* ESEARCH \(TAG "a3"\) COUNT 3 MODSEQ \d+$/);
  await peer.hears('a3 OK');
});

test('RFC 9051 §6.4.4: in IMAP4rev2, SEARCH is answered by ESEARCH', async () => {
  const { imap, peer } = await mailbox();
  await using _imap = imap;
  using _peer = peer;
  await peer.does('ENABLE IMAP4rev2');
  peer.says('a1 SEARCH SEEN');
  await peer.hears('* ESEARCH (TAG "a1") ALL 2');
});

test('RFC 5182 §2.1: `$` is what the last search saved, without what has gone since', async () => {
  const { imap, peer } = await mailbox();
  await using _imap = imap;
  using _peer = peer;
  assert.deepEqual(await peer.does('SEARCH RETURN (SAVE) UNSEEN'), []);
  assert.deepEqual(await peer.does('FETCH $ UID'), ['* 1 FETCH (UID 1)', '* 3 FETCH (UID 3)']);
  assert.deepEqual(await peer.does('SEARCH RETURN (SAVE) $ FROM carol'), []);
  assert.deepEqual(await peer.does('UID SEARCH $'), ['* SEARCH 3']);
  await peer.does('STORE $ +FLAGS.SILENT (\\Deleted)');
  await peer.does('EXPUNGE');
  assert.deepEqual(await peer.does('UID SEARCH $'), ['* SEARCH']);
  await peer.does('SEARCH RETURN (SAVE) ALL');
  imap.faults.set('rows', 'store.unavailable');
  await peer.failsTo('SEARCH RETURN (SAVE) SEEN', 'NO [UNAVAILABLE]');
  imap.faults.clear();
  assert.deepEqual(await peer.does('SEARCH $'), ['* SEARCH']);
});

test('O4: a search that can’t be answered whole is NO; words are all that texts are found by', async () => {
  const { imap, peer } = await mailbox();
  await using _imap = imap;
  using _peer = peer;
  await peer.failsTo('SEARCH TEXT "!!"', 'NO [CANNOT]');
  imap.faults.set('holding', 'call.late');
  await peer.failsTo('SEARCH TEXT money', 'NO [UNAVAILABLE]');
  await peer.failsTo('SEARCH CHARSET KLINGON TEXT x', 'NO [BADCHARSET');
});

test('O4: keys that need little are asked first, and what they leave out is not read', async () => {
  const { imap, peer } = await mailbox();
  await using _imap = imap;
  using _peer = peer;
  const before = imap.calls.get('rows') ?? 0;
  await peer.does('SEARCH FROM alice SEEN UID 99');
  assert.equal(imap.calls.get('rows') ?? 0, before);
  await peer.does('SEARCH FROM alice UID 1');
  assert.equal(imap.calls.get('rows') ?? 0, before + 1);
});

test('RFC 5256 §3: SORT orders by criteria, backwards too, and then as messages came', async () => {
  const { imap, peer } = await mailbox();
  await using _imap = imap;
  using _peer = peer;
  const cases: readonly (readonly [string, string])[] = [
    ['DATE', '3 1 2'],
    ['REVERSE DATE', '2 1 3'],
    ['FROM', '1 2 3'],
    ['SUBJECT DATE', '1 2 3'],
    ['ARRIVAL', '1 2 3'],
    ['REVERSE ARRIVAL', '1 2 3'],
    ['REVERSE SUBJECT REVERSE DATE', '3 2 1'],
  ];
  for (const [criteria, order] of cases) {
    assert.deepEqual(await peer.does(`SORT (${criteria}) UTF-8 ALL`), [`* SORT ${order}`], criteria);
  }
  assert.deepEqual(await peer.does('UID SORT (DATE) UTF-8 FROM nobody'), ['* SORT']);
});

test('RFC 5256 §3: THREAD by references and by subject', async () => {
  const { imap, peer } = await mailbox();
  await using _imap = imap;
  using _peer = peer;
  assert.deepEqual(await peer.does('THREAD REFERENCES UTF-8 ALL'), ['* THREAD (3)(1 2)']);
  assert.deepEqual(await peer.does('UID THREAD ORDEREDSUBJECT UTF-8 ALL'), ['* THREAD (3)(1 2)']);
});
