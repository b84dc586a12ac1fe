import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnShare } from './turn-share.ts';

/** More than one turn's share. */
function toil(): void {
  for (const until = performance.now() + 1.2; performance.now() < until; );
}

test('M3 M5: work over the share of one turn waits for the next, in order, and others are served between', async () => {
  const turns = new TurnShare();
  const seen: string[] = [];
  for (const name of ['a', 'b', 'c'])
    turns.run(() => {
      seen.push(name);
      toil();
    });
  assert.deepEqual(seen, ['a'], 'the rest waits');
  turns.run(() => seen.push('d'));
  const { promise, resolve } = Promise.withResolvers<void>();
  // Somebody else's event of each turn, until all is done.
  const look = (): void => {
    seen.push('.');
    if (seen.includes('d')) resolve();
    else setImmediate(look);
  };
  setImmediate(look);
  await promise;
  assert.equal(seen.filter((each) => each !== '.').join(''), 'abcd');
  assert.match(seen.join(''), /^a\.?b\.c\.+d/, 'one piece of toil a turn');
});

test('B3: work that fails ends neither the turn nor what waits', async () => {
  const turns = new TurnShare();
  const done = Promise.withResolvers<void>();
  turns.run(toil);
  turns.run(() => done.resolve());
  assert.throws(() => {
    new TurnShare().run(() => {
      throw new Error('broken');
    });
  }, /broken/);
  await done.promise;
});
