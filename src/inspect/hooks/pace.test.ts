import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HookPace } from './pace.ts';

const LIMITS = { slowMs: 500, paceAnswers: 8, paceMs: 30_000 };

/** A server whose answers take so long, one after the other. */
function answering(...took: readonly number[]) {
  let now = 0;
  const pace = new HookPace(LIMITS, () => now);
  for (const ms of took) {
    const answered = pace.begin();
    now += ms;
    answered();
  }
  return { pace, pass: (ms: number) => (now += ms) };
}

test('M4: a server is slow when most of its last answers were, and one mail that it is slow about makes no slow server of it', () => {
  assert.equal(answering().pace.isSlow, false);
  assert.equal(answering(20, 20, 20, 9_000).pace.isSlow, false);
  assert.equal(answering(20, 20, 20, 900, 900, 900, 900).pace.isSlow, true);
  assert.equal(answering(900, 900, 900, 900, 900, 900, 900, 900, 20, 20, 20, 20, 20).pace.isSlow, false);
});

test('M4: answers that do not come count before they come', () => {
  const { pace, pass } = answering(20, 20);
  for (let i = 0; i < 3; i++) pace.begin();
  pass(499);
  assert.equal(pace.isSlow, false);
  pass(1);
  assert.equal(pace.isSlow, true);
});

test('M4: a slow server that nobody has asked for a while is asked again as any other', () => {
  const { pace, pass } = answering(5_000, 5_000);
  assert.equal(pace.isSlow, true);
  pass(30_000);
  assert.equal(pace.isSlow, false);
});
