/**
 * What the system says of a process: whether one that does not answer got a processor at all, or waits for the disk. From `/proc`;
 * elsewhere nothing is known, and nothing is excused.
 */
import { readdir, readFile } from 'node:fs/promises';

/** Times are ms since the start of the thread that its event loop runs on. */
export interface ProcessLook {
  readonly at: number;
  /** On a processor. */
  readonly ranMs: number;
  /** Ready to run, and not let. */
  readonly heldUpMs: number;
  /** Threads that wait for the disk at this moment, by id. */
  readonly onDisk: ReadonlySet<string>;
}

/** A loop that had this much of a processor could have answered. */
const ENOUGH_MS = 1_000;

/** A process as it is now; null where the system does not tell. */
export async function lookAt(pid: number): Promise<ProcessLook | null> {
  try {
    const [ran = '', heldUp = ''] = (await readFile(`/proc/${pid}/schedstat`, 'latin1')).split(' ');
    const onDisk = await threadsOnDisk(pid);
    return { at: performance.now(), ranMs: Number(ran) / 1e6, heldUpMs: Number(heldUp) / 1e6, onDisk };
  } catch {
    return null;
  }
}

/** Whether what lies between two looks excuses silence: hardly a processor for it, or a thread that waits for the disk at both. */
export function excuses(before: ProcessLook | null, after: ProcessLook | null): boolean {
  if (before === null || after === null) return false;
  const starved =
    after.ranMs - before.ranMs < ENOUGH_MS && after.heldUpMs - before.heldUpMs > (after.at - before.at) / 2;
  return starved || [...after.onDisk].some((thread) => before.onDisk.has(thread));
}

async function threadsOnDisk(pid: number): Promise<ReadonlySet<string>> {
  const waiting = new Set<string>();
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'latin1').catch(() => '');
    // The name in brackets may hold anything; the state follows the last of them.
    if (/\) D /.test(stat.slice(stat.lastIndexOf(')')))) waiting.add(thread);
  }
  return waiting;
}
