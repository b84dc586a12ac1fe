/** What a process and its descendants have used, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** CPU seconds, user and system, of the trees below `roots`, children that have ended included. */
export function cpuSecondsOf(...roots: readonly number[]): number {
  let ticks = 0;
  for (const pid of roots.flatMap(treeOf)) {
    const fields = statOf(pid);
    // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), counted behind the command's name.
    for (const index of [11, 12, 13, 14]) ticks += Number(fields[index] ?? 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Proportional memory of the trees in MiB; shared pages count once. */
export function memoryMiBOf(...roots: readonly number[]): number {
  let kib = 0;
  for (const pid of roots.flatMap(treeOf)) {
    try {
      kib += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It has ended since it was listed.
    }
  }
  return kib / 1024;
}

/** Process ids of the tree below `root`, it first. */
export function treeOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name)) parents.set(Number(name), Number(statOf(Number(name))[1] ?? 0));
  }
  const tree = [root];
  for (let i = 0; i < tree.length; i++) {
    for (const [pid, parent] of parents) if (parent === tree[i]) tree.push(pid);
  }
  return tree;
}

function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
