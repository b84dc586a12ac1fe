import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '#/testkit/index.ts';
import { Readiness } from './readiness.ts';

test('M6: what a proof has begun ends with it, be it that one part of it failed at once', async () => {
  const begun: AbortSignal[] = [];
  const proofs = new Map([
    ['gate', async (signal: AbortSignal) => void begun.push(signal)],
    [
      'mail',
      async (signal: AbortSignal) => {
        begun.push(signal);
        throw new Error('No server answers.');
      },
    ],
  ]);
  assert.deepEqual(await new Readiness(proofs, new FakeClock()).reports(), [
    { role: 'gate', ready: true, reason: '' },
    { role: 'mail', ready: false, reason: 'No server answers.' },
  ]);
  assert.deepEqual(
    begun.map(({ aborted }) => aborted),
    [true, true],
  );
});
