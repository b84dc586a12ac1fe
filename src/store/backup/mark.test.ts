import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdRestored, markRestored } from '#/backup/index.ts';
import { RESTORED_COPY } from '#/ports/index.ts';
import { FakeLog } from '#/testkit/index.ts';
import { mail, NOON, StandingClock, soon, worker } from '../contract/samples.ts';
import { openMemoryCustody } from '../memory/index.ts';

const W1 = worker('1').id;

async function waiting(count: number) {
  const clock = new StandingClock();
  const custody = openMemoryCustody({ clock });
  await custody.enlist(worker('1'), soon());
  for (let i = 0; i < count; i++) await custody.accept([mail(clock)], i === 0 ? W1 : null, soon());
  const renewed: number[] = [];
  const renewMailboxes = async () => void renewed.push(await heldOf(custody));
  return { clock, custody, log: new FakeLog(), renewed, renewMailboxes };
}

async function heldOf(custody: Awaited<ReturnType<typeof waiting>>['custody']): Promise<number> {
  return (await custody.queue({ reason: 'restored' }, null, 99, soon())).items.length;
}

test('design 1: a store without a mark is left as it is', async () => {
  const parts = await waiting(2);
  assert.equal(await holdRestored(parts), 0);
  assert.equal(await heldOf(parts.custody), 0);
  assert.deepEqual(parts.log.lines, []);
});

test('design 1: a mark that cannot be read is obeyed', async () => {
  const parts = await waiting(2);
  await parts.custody.remember(RESTORED_COPY, 'half a', soon());
  assert.equal(await holdRestored(parts), 2);
});

test('design 1: a mark whose obeying was cut short is obeyed by the next opening, and then no more', async () => {
  const parts = await waiting(3);
  await parts.custody.remember(RESTORED_COPY, JSON.stringify({ by: 'op', at: NOON, snapshotAt: NOON }), soon());
  const { custody } = parts;
  const cut = Object.assign(Object.create(custody) as typeof custody, {
    act: async (...[act, filter, by, , call]: Parameters<typeof custody.act>) => {
      await custody.act(act, filter, by, 1, call);
      throw new Error('the power went');
    },
    recall: custody.recall.bind(custody),
    beats: custody.beats.bind(custody),
    retire: custody.retire.bind(custody),
    remember: custody.remember.bind(custody),
  });
  await assert.rejects(holdRestored({ custody: cut, log: parts.log }), /the power went/);
  assert.equal(await heldOf(custody), 1);
  assert.equal(await holdRestored(parts), 2);
  assert.equal(await heldOf(custody), 3);
  await custody.act({ kind: 'release' }, { reason: 'restored' }, 'op', 9, soon());
  assert.equal(await holdRestored(parts), 0);
});

test('design 1: a second restore is obeyed though the first one was', async () => {
  const parts = await waiting(1);
  for (const at of [NOON, NOON + 1]) {
    await parts.custody.remember(RESTORED_COPY, JSON.stringify({ by: 'op', at, snapshotAt: at }), soon());
    assert.equal(await holdRestored(parts), 1);
    await parts.custody.act({ kind: 'release' }, { reason: 'restored' }, 'op', 9, soon());
  }
});

test('design 1: a store that was restored by other means is marked by one act; refused while a server works on it', async () => {
  const parts = await waiting(2);
  const { clock, custody } = parts;
  const beating = Object.assign(Object.create(clock) as StandingClock, {
    sleep: async () => void (await custody.beat(W1, soon())),
  });
  await assert.rejects(markRestored('op', { ...parts, clock: beating }), {
    name: 'Refusal',
    message: /A server on host works on this store \(deliver, process 7\)\. Stop every server/,
  });
  assert.deepEqual([await heldOf(custody), parts.renewed], [0, []]);
  assert.equal(await markRestored('op', parts), 2);
  const { items } = await custody.queue({ reason: 'restored' }, null, 9, soon());
  assert.deepEqual(parts.renewed, [0], 'mailboxes were renewed before the mark was there');
  assert.ok(items.every(({ recipients: [one] }) => one?.possiblyDuplicate));
  assert.equal(await holdRestored(parts), 0);
});
