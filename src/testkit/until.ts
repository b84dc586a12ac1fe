import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something has come to be; fails after half a minute, so that no test runs for ever. */
export async function until(met: () => boolean, what = 'what the test waits for'): Promise<void> {
  for (let looks = 0; looks < 6_000; looks++) {
    if (met()) return;
    await sleep(5);
  }
  throw new Error(`${what} did not come to be in time`);
}
