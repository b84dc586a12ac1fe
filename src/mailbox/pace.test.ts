import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPace } from './pace.ts';

const alone = { p95Ms: null, usualMs: null, underWay: 0, stepMs: 5 };

test('O3: with nobody there the steps grow, up to a bound', () => {
  assert.deepEqual(nextPace(100, alone), { messages: 150, pauseMs: 5 });
  assert.equal(nextPace(500, alone).messages, 500);
});

test('O3: a step that held the account too long is halved', () => {
  assert.equal(nextPace(200, { ...alone, stepMs: 60 }).messages, 100);
  assert.equal(nextPace(20, { ...alone, stepMs: 60 }).messages, 20);
});

test('O3 O7: while people work, four fifths of the time are theirs; when they are slower than usual, all of it', () => {
  const busy = { p95Ms: 10, usualMs: 10, underWay: 3, stepMs: 10 };
  assert.equal(nextPace(100, busy).pauseMs, 40);
  assert.deepEqual(nextPace(100, { ...busy, p95Ms: 14 }), { messages: 0, pauseMs: 1_000 });
  assert.ok(nextPace(100, { ...busy, p95Ms: 12 }).messages > 0, 'within what is usual');
  assert.ok(nextPace(100, { ...busy, p95Ms: 2, usualMs: 1 }).messages > 0, 'a millisecond is noise');
  assert.equal(nextPace(100, { ...busy, underWay: 64 }).messages, 0);
});
