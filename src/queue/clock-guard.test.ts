import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { FakeClock, FakeLog, QueueBench } from '#/testkit/index.ts';
import { ClockGuard, ClockJudge, CONFIRMED, LAST_RUN } from './clock-guard.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOW = Date.UTC(2026, 10, 21, 12);

test('H5: clocks that part by more than five minutes suspend expiry until time has been steady for ten', () => {
  const judge = new ClockJudge(NOW, 0, NOW - 1_000);
  assert.equal(judge.look(NOW + 4 * MINUTE, 0), true);
  assert.equal(judge.look(NOW + 6 * MINUTE, 0), false);
  assert.match(judge.why, /jumped by 360 s/);
  assert.equal(judge.look(NOW + 15 * MINUTE, 9 * MINUTE), false);
  assert.equal(judge.look(NOW + 16 * MINUTE, 10 * MINUTE), true);
  assert.equal(judge.why, '');
});

test('H5: a clock that jumps back suspends like one that jumps ahead, and each new jump begins the wait anew', () => {
  const judge = new ClockJudge(NOW, 0, NOW);
  assert.equal(judge.look(NOW - DAY, 0), false);
  assert.equal(judge.look(NOW - DAY + 9 * MINUTE, 9 * MINUTE), false);
  assert.equal(judge.look(NOW + 9 * MINUTE, 9 * MINUTE), false);
  assert.equal(judge.look(NOW + 18 * MINUTE, 18 * MINUTE), false);
  assert.equal(judge.look(NOW + 19 * MINUTE, 19 * MINUTE), true);
});

test('H5: many small jumps in one direction add up', () => {
  const judge = new ClockJudge(NOW, 0, NOW);
  assert.equal(judge.look(NOW + 2 * MINUTE, 0), true);
  assert.equal(judge.look(NOW + 4 * MINUTE, 0), true);
  assert.equal(judge.look(NOW + 6 * MINUTE, 0), false);
});

test('H5: an implausible time since the last run suspends at start; a new installation does not', () => {
  assert.equal(new ClockJudge(NOW, 0, null).look(NOW, 0), true);
  assert.equal(new ClockJudge(NOW, 0, NOW - 2 * DAY).look(NOW, 0), false);
  assert.equal(new ClockJudge(NOW, 0, NOW + DAY).look(NOW, 0), false);
  assert.equal(new ClockJudge(NOW, 0, NOW - DAY / 2).look(NOW, 0), true);
});

test('H5: an operator who confirms the time ends the suspension in every process', async () => {
  const bench = new QueueBench();
  const [clock, log] = [new FakeClock(NOW), new FakeLog()];
  await bench.store.remember(LAST_RUN, String(NOW - 3 * DAY), within(1_000));
  const guards = [
    await ClockGuard.open({ custody: bench.store, clock, log }),
    await ClockGuard.open({ custody: bench.store, clock, log }),
  ];
  for (const guard of guards) assert.equal(await guard.look(), false);
  await bench.store.remember(CONFIRMED, 'now', within(1_000));
  for (const guard of guards) assert.equal(await guard.look(), true);
  assert.equal(log.lines.filter(({ event }) => event === 'clock.suspended').length, 2);
});

test('H5: a restart during a suspension does not end it', async () => {
  const bench = new QueueBench();
  const [clock, log] = [new FakeClock(NOW), new FakeLog()];
  await bench.store.remember(LAST_RUN, String(NOW - 3 * DAY), within(1_000));
  const before = await ClockGuard.open({ custody: bench.store, clock, log });
  assert.equal(await before.look(), false);
  await clock.advance(MINUTE, MINUTE);
  assert.equal(await before.look(), false);
  const after = await ClockGuard.open({ custody: bench.store, clock, log });
  assert.equal(await after.look(), false);
});
