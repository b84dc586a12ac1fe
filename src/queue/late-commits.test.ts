/** A 451 takes back a whole mail: every recipient of it, wherever each of them goes (H3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ArrivedMail, type Call, Fault, type IncarnationId, within } from '#/model/index.ts';
import { overriding, QueueBench } from '#/testkit/index.ts';

/** A store that takes mail after its caller has been told that it was late. */
function slowToAccept(store: QueueBench['custody']): QueueBench['custody'] {
  return overriding(store, {
    accept: async (mails: readonly ArrivedMail[], claimFor: IncarnationId | null) => {
      setImmediate(() => void store.accept(mails, claimFor, within(30_000)));
      throw new Fault('call.late');
    },
  });
}

test('H3: of a late commit the held recipients are withdrawn with the queued ones', async () => {
  await using bench = await QueueBench.start({ wrap: slowToAccept });
  const mail = bench.mail({ to: ['a@one.test', 'b@two.test', 'c@three.test'] });
  const recipients = mail.recipients.map((each) => (each.n === 3 ? { ...each, held: 'outbound off' as const } : each));
  await assert.rejects(bench.queue.intake.accept([{ ...mail, recipients }], within(30_000)), { code: 'call.late' });
  await bench.clock.advance(5_000, 100);
  assert.deepEqual(await bench.states(mail.id), ['discarded', 'discarded', 'discarded']);
  assert.equal(bench.deliverer.attempted.length, 0);
  assert.equal(await bench.balanced(), true);
});

test('H3: a late commit that comes up for one destination is withdrawn for the others too', async () => {
  await using bench = await QueueBench.start({
    // The search by name finds nothing, as from a store whose answers are late too.
    wrap: (store) =>
      overriding(slowToAccept(store), {
        claim: (request, worker, call) =>
          request.kind === 'named' ? Promise.reject(new Fault('call.late')) : store.claim(request, worker, call),
      }),
  });
  bench.deliverer.manners.set('mx:one.test', 'refuses');
  await bench.backlog(1, { destination: 'mx:one.test' });
  await bench.clock.advance(2_000, 100);
  const mail = bench.mail({ to: ['a@one.test', 'b@two.test'], destination: ['mx:one.test', 'mx:two.test'] });
  await assert.rejects(bench.queue.intake.accept([mail], within(30_000)), { code: 'call.late' });
  await bench.clock.advance(3_000, 100);
  bench.deliverer.manners.set('mx:one.test', 'takes');
  await bench.clock.advance(30_000, 100);
  assert.deepEqual(await bench.states(mail.id), ['discarded', 'discarded']);
  assert.equal(await bench.balanced(), true);
});

test('H3: a success that is heard behind its deadline is withdrawn', async () => {
  await using bench = await QueueBench.start({
    wrap: (store) =>
      overriding(store, {
        accept: async (mails: readonly ArrivedMail[], claimFor: IncarnationId | null, call: Call) => {
          await store.accept(mails, claimFor, call);
          const until = call.deadlineAt + 5;
          while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
        },
      }),
  });
  const mail = bench.mail();
  await assert.rejects(bench.queue.intake.accept([mail], within(20)), { code: 'call.late' });
  await bench.clock.advance(5_000, 100);
  assert.deepEqual(await bench.states(mail.id), ['discarded']);
  assert.equal(bench.deliverer.attempted.length, 0);
});

test('H3: mail of a late commit that could not be withdrawn before its process ended is marked as possibly duplicate', async () => {
  const bench = await QueueBench.start({
    wrap: (store) => overriding(slowToAccept(store), { settle: () => Promise.reject(new Fault('call.late')) }),
  });
  const mail = bench.mail();
  await assert.rejects(bench.queue.intake.accept([mail], within(30_000)), { code: 'call.late' });
  await bench.clock.advance(1_000, 100);
  await bench.stop();
  const [found] = await bench.store.trace({ ids: [mail.id] }, 1, within(30_000));
  assert.deepEqual(
    found?.recipients.map(({ state, possiblyDuplicate }) => [state, possiblyDuplicate]),
    [['queued', true]],
  );
});
