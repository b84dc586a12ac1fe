import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault, within } from '#/model/index.ts';
import { Turnstile } from './turnstile.ts';

test('B3: so many at once, so many wait in order, and the next one hears that it is too much', async () => {
  const turnstile = new Turnstile(1, 1);
  const order: string[] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = turnstile.through(() => held.then(() => void order.push('first')), within(30_000));
  const second = turnstile.through(async () => void order.push('second'), within(30_000));
  await assert.rejects(
    turnstile.through(async () => undefined, within(30_000)),
    (fault) => isFault(fault, 'store.busy'),
  );
  release();
  await Promise.all([first, second]);
  assert.deepEqual(order, ['first', 'second']);
});

test('B3: who waits too long or has gone is sent away, and a failure gives its turn back', async () => {
  const turnstile = new Turnstile(1, 5);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = turnstile.through(() => held.then(() => Promise.reject(new Error('failed'))), within(30_000));
  const late = turnstile.through(async () => undefined, within(-1));
  const gone = turnstile.through(async () => undefined, within(5_000, AbortSignal.abort()));
  turnstile.expire();
  for (const waiting of [late, gone]) await assert.rejects(waiting, (fault) => isFault(fault, 'store.busy'));
  release();
  await assert.rejects(first, /failed/);
  assert.equal(await turnstile.through(async () => 'free', within(30_000)), 'free');
});
