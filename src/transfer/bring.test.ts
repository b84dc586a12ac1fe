/** Files into an account in memory: what comes, under which names, once. */
import assert from 'node:assert/strict';
import { mkdir, mkdtempDisposable, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DEFAULT_UIDL_FORMAT, parseUidlFormat } from '#/codec/mail-files/index.ts';
import { Fault, type MailboxName, within } from '#/model/index.ts';
import type { Mailboxes } from '#/ports/index.ts';
import { ACCOUNT, MailboxFixture } from '#/testkit/index.ts';
import { bring } from './bring.ts';
import { Ledger } from './ledger.ts';
import { type Format, openFilesSource } from './open-source.ts';
import { SourceTrouble } from './source.ts';

const uidlFormat = parseUidlFormat(DEFAULT_UIDL_FORMAT) ?? assert.fail();
const AT = new Date('2026-11-01T12:00:00Z');

function mail(n: number | string): string {
  return `From: x@world.test\nSubject: ${n}\n\nText ${n}\n`;
}

interface Run {
  readonly format?: Format;
  readonly into?: string;
  readonly again?: string;
  readonly dryRun?: boolean;
  readonly quotaBytes?: number;
  readonly messageBytesMax?: number;
  readonly mailboxes?: Partial<Mailboxes>;
}

/** Files in a folder of their own, and Alice's account in memory. */
async function withFiles(files: Readonly<Record<string, string | Buffer>>) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-bring-'));
  const put = async (name: string, content: string | Buffer): Promise<void> => {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), content);
    await utimes(join(folder.path, name), AT, AT);
  };
  for (const [name, content] of Object.entries(files)) await put(name, content);
  const fixture = new MailboxFixture();
  const run = async ({
    format,
    into,
    again,
    dryRun = false,
    quotaBytes,
    messageBytesMax = 1_000_000,
    ...more
  }: Run = {}) => {
    const ledger = new Ledger();
    const path = folder.path;
    const { source } = await openFilesSource({ path, format: format ?? null, messageBytesMax, uidlFormat });
    const outcome = await bring(
      {
        account: ACCOUNT,
        quotaBytes: quotaBytes ?? null,
        messageBytesMax,
        into: (into as MailboxName | undefined) ?? null,
        again: again ?? null,
        dryRun,
        signal: new AbortController().signal,
      },
      {
        source,
        mailboxes: { ...fixture.mailboxes, ...more.mailboxes },
        ledger,
        clock: { now: () => fixture.clock.now(), sleep: async () => {} },
        onProgress: () => {},
      },
    );
    const sum = (of: 'imported' | 'there' | 'refused') => ledger.rows.reduce((all, row) => all + row[of], 0);
    return { outcome, ledger, counts: [sum('imported'), sum('there'), sum('refused')] };
  };
  return {
    mailboxes: fixture.mailboxes,
    run,
    put,
    path: folder.path,
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

type There = Awaited<ReturnType<typeof withFiles>>;

async function rowsOf({ mailboxes }: There, name = 'INBOX') {
  const mailbox = await mailboxes.find(ACCOUNT, name as MailboxName, within(9_000));
  assert.ok(mailbox, `there is no ${name}`);
  const view = await mailboxes.view(ACCOUNT, mailbox.id, within(9_000));
  const uids = [...(view?.uids ?? [])];
  return mailboxes.rows(ACCOUNT, mailbox.id, uids, { facts: true, head: false }, within(9_000));
}

async function subjects(it: There, name?: string): Promise<readonly string[]> {
  return (await rowsOf(it, name)).map(({ facts }) => facts?.subject ?? '');
}

const MAILDIR = {
  'cur/1.a,S=10:2,S': mail(1),
  'cur/2.b:2,FRa': mail(2),
  'new/3.c': mail(3),
  'tmp/4.d': mail('half'),
  'dovecot-uidlist': '3 V7 N20\n9 :3.c\n11 Pkept-elsewhere :1.a,S=10\n12 :2.b\n',
  'dovecot-keywords': '0 $Work\n',
  subscriptions: 'V\t2\n\nSent Items\n',
  '.Sent Items/cur/5.e:2,S': mail('sent'),
  '.Sent Items.2025/cur/6.f:2,': mail('sent 2025'),
  '.&kAFP4W4IMH8-/cur/7.g:2,': mail('second sent'),
  '.Work.a\\2eb/new/8.h': mail('dot'),
  '.Empty/cur/.keep': '',
};

test('O1: a Maildir comes with folders, flags, keywords, dates and octets as its server gave them', async () => {
  await using it = await withFiles(MAILDIR);
  const { outcome, counts } = await it.run();
  assert.deepEqual([outcome, counts], ['done', [7, 0, 0]]);
  const rows = await rowsOf(it);
  assert.deepEqual(
    rows.map(({ facts, flags, receivedAt, size }) => [facts?.subject, flags, receivedAt, size]),
    [
      ['3', [], AT.getTime(), 42],
      ['1', ['\\Seen'], AT.getTime(), 42],
      ['2', ['\\Flagged', '\\Answered', '$Work'], AT.getTime(), 42],
    ],
  );
  const [first] = rows;
  assert.ok(first);
  const octets = await it.mailboxes.octets(ACCOUNT, first.emailId, 0, 999, within(9_000));
  assert.equal(Buffer.from(octets).toString(), mail(3).replaceAll('\n', '\r\n'));
});

test('RFC 1939 §7: what a POP3 client has loaded from Dovecot it does not load again', async () => {
  await using it = await withFiles(MAILDIR);
  await it.run();
  const { messages } = await it.mailboxes.maildrop(ACCOUNT, within(9_000));
  assert.deepEqual(
    messages.map(({ uidl }) => uidl),
    ['0000000900000007', 'kept-elsewhere', '0000000c00000007'],
  );
});

test('RFC 6154 §2: Sent and its like become ours, with what is below; a second one keeps its name', async () => {
  await using it = await withFiles(MAILDIR);
  await it.run();
  assert.deepEqual(await subjects(it, 'Sent'), ['sent']);
  assert.deepEqual(await subjects(it, 'Sent/2025'), ['sent 2025']);
  assert.deepEqual(await subjects(it, '送信済み'), ['second sent']);
  assert.deepEqual(await subjects(it, 'Work/a.b'), ['dot']);
  assert.deepEqual(await subjects(it, 'Empty'), []);
  const subscribed = await it.mailboxes.subscriptions(ACCOUNT, within(9_000));
  assert.ok(!subscribed.includes('Empty' as MailboxName), 'subscriptions came from the source');
});

test('O1: a second run brings only what is new, whatever became of the rest', async () => {
  await using it = await withFiles(MAILDIR);
  await it.run();
  const inbox = await it.mailboxes.find(ACCOUNT, 'INBOX' as MailboxName, within(9_000));
  await it.mailboxes.expunge(ACCOUNT, inbox?.id ?? assert.fail(), null, true, within(9_000));
  await it.put('new/9.i', mail(9));
  assert.deepEqual((await it.run()).counts, [1, 7, 0]);
  assert.deepEqual(await subjects(it), ['9']);
  assert.deepEqual((await it.run({ again: 'x', dryRun: true })).counts, [8, 0, 0]);
  assert.deepEqual((await it.run({ again: 'x' })).counts, [8, 0, 0]);
  assert.deepEqual((await it.run({ again: 'x' })).counts, [0, 8, 0]);
  assert.deepEqual(await subjects(it, 'INBOX'), ['9', '3', '1', '2', '9']);
});

test('O1: what is brought below a folder stands there', async () => {
  await using it = await withFiles(MAILDIR);
  await it.run({ into: 'Old/Mail' });
  assert.deepEqual(await subjects(it, 'Old/Mail'), ['3', '1', '2']);
  assert.deepEqual(await subjects(it, 'Old/Mail/Sent Items/2025'), ['sent 2025']);
  assert.deepEqual(await subjects(it), []);
});

test('O1: one bad message is named, and the others come', async () => {
  await using it = await withFiles({
    'cur/1.a:2,': mail(1),
    'cur/2.b:2,': 'x'.repeat(5_000),
    'cur/3.c:2,': Buffer.from('CRYPTED\x01\x02'),
    'cur/4.d:2,': gzipSync(mail(4)),
    'cur/5.e:2,': gzipSync(Buffer.alloc(100_000)),
  });
  const { ledger, counts } = await it.run({ messageBytesMax: 2_000 });
  assert.deepEqual(counts, [2, 0, 3]);
  assert.deepEqual(
    ledger.refusals.map(({ message, why }) => `${message} ${why.slice(0, 22)}`),
    [
      '2.b:2, It has 5000 octets; 20',
      '3.c:2, The file is encrypted:',
      '5.e:2, The file can’t be unpa'.replace('’', "'"),
    ],
  );
  assert.deepEqual(await subjects(it), ['1', '4']);
});

test('M1: a link in a Maildir leads nowhere', async () => {
  await using it = await withFiles({ 'cur/1.a:2,': mail(1), secret: 'not for Alice' });
  await symlink(join(it.path, 'secret'), join(it.path, 'cur/2.b:2,'));
  await symlink(join(it.path, 'cur'), join(it.path, '.Linked'));
  const { counts } = await it.run();
  assert.deepEqual(counts, [1, 0, 0]);
});

test('O1: over quota it stops, and goes on when there is room', async () => {
  await using it = await withFiles(Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`cur/${n}.x:2,`, mail(n)])));
  const first = await it.run({ quotaBytes: 200 });
  assert.deepEqual([first.outcome, first.counts[0]], ['full', 4]);
  const second = await it.run();
  assert.deepEqual([second.outcome, second.counts], ['done', [5, 4, 0]]);
});

test('B3: while the mailboxes are away it waits, and what a lost answer had brought is there once', async () => {
  await using it = await withFiles(MAILDIR);
  let calls = 0;
  const deliver: Mailboxes['deliver'] = async (...args) => {
    const answer = await it.mailboxes.deliver(...args);
    calls += 1;
    if (calls % 2 === 1) throw new Fault('server.unreachable');
    return answer;
  };
  assert.deepEqual((await it.run({ mailboxes: { deliver } })).counts, [7, 0, 0]);
  assert.deepEqual(await subjects(it), ['3', '1', '2'], 'in the order of the source');
  const refused: Mailboxes['deliver'] = async () => {
    throw new Fault('call.refused');
  };
  assert.deepEqual((await it.run({ again: 'x', mailboxes: { deliver: refused } })).counts, [0, 0, 7]);
  const broken: Mailboxes['deliver'] = async () => {
    throw new Fault('store.failed');
  };
  await assert.rejects(it.run({ again: 'y', mailboxes: { deliver: broken } }), { code: 'store.failed' });
});

test('O1: mail comes in the order of its source, also while the mailboxes come and go', async () => {
  const names = Array.from({ length: 80 }, (_, n) => String(n).padStart(2, '0'));
  await using it = await withFiles(Object.fromEntries(names.map((name) => [`cur/${name}.x:2,`, mail(name)])));
  let calls = 0;
  const deliver: Mailboxes['deliver'] = async (...args) => {
    calls += 1;
    const isAway = (calls > 20 && calls < 45) || (calls > 60 && calls < 63);
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (isAway) throw new Fault('server.unreachable');
    return await it.mailboxes.deliver(...args);
  };
  assert.deepEqual((await it.run({ mailboxes: { deliver } })).counts, [80, 0, 0]);
  assert.deepEqual(await subjects(it), names);
});

const FROM = 'From x Sun Nov  1 12:00:00 2026\n';

test('O1: a tree of mbox files comes, messages that are equal each for itself, and a file that grew brings what is new', async () => {
  const twice = `${FROM}${mail(1)}\n`;
  await using it = await withFiles({
    Inbox: `${twice}${twice}${FROM}Status: RO\n${mail(2)}\n`,
    'Work.mbox': `${FROM}${mail('work')}\n`,
    'Work.sbd/2026': `${FROM}${mail('below')}\n`,
    'Inbox.msf': '// no mail',
  });
  assert.deepEqual((await it.run()).counts, [5, 0, 0]);
  assert.deepEqual(await subjects(it), ['1', '1', '2']);
  assert.deepEqual(await subjects(it, 'Work/2026'), ['below']);
  await it.put('Inbox', `${twice}${FROM}Status: O\n${mail(2)}\n${twice}${twice}`);
  assert.deepEqual((await it.run()).counts, [1, 5, 0]);
});

test('O1: .eml files come from folders', async () => {
  await using it = await withFiles({
    'a.eml': mail('a'),
    'Projects/b.EML': mail('b').replaceAll('\n', '\r\n'),
    'Projects/c.txt': 'no mail',
  });
  assert.deepEqual((await it.run()).counts, [2, 0, 0]);
  assert.deepEqual(await subjects(it, 'Projects'), ['b']);
});

test('O1: where there is no mail that can be read, it says so', async () => {
  await using it = await withFiles({ 'x.txt': 'x' });
  await assert.rejects(it.run(), SourceTrouble);
  await assert.rejects(
    it.run({ format: 'mbox', messageBytesMax: 1 }).then(({ counts }) => assert.notDeepEqual(counts, [0, 0, 0])),
  );
});
