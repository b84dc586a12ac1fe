import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImapFixture } from '#/testkit/index.ts';

const HELLO = 'From: a@x.test\nSubject: Hello\n\nHi there\n';

test('RFC 9051 §6.2.3: LOGIN, LIST, SELECT, FETCH, LOGOUT', async () => {
  await using imap = await ImapFixture.start();
  await imap.put([HELLO]);
  using peer = await imap.connect();
  peer.says('a1 LOGIN alice@acme.test secret');
  await peer.hears(/^a1 OK \[CAPABILITY IMAP4rev2 IMAP4rev1 .* IDLE /);
  assert.deepEqual(await peer.does('LIST "" INBOX'), ['* LIST (\\HasNoChildren) "/" "INBOX"']);
  const told = await peer.does('SELECT INBOX');
  assert.equal(told[0], '* 1 EXISTS');
  assert.deepEqual(await peer.does('FETCH 1 (UID FLAGS BODY[TEXT])'), [
    '* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[TEXT] {10}\r\nHi there\r\n)',
  ]);
  peer.says('a9 LOGOUT');
  await peer.hears('* BYE');
  await peer.hears('a9 OK');
  await peer.hearsTheEnd();
});
