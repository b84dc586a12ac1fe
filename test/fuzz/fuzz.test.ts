import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './fuzz.ts';
import { type FuzzTarget, randomFrom } from './target.ts';
import { targets } from './targets.ts';

/** On a slow machine the slow targets come to less; `npm run fuzz` is the long form. */
const ENOUGH_MS = 2_000;

for (const target of targets) {
  test(`B3: ${target.name} holds for every kept seed and some hundred inventions`, async (t) => {
    t.after(() => target.close?.());
    const until = performance.now() + ENOUGH_MS;
    const { finding } = await fuzz(target, 1, (executions) => executions >= 400 || performance.now() > until);
    assert.equal(finding?.error, undefined, finding?.input.toString('latin1') ?? '');
  });
}

test('B3: the fuzzer finds a fault, and shows the least that causes it', async () => {
  const faulty: FuzzTarget = {
    name: 'faulty',
    words: ['XY'],
    seeds: [Buffer.from('hello')],
    run: (input) => {
      assert(!input.includes('XY'));
      return '';
    },
  };
  const { finding } = await fuzz(faulty, 1, (executions) => executions >= 10_000);
  assert.equal(finding?.input.toString(), 'XY');
});

test('B3: a seed gives the same numbers again', () => {
  const [a, b] = [randomFrom(7), randomFrom(7)];
  assert.deepEqual(
    Array.from({ length: 50 }, () => a(1000)),
    Array.from({ length: 50 }, () => b(1000)),
  );
});
