/** What waits on a route that the configuration no longer has: the queue, delivery and two runs over one custody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArrivedMail, type DestinationKey, type IncarnationId, pinned, within } from '#/model/index.ts';
import { type Clock, type Custody, type Journal, TELLS_NOBODY } from '#/ports/index.ts';
import { QUEUE_DEFAULTS, type Queue, startQueue } from '#/queue/index.ts';
import { openMemoryCustody } from '#/store/memory/index.ts';
import { claimOf, FakeLog, FakeMeter, routeKey, routeTo, startBench } from '#/testkit/index.ts';
import { freePort } from '../support/free-port.ts';
import { startSink } from '../support/sink.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

/** Looks again until it is so; fails after `ms`. */
async function until(met: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await met())) {
    assert.ok(performance.now() < deadline, 'it did not come to be in time');
    await sleep(20);
  }
}

/** One run of the process, with one route for all domains. */
async function run(custody: Custody & Journal, port: number, n: number) {
  const id = `host/gate+deliver/1/${n}` as IncarnationId;
  const retry = { ...QUEUE_DEFAULTS.retry, firstMs: 100, factor: 1, maxMs: 100 };
  const queue: Queue = await startQueue(
    { ...QUEUE_DEFAULTS, retry },
    {
      custody,
      clock,
      log: new FakeLog(),
      meter: new FakeMeter(),
      incarnation: { id, host: 'host', role: 'gate+deliver', release: 'test', pid: 1, startedAt: Date.now() },
      people: TELLS_NOBODY,
      notices: { notice: () => Promise.resolve(null) },
      freeBytes: () => Promise.resolve(2 ** 40),
      random: Math.random,
      onFatal: (reason) => assert.fail(reason),
    },
  );
  const bench = startBench({ routes: [routeTo(port)], custody, queue: queue.work });
  const close = async (): Promise<void> => {
    await bench[Symbol.asyncDispose]();
    await queue[Symbol.asyncDispose]();
  };
  return { queue, [Symbol.asyncDispose]: close };
}

function mail(i: number, destination: DestinationKey): ArrivedMail {
  const content = Buffer.from(`From: <a@acme.test>\r\nX-Test-Id: m${i}\r\n\r\nHello\r\n`);
  const { mail: kept } = claimOf();
  const recipient = { n: 1, address: `r${i}@peer.test`, original: null, orcpt: null, direction: 'outbound' } as const;
  const notify = { success: false, failure: true, delay: true };
  const recipients = [{ ...recipient, notify, destination, held: null }] as unknown as ArrivedMail['recipients'];
  return {
    ...kept,
    size: content.length,
    recipients,
    body: { kind: 'memory', chunks: [content], size: content.length },
  };
}

test('design 5: mail that waits on a removed, unreachable route moves to the new one; what an operator rerouted stays', async () => {
  await using sink = await startSink();
  await using chosen = await startSink();
  await using custody = openMemoryCustody({ clock });
  const removed = await freePort();
  const key = routeKey(removed);
  const mails = Array.from({ length: 40 }, (_, i) => mail(i, key));
  await chosen.down();
  {
    await using before = await run(custody, removed, 1);
    await before.queue.intake.accept(mails.slice(0, 20), within(30_000));
    await until(() =>
      before.queue.destinations().some(({ destination, state }) => destination === key && state !== 'open'),
    );
    await before.queue.intake.accept(mails.slice(20), within(30_000));
    const to = pinned(routeKey(chosen.port));
    await until(async () => {
      const last = mails.slice(-1).map(({ id }) => id);
      const { recipients } = await custody.act(
        { kind: 'reroute', destination: to },
        { ids: last },
        'me',
        10,
        within(30_000),
      );
      return recipients === 1;
    });
  }
  await chosen.up();
  await using after = await run(custody, sink.port, 2);
  await until(async () => (await custody.books(within(30_000))).every(({ queued }) => queued === 0), 20_000);
  assert.equal(sink.taken.size, 39);
  assert.deepEqual([...chosen.taken.keys()], ['m39 r39@peer.test']);
  assert.equal(
    after.queue.destinations().some(({ state }) => state !== 'open'),
    false,
  );
  const [trace] = await custody.trace({ ids: mails.slice(30, 31).map(({ id }) => id) }, 1, within(30_000));
  const moved = trace?.events
    .filter(({ kind }) => kind === 'moved')
    .map(({ destination, detail }) => [destination, detail]);
  assert.deepEqual(moved, [[routeKey(sink.port), `from ${key}`]]);
});
