/** The doorbell between processes: soon where it rings alone, seldom where it rings all the time. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type LocalMethod, startLocalServer } from '#/net/index.ts';
import { FakeClock, until } from '#/testkit/index.ts';
import { bellOf } from './bell.ts';
import { healthSocket } from './places.ts';

const data = mkdtempSync(join(tmpdir(), 'holdfast-bell-'));
after(() => rmSync(data, { recursive: true }));

/** A process of that name; counts what it hears. */
async function heard(name: string, answer: LocalMethod = async () => null) {
  const rings = { count: 0 };
  const doorbell: LocalMethod = (args, context) => {
    rings.count += 1;
    return answer(args, context);
  };
  const methods = new Map([['doorbell', doorbell]]);
  const server = await startLocalServer({ path: join(data, healthSocket(name, 0)), methods });
  return { rings, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Time goes on until then. */
async function passesUntil(clock: FakeClock, met: () => boolean): Promise<void> {
  for (let ms = 0; ms < 100_000 && !met(); ms++) await clock.advance(1, 1);
  assert.ok(met(), 'it did not come to be');
}

test('M2: a ring that comes alone is heard at once, and those that come together make few', async () => {
  await using process = await heard('inspect');
  const clock = new FakeClock();
  await using bell = bellOf(data, ['inspect'], clock);
  bell.ring();
  await until(() => process.rings.count === 1);
  for (let i = 0; i < 5; i++) bell.ring();
  await passesUntil(clock, () => process.rings.count === 2);
  await clock.advance(100, 1);
  assert.equal(process.rings.count, 2, 'nobody rang behind the second one');
  bell.ring();
  await passesUntil(clock, () => process.rings.count === 3);
});

test('B3: rung all the time, it rings some times a second', async () => {
  await using process = await heard('inspect-2');
  const clock = new FakeClock();
  await using bell = bellOf(data, ['inspect-2'], clock);
  for (let ms = 0; ms < 1_000; ms++) {
    const { count } = process.rings;
    bell.ring();
    // What rings has the time that it takes; the clock stands meanwhile.
    if (ms === 0) await until(() => process.rings.count > count);
    await clock.advance(1, 1);
  }
  assert.ok(process.rings.count <= 60, `${process.rings.count} rings`);
});

test('M2: a process that does not answer keeps no other from hearing', async () => {
  await using hung = await heard('hung', () => new Promise(() => {}));
  await using process = await heard('well');
  const clock = new FakeClock();
  await using bell = bellOf(data, ['hung', 'well'], clock);
  bell.ring();
  await until(() => process.rings.count === 1 && hung.rings.count === 1);
  bell.ring();
  await passesUntil(clock, () => process.rings.count === 2);
});
