import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOW, run } from '../fake-world.ts';
import type { QueuedMail } from '../shapes.ts';

const ID = '01M6Z0V6K8Q3T9XA';

const queued = (n: number, state: 'queued' | 'deferred' | 'held' = 'deferred'): QueuedMail => ({
  id: `01M6Z0V6K8Q3${String(n).padStart(4, '0')}`,
  tenant: 'acme',
  from: 'alice@acme.test',
  recipients: [
    {
      address: `user${n}@peer.test`,
      state,
      due: new Date(NOW + 480_000).toISOString(),
      attempts: 3,
      lastReply: '451 4.7.1 Try later',
      reason: state === 'held' ? 'operator' : '',
    },
  ],
});

// A queue as the server has it: in order, behind `after`, at most so many.
function queueOf(mails: readonly QueuedMail[]) {
  return ({ limit, after }: { limit: number; after: string | null }): QueuedMail[] =>
    mails.filter(({ id }) => after === null || id > after).slice(0, limit);
}

test('contract: queue list shows each recipient with what happens next', async () => {
  const { exit, stdout } = await run(['queue', 'list'], {
    operations: { 'queue.list': queueOf([queued(1), queued(2, 'held')]) },
  });
  assert.equal(exit, 0);
  assert.match(stdout, /^ID +FROM +TO +STATE +NEXT +TRIES +REASON OR REPLY\n/);
  assert.match(
    stdout,
    /01M6Z0V6K8Q30001 {2}alice@acme\.test {2}user1@peer\.test {2}◔ deferred {2}14:40 +3 {2}451 4\.7\.1/,
  );
  assert.match(stdout, /■ held +14:40 +3 {2}operator/);
  assert.match(stdout, /\n2 recipients of 2 mails\.\n$/);
});

test('contract: queue list --json is the contract’s shape, in pages, and says where to go on', async () => {
  const mails = Array.from({ length: 7 }, (_, i) => queued(i + 1));
  const operations = { 'queue.list': queueOf(mails) };
  const first = await run(['queue', 'list', '--json', '--limit', '5'], { operations });
  assert.deepEqual(JSON.parse(first.stdout), mails.slice(0, 5));
  const [, after = ''] = /--after (\S+)/.exec(first.stderr) ?? [];
  const rest = await run(['queue', 'list', '--json', '--after', after], { operations });
  assert.deepEqual(JSON.parse(rest.stdout), mails.slice(5));
  assert.equal(rest.stderr, '');
});

test('contract: an empty queue is an answer, not a failure', async () => {
  const { exit, stdout } = await run(['queue', 'list'], { operations: { 'queue.list': () => [] } });
  assert.equal(exit, 0);
  assert.equal(stdout, 'Nothing waits.\n');
});

test('contract: an act on IDs is one operation each, and says what was hit', async () => {
  const operations = { 'queue.hold': () => ({ recipients: 2, messages: [ID], more: false }) };
  const { exit, stdout, calls } = await run(['queue', 'hold', ID, ID.toLowerCase(), `${ID}-2`, '--until', '4h'], {
    operations,
  });
  assert.equal(exit, 0);
  assert.equal(stdout, '4 recipients held.\n');
  assert.deepEqual(calls, [
    { name: 'queue.hold', input: { query: ID, all: false, until: '4h' } },
    { name: 'queue.hold', input: { query: `${ID}-2`, all: false, until: '4h' } },
  ]);
});

test('H4: an act on many mails says how many it will hit, and goes on until none is left', async () => {
  let rounds = 0;
  const operations = {
    'queue.list': queueOf([queued(1), queued(2), queued(3, 'held')]),
    'queue.retry': () => ({ recipients: 1, messages: [`m${++rounds}`], more: rounds < 2 }),
  };
  const { exit, stdout, stderr } = await run(['queue', 'retry', 'to:*@peer.test'], { operations });
  assert.equal(exit, 0);
  assert.match(stderr, /^Retry 2 recipients of this selection\.\n/);
  assert.equal(stdout, '2 recipients due now.\n');
});

test('contract: no act without IDs, a filter or --all', async () => {
  const bare = await run(['queue', 'drop']);
  assert.equal(bare.exit, 2);
  assert.match(bare.stderr, /IDs, a filter such as to:\*@peer\.test, or --all/);
  assert.equal((await run(['queue', 'drop', '--all', ID])).exit, 2);
  assert.deepEqual(bare.calls, []);
});

test('contract: giving up mail by filter asks once, with the number, and needs --yes where nobody can be asked', async () => {
  const operations = {
    'queue.list': queueOf([queued(1), queued(2)]),
    'queue.drop': () => ({ recipients: 2, messages: [], more: false }),
  };
  const unasked = await run(['queue', 'drop', 'to:*@peer.test'], { operations });
  assert.equal(unasked.exit, 2);
  assert.match(unasked.stderr, /drop 2 recipients for good\. Say --yes/);
  const refused = await run(['queue', 'drop', 'to:*@peer.test'], { operations, answer: 'n' });
  assert.equal(refused.exit, 1);
  assert.match(
    refused.stderr,
    /Drop 2 recipients of this selection\? This can't be undone\. \[y\/N\] Nothing was changed\./,
  );
  for (const { calls } of [unasked, refused]) assert.ok(!calls.some(({ name }) => name === 'queue.drop'));
  const meant = await run(['queue', 'drop', 'to:*@peer.test', '--yes', '--reason', 'spam'], { operations });
  assert.equal(meant.stdout, '2 recipients dropped; nobody is told.\n');
  assert.deepEqual(meant.calls.at(-1)?.input, { query: 'to:*@peer.test', all: false, reason: 'spam' });
});

test('contract: an act that hit nothing exits 1 and says why that can be', async () => {
  const operations = { 'queue.release': () => ({ recipients: 0, messages: [], more: false }) };
  const { exit, stdout } = await run(['queue', 'release', ID], { operations });
  assert.equal(exit, 1);
  assert.match(stdout, /^Nothing was changed: .*"holdfast trace ID" says which\.\n$/);
});

test('contract: reroute takes host and port as people write them', async () => {
  const operations = { 'queue.reroute': () => ({ recipients: 1, messages: [ID], more: false }) };
  const cases: [string, string][] = [
    ['192.0.2.7:25', 'route:192.0.2.7:25'],
    ['[2001:db8::7]:24:lmtp', 'route:[2001:db8::7]:24:lmtp'],
    ['peer.test', 'mx:peer.test'],
    ['mx:peer.test', 'mx:peer.test'],
  ];
  for (const [via, destination] of cases) {
    const { calls } = await run(['queue', 'reroute', ID, '--via', via], { operations });
    assert.deepEqual(calls[0]?.input, { query: ID, all: false, destination });
  }
  assert.match((await run(['queue', 'reroute', ID], { operations })).stderr, /--via HOST:PORT/);
});

test('contract: a flag that an act does not know is refused, not ignored', async () => {
  const { exit, stderr } = await run(['queue', 'release', ID, '--until', '4h']);
  assert.equal(exit, 2);
  assert.match(stderr, /--until means nothing to this act/);
});

test('design 5: queue show reads a body for a reason, without what could steer a terminal, and says that it is on record', async () => {
  const content = Buffer.from('Subject: hi\r\n\r\n\u001b[2Jred ink\r\n').toString('base64');
  const operations = { 'mail.body': () => ({ id: ID, size: 2_000_000, shown: 1_048_576, content }) };
  const { exit, stdout, stderr, calls, stopped } = await run(['queue', 'show', ID, '--read-body', 'asked by alice'], {
    operations,
  });
  assert.equal(exit, 0);
  assert.deepEqual(calls, [{ name: 'mail.body', input: { id: ID, reason: 'asked by alice' } }]);
  assert.equal(stopped, 'changes');
  assert.equal(stdout, 'Subject: hi\n\n [2Jred ink\n\n');
  assert.match(stderr, /The first 1,048,576 of 2,000,000 bytes\. That you read it, and why, stands in the audit log/);
  const json = await run(['queue', 'show', ID, '--read-body', 'why', '--json'], { operations });
  assert.equal(JSON.parse(json.stdout).content, content);
  const without = await run(['queue', 'show', ID, '--read-body'], { operations });
  assert.equal(without.exit, 2);
  assert.deepEqual(without.calls, []);
});
