import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#/model/index.ts';
import { NOW, run } from '../fake-world.ts';
import type { TracedMail, TracedRecipient, TraceEvent } from '../shapes.ts';

const ID = '01M6Z0V6K8Q3T9XA';
const at = (before: number): string => new Date(NOW - before).toISOString();
const MINUTE = 60_000;

const recipient = (with_: Partial<TracedRecipient> = {}): TracedRecipient => ({
  address: 'bob@peer.test',
  original: null,
  direction: 'outbound',
  state: 'delivered',
  reason: '',
  attempts: 1,
  lastReply: '250 2.0.0 Ok: queued as 4B1',
  possiblyDuplicate: false,
  due: null,
  destination: 'mx:peer.test',
  ...with_,
});

const event = (kind: TraceEvent['kind'], before: number, with_: Partial<TraceEvent> = {}): TraceEvent => ({
  at: at(before),
  kind,
  stage: kind === 'accepted' ? 'accept' : 'deliver',
  recipient: kind === 'accepted' ? null : 'bob@peer.test',
  detail: kind === 'accepted' ? 'Taken into custody' : `what happened: ${kind}`,
  component: kind === 'accepted' ? 'gate' : 'deliver',
  attempt: kind === 'accepted' ? 0 : 1,
  elapsedMs: 40,
  ...with_,
});

const mail = (with_: Partial<TracedMail> = {}): TracedMail => ({
  id: ID,
  parent: null,
  tenant: 'acme',
  from: 'alice@acme.test',
  subject: 'Quotation 2026-11',
  receivedAt: at(10 * MINUTE),
  recipients: [recipient()],
  events: [event('accepted', 10 * MINUTE), event('delivered', 10 * MINUTE - 400)],
  ...with_,
});

const tracing = (...mails: TracedMail[]) => ({ operations: { 'trace.find': () => mails } });

test('H4: the first line says where a delivered mail is, since when, and what the other side said', async () => {
  const { exit, stdout } = await run(['trace', ID], tracing(mail()));
  assert.equal(exit, 0);
  assert.equal(
    stdout,
    `✓ Delivered to bob@peer.test at 14:22, 0.4 s after it came in. The other side said "250 2.0.0 Ok:
  queued as 4B1".

  Subject  Quotation 2026-11
  From     alice@acme.test
  To       bob@peer.test
  Came in  14:22
  ID       ${ID}
  Tenant   acme

  14:22:07  accept   accepted   Taken into custody                                           gate
  14:22:07  deliver  delivered  what happened: delivered                                     deliver
`,
  );
});

test('C2: a mail that was refused says what kind of refusal it is, once for all whom it concerns', async () => {
  const failure = { class: 'mailbox-full', advice: { en: 'The mailbox is full.', ja: '空きがありません。' } };
  const refused = { state: 'bounced', lastReply: '552 5.2.2 Over quota', failure } as const;
  const both = mail({ recipients: [recipient(refused), recipient({ ...refused, address: 'eve@peer.test' })] });
  const { stdout } = await run(['trace', ID], tracing(both));
  assert.equal(stdout.split('The mailbox is full.').length, 2);
  assert.ok((await run(['trace', ID, '--lang', 'ja'], tracing(both))).stdout.includes('空きがありません。'));
});

test('H4: mail that waits says why, when it is tried next, and what can be done', async () => {
  const waits = mail({
    recipients: [recipient({ state: 'deferred', lastReply: '451 4.7.1 Try later', attempts: 2, due: at(-8 * MINUTE) })],
    events: [
      event('accepted', 10 * MINUTE),
      event('deferred', 9 * MINUTE),
      event('deferred', 4 * MINUTE, { attempt: 2, elapsedMs: 3_000 }),
    ],
  });
  const { stdout } = await run(['trace', ID], tracing(waits));
  const [first = ''] = stdout.split('\n\n');
  assert.equal(
    first.replace(/\n {2}/g, ' '),
    '◔ Waits for another try to bob@peer.test since 14:28: the other side said "451 4.7.1 Try later" (2 tries). Next try at 14:40, in 8 min.',
  );
  assert.match(stdout, /┊ +5 min until the next try\n/);
  assert.match(stdout, /what happened: deferred \(try 2, took 3 s\) +deliver\n/);
  assert.match(stdout, /┊ +4 min until the next try\n {2}14:32:07 {2}now: deferred\n/);
  assert.match(stdout, new RegExp(`holdfast queue retry ${ID}`));
});

test('design 5: the time line names who handed the mail in and the server that was tried, in both languages', async () => {
  const peer = 'mx.peer.test[192.0.2.7]:25';
  const way = mail({
    events: [
      event('accepted', 10 * MINUTE, { detail: 'Taken into custody from relay scanner-3f', peer: null }),
      event('delivered', 10 * MINUTE - 400, { detail: 'The next server took it: 250 2.0.0 Ok', peer }),
    ],
  });
  const english = (await run(['trace', ID], tracing(way))).stdout.replace(/\s+/g, ' ');
  assert.match(english, /accepted Taken into custody from relay scanner-3f gate/);
  assert.match(english, /The next server took it: 250 2\.0\.0 Ok \(at deliver mx\.peer\.test\[192\.0\.2\.7\]:25\)/);
  const japanese = (await run(['trace', ID, '--lang', 'ja'], tracing(way))).stdout.replace(/\s+/g, ' ');
  assert.match(japanese, /リレー scanner-3f から gate/);
  assert.match(japanese, /250 2\.0\.0 Ok \(相手 mx\.peer\.test\[192\.0\.2\.7\]:25\)/);
});

test('H4: each recipient has a line of its own, and those that wait come first', async () => {
  const several = mail({
    recipients: [
      recipient(),
      recipient({ address: 'carol@peer.test', state: 'held', reason: 'outbound off', attempts: 0, lastReply: '' }),
      recipient({ address: 'dan@peer.test', state: 'bounced', lastReply: '550 5.1.1 No such user' }),
    ],
  });
  const { stdout } = await run(['trace', ID], tracing(several));
  const lines = stdout.split('\n');
  assert.equal(lines[0], 'Of 3 recipients: 1 delivered, 1 held, 1 refused.');
  assert.match(lines[1] ?? '', /^■ Held on its way to carol@peer\.test since 14:22 because outbound mail is off\./);
  assert.match(
    stdout,
    /✗ Refused on its way to dan@peer\.test at 14:22: the other side said "550 5\.1\.1 No such user"/,
  );
  assert.match(stdout, /\nAnd all such mail: holdfast queue release reason:"outbound off"\n/);
  assert.match(stdout, /RECIPIENT +STATE +SINCE +NEXT +TRIES +REASON OR REPLY/);
  assert.match(stdout, /bob@peer\.test: what happened: delivered/);
});

test('H4: recipients of whom the same is true share one sentence and one row of the time line', async () => {
  const names = ['bob', 'carol', 'dan', 'erin'].map((name) => `${name}@peer.test`);
  const held = (addresses: string[]): TracedMail =>
    mail({
      recipients: addresses.map((address) => recipient({ address, state: 'held', reason: 'operator', lastReply: '' })),
      events: addresses.flatMap((address) => [
        event('accepted', 10 * MINUTE, { recipient: address }),
        event('held', 10 * MINUTE, { recipient: address, detail: 'Held: operator' }),
      ]),
    });
  const two = (await run(['trace', ID], tracing(held(names.slice(0, 2))))).stdout;
  assert.match(two, /^■ Held on its way to bob@peer\.test and carol@peer\.test since 14:22 by an operator\./);
  assert.equal([...two.matchAll(/accepted {2}bob@peer\.test and carol@peer\.test: Taken into custody/g)].length, 1);
  const four = (await run(['trace', ID], tracing(held(names)))).stdout;
  assert.match(four, /^■ Held on its way to 4 recipients since/);
  assert.match(four, /held +4 recipients: operator +deliver\n/);
});

test('design 5: mail that is held until a time says that it goes on then; other held mail that it is given up', async () => {
  const due = new Date(NOW + 8 * MINUTE).toISOString();
  const held = (releaseAt: string | null): TracedMail =>
    mail({ recipients: [recipient({ state: 'held', reason: 'operator', lastReply: '', due, releaseAt })] });
  const told = async (releaseAt: string | null): Promise<string> =>
    (await run(['trace', ID], tracing(held(releaseAt)))).stdout.replace(/\s+/g, ' ');
  assert.match(await told(due), /Without a decision it goes on by itself at [\d:]+\. /);
  assert.match(await told(null), /Without a decision it is given up at [\d:]+, and the sender is told\. /);
});

test('H3: a mail that may have arrived twice says so', async () => {
  const { stdout } = await run(['trace', ID], tracing(mail({ recipients: [recipient({ possiblyDuplicate: true })] })));
  assert.match(stdout, /may have arrived\s+twice/);
});

test('contract: the state words of --lang ja and of LANG are the Japanese ones', async () => {
  const held = mail({ recipients: [recipient({ state: 'held', reason: 'operator', lastReply: '' })] });
  for (const asked of [
    { words: ['--lang', 'ja'], env: {} },
    { words: [], env: { LANG: 'ja_JP.UTF-8' } },
  ]) {
    const { stdout } = await run(['trace', ID, ...asked.words], { ...tracing(held), env: asked.env });
    assert.match(stdout, /保留しています/);
    assert.match(stdout, /運用者が保留しました/);
    assert.doesNotMatch(stdout, /Held|Taken over/);
  }
});

test('contract: trace --json is the operation’s answer, whole and parsable', async () => {
  const { stdout, stderr } = await run(['trace', ID, '--json'], tracing(mail()));
  assert.deepEqual(JSON.parse(stdout), [mail()]);
  assert.equal(stderr, '');
});

test('contract: nothing found exits 1 and is an empty list for programs', async () => {
  const people = await run(['trace', 'nobody@acme.test'], tracing());
  assert.equal(people.exit, 1);
  assert.match(people.stdout, /^No mail matches nobody@acme\.test\./);
  const programs = await run(['trace', 'nobody@acme.test', '--json'], tracing());
  assert.equal(programs.exit, 1);
  assert.equal(programs.stdout, '[]\n');
});

test('contract: words are one query, and a word with blanks keeps them', async () => {
  const { calls } = await run(['trace', 'from:alice@acme.test', 'subject:two words', 'since:2h'], tracing());
  assert.deepEqual(calls[0]?.input, { query: 'from:alice@acme.test "subject:two words" since:2h', limit: 101 });
});

// A journal as the server has it: newest first, at most so many, `until` leaves out what is not older.
function journalOf(mails: readonly TracedMail[]) {
  return ({ query, limit }: { query: string; limit: number }): TracedMail[] => {
    const until = /until:(\S+)/.exec(query)?.[1];
    return mails.filter(({ receivedAt }) => until === undefined || receivedAt < until).slice(0, limit);
  };
}

test('contract: a list longer than a page is whole, in order, and without doubles', async () => {
  const mails = Array.from({ length: 1_200 }, (_, i) => mail({ id: `${ID}-${i}`, receivedAt: at(Math.floor(i / 7)) }));
  const operations = { 'trace.find': journalOf(mails) };
  const { stdout } = await run(['trace', 'tenant:acme', '--limit', '1000000', '--json'], { operations });
  assert.deepEqual(
    (JSON.parse(stdout) as TracedMail[]).map(({ id }) => id),
    mails.map(({ id }) => id),
  );
});

test('contract: a list that was cut says so', async () => {
  const mails = Array.from({ length: 9 }, (_, i) => mail({ id: `${ID}-${i}`, receivedAt: at(i) }));
  const operations = { 'trace.find': journalOf(mails) };
  const { stdout, stderr } = await run(['trace', 'tenant:acme', '--limit', '3', '--json'], { operations });
  assert.equal((JSON.parse(stdout) as unknown[]).length, 3);
  assert.match(stderr, /There are more than these 3/);
  assert.match(
    (await run(['trace', 'tenant:acme', '--limit', '3'], { operations })).stdout,
    /The newest 3; there are more/,
  );
});

test('B3: an answer that is too large for the socket is asked for in smaller pieces', async () => {
  const mails = Array.from({ length: 40 }, (_, i) => mail({ id: `${ID}-${i}`, receivedAt: at(i) }));
  const journal = journalOf(mails);
  const operations = {
    'trace.find': (input: { query: string; limit: number }) => {
      if (input.limit > 10) throw new Fault('call.refused', 'The answer is too large.');
      return journal(input);
    },
  };
  const { stdout } = await run(['trace', 'tenant:acme', '--limit', '1000', '--json'], { operations });
  assert.equal((JSON.parse(stdout) as unknown[]).length, 40);
});
