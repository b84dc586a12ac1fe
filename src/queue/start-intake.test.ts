import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, type IncarnationId, within } from '#/model/index.ts';
import type { Custody } from '#/ports/index.ts';
import { openMemoryCustody } from '#/store/memory/index.ts';
import { FakeClock, FakeLog, FakeMeter, QueueBench } from '#/testkit/index.ts';
import { QUEUE_DEFAULTS, startIntake } from './index.ts';

const WORKER = 'host/gate/1/1' as IncarnationId;

/** The door alone, over a custody that the test may make fail. */
async function door(accept?: (custody: Custody) => Custody['accept']) {
  const clock = new FakeClock();
  const custody = openMemoryCustody({ clock });
  const rings = { count: 0 };
  const incarnation = { id: WORKER, host: 'host', role: 'gate', release: '1', pid: 1, startedAt: 1 };
  const alone = await startIntake(QUEUE_DEFAULTS, {
    custody: accept === undefined ? custody : accepting(custody, accept(custody)),
    clock,
    log: new FakeLog(),
    meter: new FakeMeter(),
    incarnation,
    freeBytes: async () => Number.MAX_SAFE_INTEGER,
    random: () => 0.5,
    onFatal: assert.fail,
    ring: () => {
      rings.count += 1;
    },
  });
  const close = async (): Promise<void> => {
    const closed = alone[Symbol.asyncDispose]();
    await clock.advance(5_000);
    await closed;
  };
  return { alone, custody, clock, rings, [Symbol.asyncDispose]: close };
}

/** The same custody with another `accept`. */
function accepting(custody: Custody, accept: Custody['accept']): Custody {
  return new Proxy(custody, {
    get: (target, name) => {
      if (name === 'accept') return accept;
      const found: unknown = Reflect.get(target, name);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}

test('design 3: a gate that delivers nothing accepts unclaimed, and rings', async () => {
  await using here = await door();
  const mail = new QueueBench().mail({ destination: 'route:next.test:25' });
  await here.alone.intake.accept([mail], within(30_000));
  assert.equal(here.rings.count, 1);
  const [depth] = await here.custody.depth(within(30_000));
  assert.equal(depth?.waiting, 1);
  const held = new QueueBench().mail({ held: 'outbound off' });
  await here.alone.intake.accept([held], within(30_000));
  assert.equal(here.rings.count, 1, 'held mail needs no look');
});

test('design 4: what such a gate answered with 451 and was stored all the same is withdrawn', async () => {
  await using here = await door((custody) => async (mails, claimFor, call) => {
    await custody.accept(mails, claimFor, call);
    throw new Fault('call.late');
  });
  const mail = new QueueBench().mail({ destination: 'route:next.test:25' });
  await assert.rejects(here.alone.intake.accept([mail], within(30_000)), { code: 'call.late' });
  await here.clock.advance(5_000);
  const [traced] = await here.custody.trace({ ids: [mail.id] }, 1, within(30_000));
  assert.deepEqual(
    traced?.recipients.map(({ state }) => state),
    ['discarded'],
  );
});
