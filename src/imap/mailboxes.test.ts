import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImapFixture } from '#/testkit/index.ts';

test('RFC 9051 §6.3.2: SELECT says what the mailbox has; EXAMINE opens it for reading', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(['Subject: one\n\n1\n', 'Subject: two\n\n2\n']);
  using peer = await imap.signedIn();
  peer.says('a1 SELECT INBOX');
  const told = (await peer.hearsUpTo('a1')).join('\n');
  for (const part of [
    '* 2 EXISTS',
    '* FLAGS (',
    'PERMANENTFLAGS',
    '\\*',
    '[UIDNEXT 3]',
    'HIGHESTMODSEQ',
    'MAILBOXID (',
  ]) {
    assert.ok(told.includes(part), part);
  }
  assert.match(told, /a1 OK \[READ-WRITE\]/);
  peer.says('a2 EXAMINE INBOX');
  const again = (await peer.hearsUpTo('a2')).join('\n');
  assert.ok(again.startsWith('* OK [CLOSED]'));
  assert.match(again, /a2 OK \[READ-ONLY\]/);
  await peer.failsTo('STORE 1 +FLAGS (\\Seen)', 'NO [READ-ONLY]');
  await peer.failsTo('EXPUNGE', 'NO [READ-ONLY]');
  assert.deepEqual(await peer.does('FETCH 1 (FLAGS BODY[])'), [
    '* 1 FETCH (FLAGS () BODY[] {19}\r\nSubject: one\r\n\r\n1\r\n)',
  ]);
});

test('RFC 9051 §6.3.2: a SELECT that fails leaves nothing selected', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.selected();
  await peer.failsTo('SELECT Nowhere', 'NO [NONEXISTENT]');
  await peer.failsTo('FETCH 1 FLAGS', 'BAD');
});

test('RFC 9051 §6.4.1: CLOSE expunges without a word, UNSELECT does not', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(['Subject: one\n\n1\n'], { flags: ['\\Deleted'] });
  using peer = await imap.selected();
  assert.deepEqual(await peer.does('UNSELECT'), []);
  assert.equal((await peer.does('SELECT INBOX'))[0], '* 1 EXISTS');
  assert.deepEqual(await peer.does('CLOSE'), []);
  assert.equal((await peer.does('SELECT INBOX'))[0], '* 0 EXISTS');
});

test('RFC 9051 §6.3.4: mailboxes are made, renamed, subscribed and deleted', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.signedIn();
  await peer.does('CREATE Work/2026');
  await peer.failsTo('CREATE Work', 'NO [ALREADYEXISTS]');
  await peer.failsTo('DELETE Work', 'NO [HASCHILDREN]');
  await peer.failsTo('DELETE INBOX', 'NO [CANNOT]');
  await peer.failsTo('RENAME Work Work/below', 'NO [CANNOT]');
  await peer.does('RENAME Work Old');
  assert.deepEqual(await peer.does('LIST "" Old*'), [
    '* LIST (\\HasChildren) "/" "Old"',
    '* LIST (\\HasNoChildren) "/" "Old/2026"',
  ]);
  await peer.does('SUBSCRIBE Old/2026');
  assert.deepEqual(await peer.does('LSUB "" Old/%'), ['* LSUB (\\HasNoChildren) "/" "Old/2026"']);
  assert.deepEqual(await peer.does('LSUB "" Ol%'), ['* LSUB (\\Noselect \\HasChildren) "/" "Old"']);
  await peer.does('DELETE Old/2026');
  assert.deepEqual(await peer.does('LIST (SUBSCRIBED) "" Old*'), [
    '* LIST (\\NonExistent \\Subscribed \\HasNoChildren) "/" "Old/2026"',
  ]);
  await peer.does('UNSUBSCRIBE Old/2026');
  assert.deepEqual(await peer.does('LIST (SUBSCRIBED) "" Old*'), []);
});

test('RFC 3501 §5.1.3: names are modified UTF-7 until the client enables UTF-8', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.signedIn();
  await peer.does('CREATE &Zeg-');
  assert.deepEqual(await peer.does('LIST "" &Zeg-'), ['* LIST (\\HasNoChildren) "/" "&Zeg-"']);
  await peer.does('ENABLE UTF8=ACCEPT');
  assert.deepEqual(await peer.does('LIST "" "日"'), []);
  assert.deepEqual(await peer.does('LIST "" "旨"'), ['* LIST (\\HasNoChildren) "/" "旨"']);
});

test('O4: a pattern with more wildcards than anyone writes is refused, and never answered with a short list', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.signedIn();
  const few = await peer.does(`LIST "" "${'*%'.repeat(60)}"`);
  assert.ok(few.length > 0);
  peer.says(`w LIST "" "${'*a'.repeat(51)}"`);
  assert.match(await peer.hears('w '), /^w NO \[LIMIT\]/);
});

test('RFC 6154 §2, RFC 5258 §3, RFC 5819 §2: LIST by special use, with status, and with children of what is not chosen', async () => {
  await using imap = await ImapFixture.start();
  using peer = await imap.signedIn();
  const special = await peer.does('LIST (SPECIAL-USE) "" *');
  for (const use of ['Drafts', 'Sent', 'Trash', 'Junk', 'Archive']) {
    assert.ok(
      special.some((line) => line.includes(`\\${use}`)),
      use,
    );
  }
  assert.equal(
    special.some((line) => line.includes('INBOX')),
    false,
  );
  await peer.does('CREATE Projects (USE (\\Flagged))');
  assert.deepEqual(await peer.does('LIST "" Projects RETURN (STATUS (MESSAGES UNSEEN))'), [
    '* LIST (\\HasNoChildren \\Flagged) "/" "Projects"',
    '* STATUS "Projects" (MESSAGES 0 UNSEEN 0)',
  ]);
  await peer.does('CREATE Projects/inner');
  await peer.does('SUBSCRIBE Projects/inner');
  await peer.does('UNSUBSCRIBE Projects');
  assert.deepEqual(await peer.does('LIST (SUBSCRIBED RECURSIVEMATCH) "" Projects'), [
    '* LIST (\\HasChildren \\Flagged) "/" "Projects" ("CHILDINFO" ("SUBSCRIBED"))',
  ]);
  assert.deepEqual(await peer.does('LIST "" ""'), ['* LIST (\\Noselect) "/" ""']);
});

test('RFC 9051 §6.3.11, RFC 8438, RFC 7889 §4: STATUS counts', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(['Subject: one\n\n1\n', 'Subject: two\n\n2\n'], { flags: ['\\Deleted'] });
  using peer = await imap.signedIn();
  assert.deepEqual(await peer.does('STATUS inbox (MESSAGES UIDNEXT UNSEEN DELETED SIZE APPENDLIMIT)'), [
    '* STATUS "INBOX" (MESSAGES 2 UIDNEXT 3 UNSEEN 2 DELETED 2 SIZE 38 APPENDLIMIT 52428800)',
  ]);
  await peer.failsTo('STATUS Nowhere (MESSAGES)', 'NO [NONEXISTENT]');
});

test('RFC 9208 §4.1: the quota of the account is one root', async () => {
  await using imap = await ImapFixture.start({ quotaBytes: 10_240 });
  await imap.put(['Subject: one\n\n1\n']);
  using peer = await imap.signedIn();
  const quota = '* QUOTA "" (STORAGE 1 10)';
  assert.deepEqual(await peer.does('GETQUOTAROOT INBOX'), ['* QUOTAROOT "INBOX" ""', quota]);
  assert.deepEqual(await peer.does('GETQUOTA ""'), [quota]);
  await peer.failsTo('GETQUOTA other', 'NO [NONEXISTENT]');
});

test('RFC 7162 §3.2.5: SELECT with QRESYNC tells what was missed and nothing else', async () => {
  await using imap = await ImapFixture.start();
  await imap.put(['Subject: 1\n\n1\n', 'Subject: 2\n\n2\n', 'Subject: 3\n\n3\n', 'Subject: 4\n\n4\n']);
  using peer = await imap.signedIn();
  await peer.failsTo('SELECT INBOX (QRESYNC (1 1))', 'BAD');
  await peer.does('ENABLE QRESYNC');
  const told = (await peer.does('SELECT INBOX')).join('\n');
  const validity = /UIDVALIDITY (\d+)/.exec(told)?.[1];
  const modSeq = /HIGHESTMODSEQ (\d+)/.exec(told)?.[1];
  await peer.does('UNSELECT');
  using other = await imap.selected();
  await other.does('STORE 2 +FLAGS (\\Flagged)');
  await other.does('STORE 1,3 +FLAGS (\\Deleted)');
  await other.does('EXPUNGE');
  const missed = await peer.does(`SELECT INBOX (QRESYNC (${validity} ${modSeq} 2:4))`);
  assert.ok(missed.includes('* VANISHED (EARLIER) 3'));
  const rows = missed.filter((line) => line.includes('FETCH'));
  assert.equal(rows.length, 1);
  assert.match(rows[0] ?? '', /^\* 1 FETCH \(UID 2 FLAGS \(\\Flagged\) MODSEQ \(\d+\)\)$/);
  const strange = await peer.does(`SELECT INBOX (QRESYNC (${Number(validity) + 1} ${modSeq}))`);
  assert.equal(
    strange.some((line) => line.includes('VANISHED') || line.includes('FETCH')),
    false,
  );
});
