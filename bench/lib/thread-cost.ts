/** CPU by thread: where the time of a tree of processes goes, without a profiler that would add to it. */
import { readdirSync, readFileSync } from 'node:fs';
import { treeOf } from './process-cost.ts';

/** CPU seconds so far of each thread that lives, by its process and thread id. */
export type ThreadTimes = ReadonlyMap<string, { readonly name: string; readonly seconds: number }>;

/** Looks at all threads of the trees below `roots`. Threads of one name count as one in `threadCosts`. */
export function threadTimesOf(...roots: readonly number[]): ThreadTimes {
  const times = new Map<string, { name: string; seconds: number }>();
  for (const pid of roots.flatMap(treeOf)) {
    const program = textOf(`/proc/${pid}/comm`).trim();
    for (const tid of foldersOf(`/proc/${pid}/task`)) {
      const thread = Number(tid) === pid ? 'main' : textOf(`/proc/${pid}/task/${tid}/comm`).trim();
      // proc(5), schedstat: nanoseconds on a CPU come first. It is finer than the ticks of stat.
      const nanoseconds = Number(textOf(`/proc/${pid}/task/${tid}/schedstat`).split(' ')[0]);
      times.set(`${pid}/${tid}`, { name: `${program}: ${thread}`, seconds: nanoseconds / 1e9 });
    }
  }
  return times;
}

/** CPU seconds between two looks by name, the costliest first; threads that ended between them are not in it. */
export function threadCosts(before: ThreadTimes, after: ThreadTimes): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const [key, { name, seconds }] of after) {
    const spent = seconds - (before.get(key)?.seconds ?? 0);
    costs.set(name, (costs.get(name) ?? 0) + spent);
  }
  return new Map([...costs].toSorted(([, a], [, b]) => b - a));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It has ended since it was listed.
    return '';
  }
}

function foldersOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
