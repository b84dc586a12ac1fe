/** Out into files, and in again: nothing is lost on the way. */
import assert from 'node:assert/strict';
import { mkdir, mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_UIDL_FORMAT, parseUidlFormat } from '#/codec/mail-files/index.ts';
import { readMessage } from '#/codec/mime/index.ts';
import { type AccountKey, Fault, type MailAddress, type MailboxName, type MailId, within } from '#/model/index.ts';
import type { Mailboxes } from '#/ports/index.ts';
import { openMemoryMailboxes } from '#/store/memory/index.ts';
import { ACCOUNT, FakeClock } from '#/testkit/index.ts';
import { bring } from './bring.ts';
import { Ledger } from './ledger.ts';
import { FORMATS, type Format, openFilesSource } from './open-source.ts';
import { SinkTrouble } from './sink.ts';
import { take } from './take.ts';

const uidlFormat = parseUidlFormat(DEFAULT_UIDL_FORMAT) ?? assert.fail();
const signal = new AbortController().signal;
const BOB: AccountKey = { ...ACCOUNT, address: 'bob@acme.test' as MailAddress };
const soon = () => within(30_000);
const clock = { now: () => 0, sleep: async () => {} };
const NAMES = ['INBOX', 'Sent', 'Work', 'Work/2026', '送信済み', '..', 'a.b/c.eml', 'x%2Ey', '.holdfast-export.jsonl'];

interface Letter {
  readonly mailbox: string;
  readonly content: Buffer;
  readonly flags: readonly string[];
  readonly receivedAt: number;
}

const lines = [
  'From x Mon Nov 30 10:31:21 2026',
  'From ',
  '>From me',
  'Status: RO',
  'Subject: x',
  '',
  '.',
  'a\rb',
  'é',
];
const letters = fc.record(
  {
    mailbox: fc.constantFrom(...NAMES),
    content: fc
      .array(fc.tuple(fc.constantFrom(...lines), fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '')), {
        minLength: 1,
        maxLength: 8,
      })
      .map((all) => Buffer.from(all.flat().join('')))
      .filter(({ length }) => length > 0),
    flags: fc.subarray(['\\Seen', '\\Deleted', '\\Flagged', '\\Answered', '\\Draft', '$Forwarded', 'Project-X']),
    receivedAt: fc.integer({ min: 1_000_000_000_000, max: 1_900_000_000_000 }),
  },
  { noNullPrototype: true },
);

async function accountWith(all: readonly Letter[]): Promise<Mailboxes> {
  const mailboxes = openMemoryMailboxes({ clock: new FakeClock() });
  for (const name of NAMES) await mailboxes.create(ACCOUNT, name as MailboxName, null, soon());
  for (const [n, { mailbox, content, flags, receivedAt }] of all.entries()) {
    const mail = { content, facts: readMessage(content), flags, receivedAt, uidl: n % 2 === 0 ? `old-${n}` : null };
    const key = { message: `LETTER${n}` as MailId, recipient: 1 };
    const delivery = { key, mail, into: mailbox as MailboxName, limits: { quotaBytes: null } };
    await mailboxes.deliver(ACCOUNT, delivery, soon());
  }
  return mailboxes;
}

/** All of an account that must stay. */
async function everything(mailboxes: Mailboxes, account: AccountKey) {
  const found = new Map<string, unknown>();
  for (const { name, id } of await mailboxes.list(account, soon())) {
    const view = await mailboxes.view(account, id, soon());
    const rows = await mailboxes.rows(account, id, [...(view?.uids ?? [])], { facts: false, head: false }, soon());
    const mails = rows.map(async ({ emailId, flags, receivedAt, size }) => {
      const content = Buffer.from(await mailboxes.octets(account, emailId, 0, size, soon())).toString('latin1');
      return { content, flags: [...flags].sort(), receivedAt };
    });
    found.set(name, await Promise.all(mails));
  }
  const { messages } = await mailboxes.maildrop(account, soon());
  return { found, uidls: messages.map(({ uidl }) => uidl), subscribed: await mailboxes.subscriptions(account, soon()) };
}

function takeOut(mailboxes: Mailboxes, to: string, format: Format, mailbox: string | null = null) {
  const parts = { mailboxes, clock, onProgress: () => {} };
  return take({ account: ACCOUNT, to, format, mailbox: mailbox as MailboxName | null, signal }, parts);
}

async function bringIn(mailboxes: Mailboxes, path: string, format: Format): Promise<Ledger> {
  const ledger = new Ledger();
  const { source } = await openFilesSource({ path, format, messageBytesMax: 1_000_000, uidlFormat });
  const limits = { quotaBytes: null, messageBytesMax: 1_000_000 };
  const options = { account: BOB, ...limits, into: null, again: null, dryRun: false, signal };
  const outcome = await bring(options, { source, mailboxes, ledger, clock, onProgress: () => {} });
  assert.equal(outcome, 'done');
  return ledger;
}

for (const format of FORMATS) {
  test(`O1: what is exported as ${format} and imported is as it was: octets, flags, dates, UIDLs, mailboxes`, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-take-'));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(letters, { maxLength: 12 }), async (all) => {
        const mailboxes = await accountWith(all);
        const to = join(folder.path, `export-${++run}`);
        await takeOut(mailboxes, to, format);
        const ledger = await bringIn(mailboxes, to, format);
        assert.deepEqual(ledger.refusals, []);
        const [wanted, found] = [await everything(mailboxes, ACCOUNT), await everything(mailboxes, BOB)];
        assert.deepEqual(found.found, wanted.found);
        // UIDLs of one account may be ids of its messages, which those of another account take over as they are.
        assert.deepEqual(found.uidls, wanted.uidls);
        if (format === 'maildir') assert.deepEqual(found.subscribed, wanted.subscribed);
      }),
      { numRuns: 15 },
    );
    assert.deepEqual(
      (await readdir(folder.path)).filter((name) => name.endsWith('.unfinished')),
      [],
    );
  });
}

const LETTER: Letter = {
  mailbox: 'Work',
  content: Buffer.from('Subject: x\r\n\r\nhi\r\n'),
  flags: ['\\Seen'],
  receivedAt: 1e12,
};

test('O1: one mailbox alone is one file of mbox, or one folder', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-take-'));
  const mailboxes = await accountWith([LETTER]);
  await takeOut(mailboxes, join(folder.path, 'work.mbox'), 'mbox', 'Work');
  assert.match(await readFile(join(folder.path, 'work.mbox'), 'latin1'), /^From MAILER-DAEMON .*\nX-Holdfast-Export: /);
  await takeOut(mailboxes, join(folder.path, 'work'), 'eml', 'Work');
  assert.deepEqual(await readFile(join(folder.path, 'work', '0000000001.eml')), LETTER.content);
  await assert.rejects(takeOut(mailboxes, join(folder.path, 'x'), 'eml', 'Nowhere'), SinkTrouble);
});

test('O1: an export is whole or has not its name, and writes over nothing', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-take-'));
  const mailboxes = await accountWith([LETTER, LETTER, LETTER]);
  const to = join(folder.path, 'export');
  let read = 0;
  const octets: Mailboxes['octets'] = async (...args) => {
    read += 1;
    if (read === 3) throw new Fault('body.missing');
    return await mailboxes.octets(...args);
  };
  await assert.rejects(takeOut({ ...mailboxes, octets }, to, 'eml'), { code: 'body.missing' });
  assert.deepEqual(await readdir(folder.path), []);
  const short: Mailboxes['octets'] = async () => Buffer.alloc(0);
  await assert.rejects(takeOut({ ...mailboxes, octets: short }, to, 'eml'));
  await writeFile(to, 'mine');
  await assert.rejects(takeOut(mailboxes, to, 'eml'), SinkTrouble);
  assert.equal(await readFile(to, 'utf8'), 'mine');
  await mkdir(`${to}-2.unfinished`);
  await assert.rejects(takeOut(mailboxes, `${to}-2`, 'eml'), /ended early/);
});

test('O1: more keywords than a Maildir has letters for are an error, and no loss', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'holdfast-take-'));
  const many = Array.from({ length: 27 }, (_, n) => ({ ...LETTER, flags: [`k${n}`] }));
  const mailboxes = await accountWith(many);
  await assert.rejects(takeOut(mailboxes, join(folder.path, 'a'), 'maildir'), /Export as eml or mbox/);
  await takeOut(mailboxes, join(folder.path, 'b'), 'eml');
});
