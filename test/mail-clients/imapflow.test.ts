/** imapflow, the IMAP client of many programs in JavaScript: mailboxes, mails in parts, flags by mod-sequence, IDLE and what vanishes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ExpungeEvent, ImapFlow } from 'imapflow';
import { orSkip } from '../support/or-skip.ts';
import { idsIn, LETTERS, letter } from './letters.ts';
import type { MailServer } from './mail-server.ts';
import { JOURNEY_MS, SERVERS } from './servers.ts';

const NEWS_MS = 30_000;
/** `仕事`: names outside ASCII go in modified UTF-7 or in UTF-8, as the server offers. */
const WORK = '仕事';
const WITH_PARTS = [
  'From: Alice Archer <alice@partner.test>',
  'To: Bob Baker <bob@acme.test>',
  'Subject: =?utf-8?B?5Lya6K2w?=',
  'Message-ID: <parts@partner.test>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="b"',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('会議は十時からです。').toString('base64'),
  '--b',
  'Content-Type: application/pdf; name="plan.pdf"',
  'Content-Disposition: attachment; filename="plan.pdf"',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('%PDF-1.7 no more').toString('base64'),
  '--b--',
  '',
].join('\r\n');

for (const { name, start } of SERVERS) {
  test(`O1: imapflow lists, reads, appends, flags, files and searches on ${name}, and hears what is new`, {
    timeout: JOURNEY_MS,
  }, async (t) => {
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    for (const mail of [...LETTERS, WITH_PARTS]) await server.deliver(mail);
    await inTls(server, async (client) => {
      await seesMailboxes(client);
      await reads(client);
      await changes(client);
      await hears(server, client);
    });
    await withStarttls(server, seesAgain);
    await assert.rejects(session(server, { secure: false, doSTARTTLS: true, wrong: true }, seesAgain), /failed/i);
  });
}

async function seesMailboxes(client: ImapFlow): Promise<void> {
  await client.mailboxCreate(WORK);
  const mailboxes = await client.list({ statusQuery: { messages: true, unseen: true } });
  const uses = new Map(mailboxes.map(({ path, specialUse }) => [path, specialUse]));
  for (const use of ['Archive', 'Drafts', 'Junk', 'Sent', 'Trash']) assert.equal(uses.get(use), `\\${use}`);
  assert.ok(uses.has(WORK));
  const inbox = mailboxes.find(({ path }) => path === 'INBOX');
  assert.deepEqual([inbox?.status?.messages, inbox?.status?.unseen], [LETTERS.length + 1, LETTERS.length + 1]);
}

async function reads(client: ImapFlow): Promise<void> {
  const opened = await client.mailboxOpen('INBOX');
  assert.ok((opened.highestModseq ?? 0n) > 0n, 'CONDSTORE');
  const all = await client.fetchAll('1:*', { envelope: true, source: true, size: true, internalDate: true });
  for (const [at, mail] of LETTERS.entries()) {
    const octets = all[at]?.source?.toString() ?? '';
    assert.ok(octets.endsWith(mail), `octets of ${idsIn(mail)[0]}`);
    assert.equal(all[at]?.size, all[at]?.source?.length);
  }
  assert.equal(all[2]?.envelope?.subject, '会議の資料');
  assert.equal(all[2]?.envelope?.from?.[0]?.address, 'alice@partner.test');
  const last = String(all.length);
  const parts = await client.fetchOne(last, { bodyStructure: true, headers: ['subject'], bodyParts: ['2.mime'] });
  assert.ok(parts);
  assert.deepEqual(
    parts.bodyStructure?.childNodes?.map(({ part, type }) => [part, type]),
    [
      ['1', 'text/plain'],
      ['2', 'application/pdf'],
    ],
  );
  assert.match(parts.headers?.toString() ?? '', /^Subject: =\?utf-8\?B\?/);
  const { content, meta } = await client.download(last, '2');
  assert.ok(content !== undefined);
  assert.equal(Buffer.concat(await content.toArray()).toString(), '%PDF-1.7 no more');
  assert.equal(meta?.filename, 'plan.pdf');
}

async function changes(client: ImapFlow): Promise<void> {
  const before = client.mailbox === false ? 0n : (client.mailbox?.highestModseq ?? 0n);
  assert.ok(await client.messageFlagsAdd('1', ['\\Flagged', '$Label1'], { uid: true }));
  assert.ok(await client.messageFlagsRemove('1', ['$Label1'], { uid: true }));
  const changed = await client.fetchAll('1:*', { flags: true }, { changedSince: before });
  assert.deepEqual(
    changed.map(({ uid, flags }) => [uid, [...(flags ?? [])].filter((flag) => flag !== '\\Recent')]),
    [[1, ['\\Flagged']]],
  );
  const appended = await client.append(WORK, letter('by-imapflow'), ['\\Seen'], new Date('2026-11-28T00:30:00Z'));
  assert.ok(appended);
  assert.equal(appended.uid, 1);
  const moved = await client.messageMove('2:3', WORK, { uid: true });
  assert.ok(moved);
  assert.deepEqual(
    [...(moved.uidMap ?? [])],
    [
      [2, 2],
      [3, 3],
    ],
  );
  const copied = await client.messageCopy('1', WORK, { uid: true });
  assert.ok(copied);
  assert.equal(copied.uidMap?.get(1), 4);
  assert.deepEqual(await client.search({ subject: 'Letter long' }, { uid: true }), [4]);
  assert.deepEqual(await client.search({ flagged: true }, { uid: true }), [1]);
  assert.ok(await client.messageDelete('5', { uid: true }));
  assert.deepEqual(await client.search({ all: true }, { uid: true }), [1, 4, 6, 7]);
}

/** In IDLE: a mail that comes, and one that somebody else takes away (RFC 7162 §3.2.10). */
async function hears(server: MailServer, client: ImapFlow): Promise<void> {
  const signal = AbortSignal.timeout(NEWS_MS);
  const coming = once(client, 'exists', { signal });
  const idling = client.idle();
  await server.deliver(letter('while-idle'));
  const [{ count }] = (await coming) as [{ count: number }];
  assert.equal(count, 5);
  const going = once(client, 'expunge', { signal });
  await inTls(server, async (other) => {
    await other.mailboxOpen('INBOX');
    await other.messageDelete('4', { uid: true });
  });
  const [{ vanished, uid }] = (await going) as [ExpungeEvent];
  assert.deepEqual([vanished, uid], [true, 4]);
  await client.noop();
  await idling;
}

async function seesAgain(client: ImapFlow): Promise<void> {
  const lock = await client.getMailboxLock(WORK, { readOnly: true });
  try {
    const all = await client.fetchAll('1:*', { source: true, flags: true });
    assert.deepEqual(
      all.map(({ source, flags }) => [idsIn(source?.toString() ?? '')[0], flags?.has('\\Flagged')]),
      [
        ['by-imapflow', false],
        ['dots', false],
        ['japanese', false],
        ['plain', true],
      ],
    );
  } finally {
    lock.release();
  }
  const quota = await client.getQuota('INBOX');
  if (quota !== false) assert.ok((quota.storage?.usage ?? 0) >= 0);
}

const inTls = (server: MailServer, work: (client: ImapFlow) => Promise<void>): Promise<void> =>
  session(server, { secure: true }, work);

const withStarttls = (server: MailServer, work: (client: ImapFlow) => Promise<void>): Promise<void> =>
  session(server, { secure: false, doSTARTTLS: true }, work);

async function session(
  server: MailServer,
  { secure, doSTARTTLS, wrong = false }: { secure: boolean; doSTARTTLS?: boolean; wrong?: boolean },
  work: (client: ImapFlow) => Promise<void>,
): Promise<void> {
  const client = new ImapFlow({
    host: 'localhost',
    port: secure ? server.ports.imaps : server.ports.imap,
    secure,
    ...(doSTARTTLS === undefined ? {} : { doSTARTTLS }),
    auth: { user: server.user, pass: wrong ? 'wrong' : server.password },
    tls: { ca: readFileSync(server.certificate) },
    qresync: true,
    disableAutoIdle: true,
    logger: false,
  });
  await client.connect();
  try {
    await work(client);
    await client.logout();
  } finally {
    client.close();
  }
}
