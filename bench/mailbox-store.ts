/**
 * The keeper of mailboxes on files by itself, without SMTP and IMAP: delivering, appending, looking, flagging, expunging.
 *
 * `npm run bench -- mailbox-store [--seconds N] [--messages N] [--threads N] [--quiet]`. A message has 4 KiB of words and comes parsed: what
 * is measured is the store, indexing included. `--messages` is the size of the mailbox that is looked at.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { MessageFacts, Part } from '#/codec/mime/index.ts';
import type { AccountKey, MailAddress, MailboxId, MailboxName, TenantId } from '#/model/index.ts';
import { newMailId, within } from '#/model/index.ts';
import type { Log, Mailboxes, Meter, NewMessage } from '#/ports/index.ts';
import { systemClock } from '#/roles/system-clock.ts';
import { openSqliteMailboxes } from '#/store/sqlite-mailbox/index.ts';
import { keep, quantile, table } from './lib/report.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '100000' },
    threads: { type: 'string', default: '2' },
    quiet: { type: 'boolean', default: false },
  },
});
const CALL_MS = 120_000;
const INBOX = 'INBOX' as MailboxName;
const ANY = { quotaBytes: null };
const log: Log = { info() {}, warn() {}, error: console.error, child: () => log };
const nothing = { add() {}, set() {}, observe() {} };
const meter: Meter = { counter: () => nothing, gauge: () => nothing, histogram: () => nothing };

let drawn = 0;
const SAMPLES = Array.from({ length: 500 }, makeSample);

const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
try {
  const rows = [...(await incoming()), ...(await onLargeMailbox())];
  const text = `### Mailboxes on files by themselves\n\n${table(['work', 'figure', 'p50 ms', 'p99 ms'], rows)}\n\nWithout SMTP, IMAP and parsing; ${values.threads} store threads; 4 KiB of words a message, indexed.`;
  console.log(text);
  if (!values.quiet) keep('mailbox-store', text);
} finally {
  await rm(folder, { recursive: true });
}

async function opened(): Promise<Mailboxes> {
  const settings = { folder: join(folder, 'mailboxes'), threads: Number(values.threads) };
  return openSqliteMailboxes(settings, { clock: systemClock, log, meter });
}

async function incoming(): Promise<string[][]> {
  await using mailboxes = await opened();
  const deliver = async (account: AccountKey): Promise<void> => {
    const key = { message: newMailId(Date.now()), recipient: 1 };
    await mailboxes.deliver(account, { key, mail: sample(), into: INBOX, limits: ANY }, within(CALL_MS));
  };
  const [one] = people('one', 1);
  const inbox = one === undefined ? null : await mailboxes.find(one, INBOX, within(CALL_MS));
  const append = async (account: AccountKey): Promise<void> => {
    await mailboxes.append(account, (inbox?.id ?? '') as MailboxId, [sample()], ANY, within(CALL_MS));
  };
  return [
    ['deliver, 20 callers, 1 account', ...(await pressed(people('one', 1), 20, deliver))],
    ['deliver, 20 callers, 4 accounts', ...(await pressed(people('four', 4), 20, deliver))],
    ['append, 8 callers, 1 account', ...(await pressed(people('one', 1), 8, append))],
  ];
}

/** Callers that work one after the other for the time given: how many a second, and how long each took. */
async function pressed(
  accounts: readonly AccountKey[],
  callers: number,
  work: (account: AccountKey) => Promise<void>,
): Promise<string[]> {
  const took: number[] = [];
  const began = performance.now();
  const endsAt = began + Number(values.seconds) * 1_000;
  const caller = async (i: number): Promise<void> => {
    while (performance.now() < endsAt) {
      const begin = performance.now();
      await work(accounts[i % accounts.length] as AccountKey);
      took.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, i) => caller(i)));
  const perSecond = took.length / ((performance.now() - began) / 1_000);
  return [`${perSecond.toFixed(0)}/s`, quantile(took, 0.5).toFixed(1), quantile(took, 0.99).toFixed(1)];
}

async function onLargeMailbox(): Promise<string[][]> {
  const [account] = people('large', 1) as [AccountKey];
  const count = Number(values.messages);
  const rows: string[][] = [];
  const timed = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
    const begin = performance.now();
    const output = await work();
    rows.push([title, `${(performance.now() - begin).toFixed(1)} ms`, '', '']);
    return output;
  };
  await using filled = await opened();
  const inbox = await filled.find(account, INBOX, within(CALL_MS));
  const id = (inbox?.id ?? '') as MailboxId;
  const mails = Array.from({ length: 100 }, sample);
  for (let i = 0; i < count; i += mails.length) await filled.append(account, id, mails, ANY, within(CALL_MS));
  await filled[Symbol.asyncDispose]();
  await using mailboxes = await opened();
  const view = await timed(`view of ${count}, cold`, () => mailboxes.view(account, id, within(CALL_MS)));
  await timed(`view of ${count}, warm`, () => mailboxes.view(account, id, within(CALL_MS)));
  const uids = Array.from(view?.uids ?? []);
  for (const title of ['heads of 10,000, first', 'heads of 10,000, again'])
    await timed(title, async () => {
      for (let i = 0; i < 10_000; i += 1_000)
        await mailboxes.rows(account, id, uids.slice(i, i + 1_000), { facts: false, head: true }, within(CALL_MS));
    });
  await timed('facts of 10,000', async () => {
    for (let i = 0; i < 10_000; i += 1_000)
      await mailboxes.rows(account, id, uids.slice(i, i + 1_000), { facts: true, head: false }, within(CALL_MS));
  });
  await timed('a word that many hold', () => mailboxes.holding(account, id, ['ab'], 'text', within(CALL_MS)));
  const half = uids.slice(0, uids.length / 2);
  const change = { how: 'add', flags: ['\\Deleted'], unchangedSince: null } as const;
  await timed(`\\Deleted on ${half.length}`, () => mailboxes.flag(account, id, half, change, within(CALL_MS)));
  await timed(`expunge of ${half.length}`, () => mailboxes.expunge(account, id, null, false, within(CALL_MS)));
  const steps: number[] = [];
  await timed('purge of 5,000 in steps of 100', async () => {
    for (let i = 0; i < 50; i++) {
      const begin = performance.now();
      await mailboxes.purge(account, Date.now() + 1, 100, within(CALL_MS));
      steps.push(performance.now() - begin);
    }
  });
  rows.push(['a step of it', '', quantile(steps, 0.5).toFixed(1), quantile(steps, 0.99).toFixed(1)]);
  return rows;
}

function people(name: string, count: number): AccountKey[] {
  return Array.from({ length: count }, (_, i) => ({
    tenant: 'acme' as TenantId,
    address: `${name}${i}@acme.test` as MailAddress,
  }));
}

/** Words as they come in text: few often, many seldom. */
function words(count: number): string[] {
  return Array.from({ length: count }, () => Math.floor(Math.random() ** 4 * 20_000).toString(26));
}

/** One of some hundreds, under a Message-ID of its own: making each anew would cost more than storing it. */
function sample(): NewMessage {
  const mail = SAMPLES[++drawn % SAMPLES.length] as NewMessage;
  return { ...mail, facts: { ...mail.facts, messageId: `${drawn}@bench.test` } };
}

function makeSample(): NewMessage {
  const body = words(1_000);
  const subject = words(6).join(' ');
  const head = `From: Alice <alice@acme.test>\r\nTo: bob@acme.test\r\nSubject: ${subject}\r\n${'X-Trace: 0123456789abcdef\r\n'.repeat(20)}\r\n`;
  const text = body.join(' ').slice(0, 4_096 - head.length);
  const alice = { name: 'Alice', mailbox: 'alice', host: 'acme.test' };
  const structure: Part = {
    type: 'text',
    subtype: 'plain',
    parameters: [['charset', 'utf-8']],
    id: null,
    description: null,
    encoding: '7bit',
    md5: null,
    disposition: null,
    language: [],
    location: null,
    head: 0,
    body: head.length,
    end: head.length + text.length,
    lines: 1,
    parts: [],
    message: null,
  };
  const messageId = `${Math.random()}@acme.test`;
  const facts: MessageFacts = {
    envelope: {
      date: null,
      subject,
      from: [alice],
      sender: [alice],
      replyTo: [alice],
      to: [{ name: null, mailbox: 'bob', host: 'acme.test' }],
      cc: [],
      bcc: [],
      inReplyTo: null,
      messageId,
    },
    structure,
    subject,
    from: 'Alice',
    sentAt: null,
    references: [],
    messageId,
    preview: text.slice(0, 200),
    hasAttachment: false,
    headTerms: [...subject.split(' '), 'alice', 'acme', 'test', 'bob'],
    bodyTerms: text.split(' '),
  };
  return { content: Buffer.from(head + text), facts, flags: [], receivedAt: Date.now(), uidl: null };
}
