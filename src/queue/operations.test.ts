import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MailId, within } from '#/model/index.ts';
import type { NoticeMaker } from '#/ports/index.ts';
import { BROKEN_NOTICES, FakeBlobs, HERE, QueueBench } from '#/testkit/index.ts';
import { queueOperations } from './index.ts';

const BLOBS = new FakeBlobs();

/** Calls an operation as the server does: input and output through its schemas. */
async function call(
  bench: QueueBench,
  name: string,
  input: unknown = {},
  notices: NoticeMaker = bench.noticeMaker(),
): Promise<never> {
  const operations = queueOperations({
    custody: bench.store,
    journal: bench.store,
    blobs: BLOBS,
    auditLog: { verifyAudit: async () => ({ entries: 3, brokenAt: null }) },
    clock: bench.clock,
    log: bench.log,
    notices,
    worker: HERE,
    settleLater: (settlement) => bench.queue.settleLater(settlement),
    timezoneOf: () => 'UTC',
    doorbell: () => bench.queue.doorbell(),
    heldMs: 864_000_000,
  });
  const found = operations.find((each) => each.name === name);
  assert.ok(found !== undefined, name);
  const answer = await found.handle(found.input.parse(input), { by: 'root@example.test', call: within(30_000) });
  return found.output.parse(answer) as never;
}

/** A destination that takes nothing, so that mail stays in the queue. */
async function stuck(): Promise<QueueBench> {
  const bench = await QueueBench.start();
  bench.deliverer.manners.set('mx:partner.test', 'refuses');
  await bench.accept({ subject: 'the first' });
  await bench.clock.advance(3_000, 100);
  return bench;
}

interface Counts {
  readonly recipients: number;
  readonly messages: readonly string[];
  readonly more: boolean;
}

interface Traced {
  readonly receivedAt: string;
  readonly events: readonly { readonly kind: string; readonly detail: string; readonly recipient: string }[];
}

test('H6: trace answers with the shape of the contract, newest first, in plain words', async () => {
  await using bench = await stuck();
  const [mail]: readonly Traced[] = await call(bench, 'trace.find', { query: 'subject:first' });
  assert.ok(mail !== undefined);
  assert.deepEqual(Object.keys(mail), [
    'id',
    'parent',
    'tenant',
    'from',
    'subject',
    'receivedAt',
    'recipients',
    'events',
  ]);
  assert.equal(mail.receivedAt, '2026-11-21T12:00:00.000Z');
  assert.deepEqual(
    mail.events.map(({ kind, detail, recipient }) => [kind, detail, recipient]),
    [
      ['accepted', 'Taken into custody from user alice@acme.test', 'someone@partner.test'],
      ['deferred', 'Not taken now, it will be tried again: connection refused', 'someone@partner.test'],
    ],
  );
});

test('H6: a Message-ID is found with and without its brackets; a wrong ID says where to look', async () => {
  await using bench = await stuck();
  const found: readonly unknown[] = await call(bench, 'trace.find', { query: '1@acme.test' });
  assert.equal(found.length, 1);
  await assert.rejects(call(bench, 'queue.show', { id: '0123456789ABCDEF' }), { exit: 1, message: /trace by address/ });
});

test('H6: a tenant sees its own mail only, whatever the words of its query say', async () => {
  await using bench = await stuck();
  await bench.accept({ tenant: 'other' });
  const own: readonly { tenant: string }[] = await call(bench, 'queue.list', { query: 'tenant:other', tenant: 'acme' });
  assert.deepEqual(
    own.map(({ tenant }) => tenant),
    ['acme'],
  );
});

test('H6: long lists are paged by the last ID', async () => {
  await using bench = await stuck();
  await bench.backlog(5);
  const first: readonly { id: string }[] = await call(bench, 'queue.list', { limit: 4 });
  const second: readonly { id: string }[] = await call(bench, 'queue.list', { limit: 4, after: first[3]?.id });
  assert.deepEqual([first.length, second.length], [4, 2]);
});

test('H4: hold stops mail, release and a reroute send it on', async () => {
  await using bench = await stuck();
  const held: Counts = await call(bench, 'queue.hold', { query: 'to:someone@partner.test', until: '2h' });
  assert.equal(held.recipients, 1);
  const id = held.messages[0] as MailId;
  assert.deepEqual(await bench.states(id), ['held']);
  const released: Counts = await call(bench, 'queue.release', { query: 'state:held' });
  assert.equal(released.recipients, 1);
  const moved: Counts = await call(bench, 'queue.reroute', { query: id, destination: 'route:other.test:25' });
  assert.equal(moved.recipients, 1);
  await bench.clock.advance(2_000, 100);
  assert.deepEqual(await bench.states(id), ['delivered']);
});

test('H4: a bounce ends recipients with their DSN, and leaves alone what policy holds', async () => {
  await using bench = await stuck();
  const mine = await bench.backlog(120);
  const [policy] = await bench.backlog(1, { held: 'policy' });
  await bench.clock.advance(10, 10);
  const answer: Counts = await call(bench, 'queue.bounce', { all: true, reason: 'That address is closed' });
  assert.equal(answer.recipients, 121);
  assert.equal(answer.more, false);
  assert.deepEqual(await bench.states(mine[0]?.id as MailId), ['bounced']);
  assert.deepEqual(await bench.states(policy?.id as MailId), ['held']);
  assert.equal(bench.notices.length, 121);
  assert.equal(await bench.balanced(), true);
});

test('H4: a bounce of a mail with more recipients than the store gives at a time ends all of them', async () => {
  await using bench = await stuck();
  const to = Array.from({ length: 1_200 }, (_, i) => `person${i}@partner.test`);
  const [mail] = await bench.backlog(1, { to });
  await bench.clock.advance(10, 10);
  const answer: Counts = await call(bench, 'queue.bounce', { query: mail?.id });
  assert.deepEqual(answer, { recipients: 1_200, messages: [mail?.id], more: false });
  assert.deepEqual(new Set(await bench.states(mail?.id as MailId)), new Set(['bounced']));
});

test('H5: a bounce whose report can not be made ends the mail all the same, and is logged', async () => {
  await using bench = await stuck();
  const [mail] = await bench.backlog(1);
  await bench.clock.advance(10, 10);
  const answer: Counts = await call(bench, 'queue.bounce', { query: mail?.id }, BROKEN_NOTICES);
  assert.equal(answer.recipients, 1);
  assert.deepEqual(await bench.states(mail?.id as MailId), ['bounced']);
  assert.equal(bench.count('queue.notice_failed'), 1);
});

test('H4: drop and retry work in batches; without a filter, all must be said', async () => {
  await using bench = await stuck();
  await bench.backlog(1_200);
  await assert.rejects(call(bench, 'queue.drop', { reason: 'test' }), { exit: 2, message: /--all/ });
  const dropped: Counts = await call(bench, 'queue.drop', { all: true, reason: 'spam run' });
  assert.deepEqual([dropped.recipients, dropped.messages.length, dropped.more], [1_201, 1_000, false]);
  const retried: Counts = await call(bench, 'queue.retry', { all: true });
  assert.equal(retried.recipients, 0);
});

test('H6: an address alone does not choose what an act hits', async () => {
  await using bench = await stuck();
  await assert.rejects(call(bench, 'queue.hold', { query: 'someone@partner.test' }), {
    exit: 2,
    message: /from:.* or to:/,
  });
  await assert.rejects(call(bench, 'queue.hold', { query: 'state:queued', until: '2020-01-01' }), {
    message: /in the past/,
  });
});

test('design 5: of a body at most 1 MiB is read, in memory or beside the rows, and its size is told', async () => {
  await using bench = await stuck();
  const large = await bench.accept({ size: 1_500_000 });
  const read: { size: number; shown: number; content: string } = await call(bench, 'mail.body', {
    id: large.id,
    reason: 'asked by alice',
  });
  assert.deepEqual([read.size, read.shown], [1_500_000, 1_048_576]);
  assert.equal(Buffer.from(read.content, 'base64').length, 1_048_576);
  const writer = await BLOBS.create(large.tenant, within(30_000));
  await writer.write(Buffer.alloc(1_500_000, 'x'));
  const ref = await writer.finish();
  const beside = { ...bench.mail(), body: { kind: 'blob', ref, size: ref.size } as const, size: ref.size };
  await bench.store.accept([beside], null, within(30_000));
  const other: typeof read = await call(bench, 'mail.body', { id: beside.id, reason: 'asked by alice' });
  assert.deepEqual([other.size, other.shown, Buffer.from(other.content, 'base64').at(-1)], [1_500_000, 1_048_576, 120]);
});

test('H5: audit counts everything again, in the shape of the contract', async () => {
  await using bench = await stuck();
  await bench.accept({ destination: 'mx:works.test' });
  await bench.clock.advance(1_000, 100);
  const answer: unknown = await call(bench, 'books.audit', { full: true });
  const nothing = { generated: 0, bounced: 0, discarded: 0, expired: 0, held: 0 };
  assert.deepEqual(answer, {
    balanced: true,
    tenants: [{ tenant: 'acme', accepted: 2, received: 2, delivered: 1, queued: 1, ...nothing }],
    orphans: [],
    auditLog: { entries: 3, brokenAt: null },
  });
  assert.deepEqual(await call(bench, 'books.live'), (answer as { tenants: unknown }).tenants);
});

test('H5: an operator may confirm the clock', async () => {
  await using bench = await stuck();
  bench.clock.jump(86_400_000);
  await bench.clock.advance(6_000, 500);
  assert.notEqual(bench.queue.clockTrouble(), '');
  await call(bench, 'clock.confirm');
  await bench.clock.advance(6_000, 500);
  assert.equal(bench.queue.clockTrouble(), '');
});
