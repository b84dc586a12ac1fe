import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Incarnation, type IncarnationId, within } from '#/model/index.ts';
import { openMemoryIncidents } from '#/store/memory/index.ts';
import { FakeClock } from '#/testkit/index.ts';
import { ProcessWatch, WrittenChanges } from './index.ts';

const NOON = Date.UTC(2026, 10, 30, 12);
const soon = () => within(30_000);

function incarnation(name: string, release: string, startedAt: number): Incarnation {
  return { id: name as IncarnationId, host: 'mx1', role: 'inspect', release, pid: 1, startedAt };
}

test('C3: rules, acts of operators and processes stand in one list, oldest first; acts on a person’s mail do not', async () => {
  await using book = openMemoryIncidents();
  const clock = new FakeClock(NOON);
  let alive = [incarnation('old', '1.0', NOON - 5)];
  const beats = async () => alive.map((one) => ({ incarnation: one, beat: 1 }));
  const watch = new ProcessWatch({ custody: { beats } as never, book, clock });
  await watch.look(soon());
  await new ProcessWatch({ custody: { beats } as never, book, clock }).look(soon());
  alive = [incarnation('new', '1.1', NOON + 10)];
  clock.jump(20);
  await watch.look(soon());
  const audit = (at: number, act: string) => ({ at, by: 'cli:root', act, subject: 'acme', reason: 'slow' });
  const registry = {
    changes: async () => [{ at: NOON + 1, by: 'root', lines: ['a', 'b', 'c', 'd', 'e', 'f', 'g'], version: 2 }],
    auditEntries: async () => [
      audit(NOON + 2, 'bypass.set'),
      audit(NOON + 3, 'held.approve'),
      audit(NOON + 99, 'queue.hold'),
    ],
  };
  const log = new WrittenChanges({ registry, book });
  const { changes, complete } = await log.between({ from: NOON - 10, to: NOON + 50 }, 100, soon());
  assert.deepEqual(
    changes.map(({ kind, what }) => [kind, what]),
    [
      ['process', 'inspect on mx1, release 1.0, began'],
      ['resources', 'a; b; c; d; e; and 2 more'],
      ['act', 'bypass.set acme (slow)'],
      ['process', 'inspect on mx1, release 1.1, began'],
      ['process', 'inspect on mx1, release 1.0, ended'],
    ],
  );
  assert.ok(complete);
  const short = await log.between({ from: NOON - 10, to: NOON + 50 }, 2, soon());
  assert.deepEqual([short.changes.length, short.complete], [2, false], 'the newest, and says that there are more');
});
