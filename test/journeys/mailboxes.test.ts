/** Mailboxes in the whole program: mail comes in by SMTP, lies in an account, and is there once, whatever dies meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pop3Peer } from '#/testkit/index.ts';
import { eventually, Holdfast, kill } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { pidOf } from '../support/steward-kit.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    quota: 100MB
    users:
      - { address: alice@acme.test, password: "correct horse", aliases: [a.archer@acme.test] }
      - { address: bob@acme.test, password: "battery staple" }
    groups: [{ name: all, address: all@acme.test, members: [alice@acme.test, bob@acme.test] }]
`;
const PASSWORDS = { alice: 'correct horse', bob: 'battery staple' } as const;
type Who = keyof typeof PASSWORDS;

function start() {
  return Holdfast.start({ mailboxes: true, resources: RESOURCES });
}

/** Sends one mail from the world; its number is in the subject. */
async function send(holdfast: Holdfast, id: string, to: string): Promise<void> {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.1', 30_000);
  assert.ok(client, 'nobody greets');
  const answer = await client.send({ id, from: 'x@world.test', to: [to], bodyBytes: 500 });
  client.close();
  assert.ok(answer.queueId, `not accepted: ${answer.reply}`);
}

/** What somebody finds by POP3, in order: the numbers of the mails. */
async function found(holdfast: Holdfast, who: Who): Promise<readonly string[]> {
  using peer = await Pop3Peer.connect(holdfast.ports.pop3s, { tls: true });
  await peer.hears('+OK');
  await peer.asks(`USER ${who}@acme.test`, '+OK');
  await peer.asks(`PASS ${PASSWORDS[who]}`, '+OK');
  const count = Number(/^\+OK (\d+)/.exec(await peer.asks('STAT', '+OK'))?.[1]);
  const ids: string[] = [];
  for (let n = 1; n <= count; n++) ids.push(/^X-Test-Id: (.*)$/im.exec(await peer.gets(`TOP ${n} 0`))?.[1] ?? '');
  await peer.asks('QUIT', '+OK');
  return ids;
}

async function deleteAll(holdfast: Holdfast, who: Who): Promise<void> {
  using peer = await Pop3Peer.connect(holdfast.ports.pop3s, { tls: true });
  await peer.hears('+OK');
  await peer.asks(`USER ${who}@acme.test`, '+OK');
  await peer.asks(`PASS ${PASSWORDS[who]}`, '+OK');
  const count = Number(/^\+OK (\d+)/.exec(await peer.asks('STAT', '+OK'))?.[1]);
  for (let n = 1; n <= count; n++) await peer.asks(`DELE ${n}`, '+OK');
  await peer.asks('QUIT', '+OK');
}

async function arrived(holdfast: Holdfast, who: Who, count: number): Promise<readonly string[]> {
  await eventually(`${who} has ${count} mails`, async () => (await found(holdfast, who)).length >= count);
  return found(holdfast, who);
}

/** Applies a quota and waits until the process of the mailboxes knows. */
async function quota(holdfast: Holdfast, text: string, bytes: number): Promise<void> {
  const applied = await holdfast.cli(
    'apply',
    '-f',
    await holdfast.write('quota.yaml', RESOURCES.replace('100MB', text)),
  );
  assert.equal(applied.code, 0, applied.stderr);
  await eventually('the quota is known', async () => {
    const accounts = await holdfast.json<{ quotaBytes: number }[]>('mailbox', 'list');
    return accounts.every(({ quotaBytes }) => quotaBytes === bytes);
  });
}

/** What the door says to one recipient. */
async function rcpt(holdfast: Holdfast, to: string): Promise<string> {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.1', 30_000);
  await client?.say('MAIL FROM:<x@world.test>');
  const reply = await client?.say(`RCPT TO:<${to}>`);
  client?.close();
  return reply ?? '';
}

async function assertBalanced(holdfast: Holdfast, delivered: number): Promise<void> {
  const audit = await holdfast.json<{ balanced: boolean; orphans: unknown[]; tenants: { delivered: number }[] }>(
    'audit',
    '--full',
  );
  assert.deepEqual([audit.balanced, audit.orphans, audit.tenants[0]?.delivered], [true, [], delivered]);
}

test('O1: mail to a user, an alias, a detail and a group is in the mailboxes of those it reaches, and their delivery is in the books', async () => {
  await using holdfast = await start();
  for (const [id, to] of [
    ['m1', 'alice@acme.test'],
    ['m2', 'A.Archer@acme.test'],
    ['m3', 'alice+news@acme.test'],
    ['m4', 'all@acme.test'],
  ] as const)
    await send(holdfast, id, to);
  assert.deepEqual([...(await arrived(holdfast, 'alice', 4))].sort(), ['m1', 'm2', 'm3', 'm4']);
  assert.deepEqual(await arrived(holdfast, 'bob', 1), ['m4']);
  await assertBalanced(holdfast, 5);
  const accounts = await holdfast.json<{ address: string; messages: number; quotaBytes: number }[]>('mailbox', 'list');
  assert.deepEqual(
    accounts.map(({ address, messages, quotaBytes }) => [address, messages, quotaBytes]),
    [
      ['alice@acme.test', 4, 100_000_000],
      ['bob@acme.test', 1, 100_000_000],
    ],
  );
});

test('design 1: however often the process of the mailboxes is killed while mail comes, each mail is there once', async () => {
  await using holdfast = await start();
  const sent: string[] = [];
  let over = false;
  const sending = (async () => {
    for (let n = 1; !over; n++) {
      await send(holdfast, `m${n}`, 'alice@acme.test');
      sent.push(`m${n}`);
    }
  })();
  for (let round = 0; round < 3; round++) {
    const before = sent.length;
    await eventually('mail comes', () => sent.length > before + 20);
    const pid = await pidOf(holdfast, 'mail');
    assert.ok(kill(pid));
    await eventually('it runs again', async () => ((await holdfast.pids()).get('mail') ?? pid) !== pid);
  }
  over = true;
  await sending;
  await holdfast.ready();
  const there = await arrived(holdfast, 'alice', sent.length);
  assert.deepEqual([...there].sort(), [...sent].sort());
  await eventually('the queue is empty', async () => (await holdfast.json<unknown[]>('queue', 'list')).length === 0);
  await assertBalanced(holdfast, sent.length);
});

test('O3: what was deleted comes back at one command, under legal hold it stays, and then it can be purged', async () => {
  await using holdfast = await start();
  for (let n = 1; n <= 3; n++) await send(holdfast, `m${n}`, 'alice@acme.test');
  await arrived(holdfast, 'alice', 3);
  await deleteAll(holdfast, 'alice');
  assert.deepEqual(await found(holdfast, 'alice'), []);
  const deleted = await holdfast.json<{ subject: string; mailbox: string }[]>('mailbox', 'deleted', 'alice@acme.test');
  assert.deepEqual(deleted.map(({ subject, mailbox }) => `${mailbox} ${subject}`).sort(), [
    'INBOX Test m1',
    'INBOX Test m2',
    'INBOX Test m3',
  ]);
  assert.deepEqual(await holdfast.json('mailbox', 'recover', 'alice@acme.test', '--since', '1h'), { messages: 3 });
  assert.deepEqual([...(await found(holdfast, 'alice'))].sort(), ['m1', 'm2', 'm3']);
  await deleteAll(holdfast, 'alice');
  await holdfast.cli('mailbox', 'hold', 'on', 'alice@acme.test', '--reason', 'case 4711');
  assert.equal((await holdfast.cli('mailbox', 'purge', 'alice@acme.test', '--now')).code, 1);
  await holdfast.cli('mailbox', 'hold', 'off', 'alice@acme.test');
  assert.deepEqual(await holdfast.json('mailbox', 'purge', 'alice@acme.test', '--now'), { messages: 3 });
  assert.equal((await holdfast.cli('mailbox', 'recover', 'alice@acme.test')).code, 1);
  assert.equal((await holdfast.cli('mailbox', 'recover', 'nobody@acme.test')).code, 1);
  const log = await holdfast.cli('mailbox', 'purging');
  assert.equal(log.code, 0);
});

test('O6: a full mailbox lets mail wait with a reason that its sender’s administrator understands, and it goes on when there is room', async () => {
  await using holdfast = await start();
  await quota(holdfast, '1kB', 1_000);
  await send(holdfast, 'm1', 'bob@acme.test');
  await arrived(holdfast, 'bob', 1);
  // To the group: bob alone could be known to be full by now.
  await send(holdfast, 'm2', 'all@acme.test');
  const waiting = async () => holdfast.json<{ recipients: { lastReply: string | null }[] }[]>('queue', 'list');
  await eventually('it waits', async () => (await waiting())[0]?.recipients[0]?.lastReply?.includes('4.2.2') === true);
  await eventually('the door says so', async () => (await rcpt(holdfast, 'bob@acme.test')).startsWith('452 4.2.2'));
  assert.match(await rcpt(holdfast, 'all@acme.test'), /^250/, 'the others of a group get their mail');
  await quota(holdfast, '100MB', 100_000_000);
  await eventually('the door takes mail again', async () => (await rcpt(holdfast, 'bob@acme.test')).startsWith('250'));
  await holdfast.cli('queue', 'retry', '--all');
  assert.deepEqual(await arrived(holdfast, 'bob', 2), ['m1', 'm2']);
});
