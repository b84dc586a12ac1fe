/** NeoMutt, steered by its keys on a terminal of its own: a person who reads, answers for, files and deletes mail over IMAP and POP3. */
import assert from 'node:assert/strict';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { orSkip } from '../support/or-skip.ts';
import { findPeer, type Peer } from '../support/peers.ts';
import { farMailboxes } from './far-side.ts';
import { idsIn, LETTERS } from './letters.ts';
import type { MailServer } from './mail-server.ts';
import { runClient } from './run-client.ts';
import { JOURNEY_MS, SERVERS } from './servers.ts';

for (const { name, start } of SERVERS) {
  test(`O1: NeoMutt reads, flags, files and deletes on ${name} by IMAP`, { timeout: JOURNEY_MS }, async (t) => {
    const neomutt = orSkip(t, await findPeer('neomutt'));
    if (neomutt === undefined) return;
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    for (const mail of LETTERS) await server.deliver(mail);
    const inbox = `imaps://localhost:${server.ports.imaps}/INBOX`;
    await atTheKeys(neomutt, server, inbox, [
      '<limit>~A<enter>',
      '<search>~s plain<enter><flag-message>',
      '<tag-pattern>~i japanese<enter><tag-prefix><copy-message>=Archive<enter>',
      '<untag-pattern>.<enter>',
      '<search>~i long<enter><save-message>=Trash<enter>',
      '<delete-pattern>~i empty<enter>',
      '<sync-mailbox>',
      '<search>~i dots<enter><display-message><exit>',
      '<quit>',
    ]);
    const seen = await farMailboxes(server);
    const ids = (mailbox: string): readonly string[] =>
      (seen.get(mailbox) ?? []).flatMap(({ octets }) => idsIn(octets)).sort();
    assert.deepEqual(ids('INBOX'), ['dots', 'from-line', 'japanese', 'plain']);
    assert.deepEqual(ids('Archive'), ['japanese']);
    assert.deepEqual(ids('Trash'), ['long']);
    const flags = (id: string): readonly string[] =>
      seen.get('INBOX')?.find(({ octets }) => idsIn(octets)[0] === id)?.flags ?? [];
    assert.ok(flags('plain').includes('\\Flagged'));
    assert.ok(flags('dots').includes('\\Seen'));
    assert.ok(!flags('from-line').includes('\\Seen'));
  });

  test(`O1: NeoMutt sees all mail of ${name} by POP3 and loads one whole`, { timeout: JOURNEY_MS }, async (t) => {
    const neomutt = orSkip(t, await findPeer('neomutt'));
    if (neomutt === undefined) return;
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    for (const mail of LETTERS) await server.deliver(mail);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-neomutt-'));
    const copy = join(folder.path, 'copy');
    await atTheKeys(neomutt, server, `pops://localhost:${server.ports.pop3s}/`, [
      `<tag-pattern>~A<enter><tag-prefix><copy-message>${copy}<enter>`,
      '<quit>',
    ]);
    const text = await readFile(copy, 'latin1');
    assert.deepEqual([...idsIn(text)].sort(), LETTERS.flatMap((mail) => idsIn(mail)).sort());
  });
}

async function atTheKeys(neomutt: Peer, server: MailServer, mailbox: string, keys: readonly string[]): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-neomutt-'));
  const file = join(folder.path, 'neomuttrc');
  await writeFile(file, settings(folder.path, server, keys));
  const command = [neomutt.path('neomutt'), '-n', '-F', file, '-f', mailbox].map((word) => `'${word}'`).join(' ');
  const env = { ...neomutt.env, HOME: folder.path, TERM: 'xterm', LC_ALL: 'C.UTF-8' };
  await runClient('script', ['-q', '-e', '-c', command, '/dev/null'], { env });
}

function settings(folder: string, server: MailServer, keys: readonly string[]): string {
  return `
set imap_user = "${server.user}"
set imap_pass = "${server.password}"
set pop_user = "${server.user}"
set pop_pass = "${server.password}"
set pop_delete = no
set folder = "imaps://localhost:${server.ports.imaps}"
set spool_file = "+INBOX"
set record = ""
set postponed = ""
set trash = ""
set mbox_type = mbox
set certificate_file = "${server.certificate}"
set ssl_use_system_certs = no
set header_cache = "${folder}/cache"
set confirm_append = no
set confirm_create = no
set copy = no
set delete = yes
set quit = yes
set move = no
set wait_key = no
set sleep_time = 0
set pager_stop = yes
set net_inc = 0
push "${keys.join('')}"
`;
}
