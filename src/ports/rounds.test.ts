import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '#/testkit/index.ts';
import { Rounds } from './rounds.ts';

test('design 3: periodic work rests as long as a round says, goes on behind one that failed, and ends with its owner', async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  let begun = 0;
  const rounds = new Rounds(clock, {
    firstMs: 5_000,
    work: () => {
      begun += 1;
      seen.push(`round ${begun}`);
      return begun === 2 ? Promise.reject(new Error('away')) : Promise.resolve(10_000);
    },
    failed: (why) => {
      seen.push(why);
      return 60_000;
    },
  }).start();
  await clock.advance(4_000);
  assert.deepEqual(seen, []);
  await clock.advance(2_000);
  assert.deepEqual(seen, ['round 1']);
  await clock.advance(10_000);
  assert.deepEqual(seen, ['round 1', 'round 2', 'away']);
  await clock.advance(50_000);
  assert.equal(begun, 2);
  await clock.advance(10_000);
  assert.equal(begun, 3);
  await rounds[Symbol.asyncDispose]();
  await clock.advance(100_000);
  assert.equal(begun, 3);
});

test('design 3: what fails since it is the end is not said, and the end waits for the round at hand', async () => {
  const clock = new FakeClock();
  const said: string[] = [];
  let isOver = false;
  const rounds = new Rounds(clock, {
    work: () =>
      new Promise((_, reject) => {
        rounds.signal.addEventListener('abort', () => {
          setImmediate(() => {
            isOver = true;
            reject(new Error('ended'));
          });
        });
      }),
    failed: (why) => {
      said.push(why);
      return 0;
    },
  });
  rounds.start();
  await rounds[Symbol.asyncDispose]();
  assert.equal(isOver, true);
  assert.deepEqual(said, []);
});
