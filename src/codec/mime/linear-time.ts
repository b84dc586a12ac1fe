/** For tests: a reader of hostile input may not take time that grows faster than the input. */
import assert from 'node:assert/strict';

const charactersFew = 30_000;
const times = 8;

/** Runs a reader on few and on eight times as many repetitions of a scrap. Quadratic time is 64 times as long; half of it is too much. */
export function assertLinear(scrap: string, run: (text: string) => void): void {
  const few = scrap.repeat(Math.ceil(charactersFew / scrap.length));
  const many = few.repeat(times);
  const [fewMs, manyMs] = [leastMs(() => run(few)), leastMs(() => run(many))];
  assert(
    manyMs <= (fewMs * times * times) / 2 + noiseMs,
    `${JSON.stringify(scrap)} takes ${fewMs} ms, and ${manyMs} ms ${times} times as long`,
  );
}

/** Garbage collection and compilation in between. */
const noiseMs = 30;

/** Processor time, so that busy machines don't count; the best of three. */
function leastMs(run: () => void): number {
  const spent = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    run();
    return process.cpuUsage(before).user / 1000;
  });
  return Math.min(...spent);
}
