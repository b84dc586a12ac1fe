/** The queue and delivery together, against a peer with moods: what was accepted ends, once, and the books balance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArrivedMail, ClaimedRecipient, Incarnation, IncarnationId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { type Clock, type Custody, type NoticeMaker, TELLS_NOBODY } from '#/ports/index.ts';
import { QUEUE_DEFAULTS, startQueue } from '#/queue/index.ts';
import { openMemoryCustody } from '#/store/memory/index.ts';
import { claimOf, FakeLog, FakeMeter, routeKey, routeTo, startBench } from '#/testkit/index.ts';
import { GENTLE, type Sink, startSink } from '../support/sink.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

/** The whole way from acceptance to the sink. */
async function start(sink: Sink) {
  const custody = openMemoryCustody({ clock });
  const routes = [routeTo(sink.port)];
  let makeNotice: NoticeMaker['notice'] = () => Promise.resolve(null);
  const retry = { ...QUEUE_DEFAULTS.retry, firstMs: 100, factor: 1, maxMs: 100 };
  const queue = await startQueue(
    { ...QUEUE_DEFAULTS, retry },
    {
      custody,
      clock,
      log: new FakeLog(),
      meter: new FakeMeter(),
      incarnation: incarnation(),
      people: TELLS_NOBODY,
      notices: { notice: (claim, outcomes, kind) => makeNotice(claim, outcomes, kind) },
      freeBytes: () => Promise.resolve(2 ** 40),
      random: Math.random,
      onFatal: (reason) => assert.fail(reason),
    },
  );
  const bench = startBench({ routes, custody, queue: queue.work });
  makeNotice = (...words) => bench.notices.notice(...words);
  const close = async (): Promise<void> => {
    await bench[Symbol.asyncDispose]();
    await queue[Symbol.asyncDispose]();
    await custody[Symbol.asyncDispose]();
  };
  return { queue, custody, [Symbol.asyncDispose]: close };
}

function incarnation(): Incarnation {
  const id = 'host/gate+deliver/1/1' as IncarnationId;
  return { id, host: 'host', role: 'gate+deliver', release: 'test', pid: 1, startedAt: Date.now() };
}

/** A mail with a known id to two recipients. */
function mail(sink: Sink, i: number): ArrivedMail {
  const content = Buffer.from(`From: <a@acme.test>\r\nSubject: ${i}\r\nX-Test-Id: m${i}\r\n\r\nHello\r\n`);
  const { mail: kept, recipients } = claimOf({ to: [`r${i}@peer.test`, `s${i}@peer.test`] });
  const destination = routeKey(sink.port);
  const arrive = ({ n, address, original, orcpt, notify, direction }: ClaimedRecipient) => ({
    n,
    address,
    original,
    orcpt,
    notify,
    direction,
    destination,
    held: null,
  });
  const body = { kind: 'memory', chunks: [content], size: content.length } as const;
  return { ...kept, size: content.length, recipients: recipients.map(arrive), body };
}

/** The moods stay until so many recipients were refused, however slow the machine is. */
async function refusals(sink: Sink, count: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (sink.refused.size < count) {
    assert.ok(performance.now() < deadline, `${sink.refused.size} of ${count} recipients were refused`);
    await clock.sleep(20);
  }
}

async function drained(custody: Custody, ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  for (;;) {
    const books = await custody.books(within(30_000));
    if (books.every(({ queued }) => queued === 0)) return;
    assert.ok(performance.now() < deadline, `mail is still queued: ${JSON.stringify(books)}`);
    await clock.sleep(50);
  }
}

test('H4, H5: a peer that refuses, defers and hangs up gets each recipient once, and the books balance', async () => {
  await using sink = await startSink();
  await using it = await start(sink);
  sink.temper = { softRefusal: 0.2, hardRefusal: 0.1, disconnect: 0.02, silentTake: 0 };
  const mails = Array.from({ length: 300 }, (_, i) => mail(sink, i));
  await Promise.all(mails.map((one) => it.queue.intake.accept([one], within(30_000))));
  await refusals(sink, 10);
  sink.temper = { ...GENTLE };
  await drained(it.custody, 60_000);
  for (const [i, { recipients }] of mails.entries()) {
    for (const { address } of recipients) {
      const times = sink.taken.get(`m${i} ${address}`) ?? 0;
      assert.equal(times, sink.refused.has(address) ? 0 : 1, `m${i} ${address}`);
    }
  }
  sink.refused.delete('alice@acme.test');
  const reported = sink.others.flatMap(({ text }) => [...text.matchAll(/^Final-Recipient: rfc822; (\S+)/gm)]);
  assert.ok(reported.length > 0 && reported.every(([, to = '']) => sink.refused.has(to)));
  const [books] = await it.custody.books(within(30_000));
  assert.equal(books?.bounced, sink.refused.size);
  assert.equal(books.generated, sink.others.length + books.discarded);
  for (const { balanced } of await it.custody.recount(within(30_000))) assert.equal(balanced, true);
});

test('M5: a destination that was down drains when it is back, with its own retry times ignored', async () => {
  await using sink = await startSink();
  await using it = await start(sink);
  await sink.down();
  const mails = Array.from({ length: 50 }, (_, i) => mail(sink, i));
  await it.queue.intake.accept(mails, within(30_000));
  await clock.sleep(300);
  assert.equal(it.queue.destinations()[0]?.state === 'open', false);
  await sink.up();
  await drained(it.custody, 20_000);
  assert.equal(sink.taken.size, 100);
  assert.deepEqual(new Set(sink.taken.values()), new Set([1]));
});
