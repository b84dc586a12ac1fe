import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something has come to be; fails after some seconds, so that no test runs for ever. */
export async function until(met: () => boolean, what = 'what the test waits for'): Promise<void> {
  for (let looks = 0; looks < 1_000; looks++) {
    if (met()) return;
    await sleep(5);
  }
  throw new Error(`${what} did not come to be in time`);
}
