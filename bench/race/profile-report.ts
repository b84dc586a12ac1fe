/** What the profiles of a row say, for the terminal. */
import type { ThreadProfile, TimeWindow } from '../lib/profile.ts';

const WORTH_MS = 10;
/** Functions below this share say nothing. */
const WORTH_SHARE = 0.005;
/** Who called it is told of the first ones. */
const WITH_CALLERS = 10;

/** Functions by self time, thread by thread. */
export function formatProfiles(profiles: readonly ThreadProfile[], windows: readonly TimeWindow[]): string {
  const seconds = windows.reduce((sum, [from, until]) => sum + (until - from) / 1e6, 0);
  const head = `Self time in ${seconds.toFixed(1)} s of ${windows.length} rounds. Profiling costs CPU, and a thread that waits in a system call counts as busy.`;
  const threads = profiles.filter(({ busyMs }) => busyMs >= WORTH_MS).map(formatThread);
  return [head, ...threads].join('\n\n');
}

function formatThread({ name, busyMs, top }: ThreadProfile): string {
  const lines = top
    .filter(({ selfMs }) => selfMs / busyMs >= WORTH_SHARE)
    .flatMap(({ name: called, selfMs, callers }, index) => {
      const share = ((selfMs / busyMs) * 100).toFixed(1).padStart(5);
      const line = `${share} % ${selfMs.toFixed(0).padStart(6)} ms  ${called}`;
      return index < WITH_CALLERS ? [line, ...callers.map((caller) => `${' '.repeat(21)}by ${caller}`)] : [line];
    });
  return [`${name}: busy ${busyMs.toFixed(0)} ms`, ...lines].join('\n');
}
