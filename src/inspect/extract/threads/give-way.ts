/** Threads that work on what takes long anyway, beside a thread that answers in moments. */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/** A tenth of a busy processor where another thread wants it too; all of one that is idle. */
const NICENESS = 10;

/** Has the thread that calls it, and those that it starts, give way to others of the machine. Where the system has no such thing, nothing happens. */
export function giveWay(): void {
  try {
    // Linux: `PID/task/TID`; priorities are a thread's own there.
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), NICENESS);
  } catch {
    // It has as much as all others then.
  }
}
