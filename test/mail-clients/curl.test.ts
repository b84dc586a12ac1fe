/** curl reads and writes mailboxes by URL, as scripts and monitors do. */
import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { orSkip } from '../support/or-skip.ts';
import { findPeer, type Peer } from '../support/peers.ts';
import { farMessages } from './far-side.ts';
import { idsIn, LETTERS, letter } from './letters.ts';
import type { MailServer } from './mail-server.ts';
import { runClient } from './run-client.ts';
import { JOURNEY_MS, SERVERS } from './servers.ts';

for (const { name, start } of SERVERS) {
  test(`O1: curl reads, searches, appends and deletes on ${name} by IMAP`, { timeout: JOURNEY_MS }, async (t) => {
    const curl = orSkip(t, await findPeer('curl'));
    if (curl === undefined) return;
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    for (const mail of LETTERS) await server.deliver(mail);
    const plain = (path: string, ...words: string[]): Promise<string> =>
      said(curl, server, ['--ssl-reqd', ...words, `imap://localhost:${server.ports.imap}/${path}`]);
    const inTls = (path: string, ...words: string[]): Promise<string> =>
      said(curl, server, [...words, `imaps://localhost:${server.ports.imaps}/${path}`]);

    assert.match(await plain(''), /^\* LIST \([^)]*\) "\/" "?INBOX"?\r?$/m);
    assert.deepEqual(idsIn(await plain('INBOX;UID=3')), ['japanese']);
    assert.equal(await inTls('INBOX;UID=1;SECTION=TEXT'), 'This is letter plain.\r\n');
    assert.match(await inTls('INBOX;MAILINDEX=2;SECTION=HEADER.FIELDS%20(SUBJECT)'), /^Subject: Letter dots/);
    assert.match(await inTls('INBOX?SUBJECT%20long'), /^\* SEARCH 4\r?$/m);
    await inTls('', '-X', 'CREATE Scripts');
    await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-curl-'));
    await writeFile(join(folder.path, 'mail'), letter('by-curl'));
    await inTls('Scripts', '--upload-file', join(folder.path, 'mail'));
    assert.deepEqual(idsIn((await farMessages(server, 'Scripts'))[0]?.octets ?? ''), ['by-curl']);
    await inTls('INBOX', '-X', 'STORE 1 +Flags \\Deleted');
    await inTls('INBOX', '-X', 'EXPUNGE');
    assert.equal((await farMessages(server, 'INBOX')).length, LETTERS.length - 1);
    await inTls('', '--login-options', 'AUTH=PLAIN', '--sasl-ir', '-X', 'NOOP');
    await assert.rejects(inTls('INBOX;UID=1'), /ended with 78/);
    await assert.rejects(
      said(curl, { ...server, password: 'wrong' }, [`imaps://localhost:${server.ports.imaps}/`]),
      /with 67/,
    );
  });

  test(`O1: curl lists, reads and deletes on ${name} by POP3`, { timeout: JOURNEY_MS }, async (t) => {
    const curl = orSkip(t, await findPeer('curl'));
    if (curl === undefined) return;
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    for (const mail of LETTERS) await server.deliver(mail);
    const plain = (path: string, ...words: string[]): Promise<string> =>
      said(curl, server, ['--ssl-reqd', ...words, `pop3://localhost:${server.ports.pop3}/${path}`]);
    const inTls = (path: string, ...words: string[]): Promise<string> =>
      said(curl, server, [...words, `pop3s://localhost:${server.ports.pop3s}/${path}`]);

    assert.equal((await plain('')).trimEnd().split('\r\n').length, LETTERS.length);
    assert.deepEqual(idsIn(await plain('2')), ['dots']);
    assert.match(await inTls('2'), /\r\n\r\n\.\r\n\.\.\r\n\.one\r\n\.\.two\r\nend\r\n$/);
    assert.equal((await inTls('', '-X', 'UIDL')).trimEnd().split('\r\n').length, LETTERS.length);
    assert.match(await inTls('', '-X', 'TOP 1 0'), /^Subject: Letter plain\r$/m);
    const listed = await inTls('', '--login-options', 'AUTH=PLAIN');
    assert.equal(listed.trimEnd().split('\r\n').length, LETTERS.length);
    await inTls('1', '-X', 'DELE', '-I');
    assert.equal((await inTls('')).trimEnd().split('\r\n').length, LETTERS.length - 1);
    await assert.rejects(inTls('99'), /ended with (8|56|78)/);
    await assert.rejects(
      said(curl, { ...server, password: 'wrong' }, [`pop3s://localhost:${server.ports.pop3s}/`]),
      /with 67/,
    );
  });
}

async function said(curl: Peer, server: MailServer, words: readonly string[]): Promise<string> {
  const always = [
    '-sS',
    '--max-time',
    '30',
    '--cacert',
    server.certificate,
    '--user',
    `${server.user}:${server.password}`,
  ];
  const { stdout } = await runClient(curl.path('curl'), [...always, ...words], { env: curl.env });
  return stdout;
}
