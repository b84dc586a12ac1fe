/**
 * Who runs on this data directory, so that a successor knows whose claims are dead at once, and not only after the ten seconds that a
 * heartbeat needs. One file a process, with its incarnation and the start time that the system gives it: a number that another process
 * has meanwhile is not taken for it.
 *
 * What must never happen: a living worker declared dead. A worker of another host, or one that we know nothing of in a shared store, is
 * left to the watchers of heartbeats.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Incarnation, type IncarnationId, within } from '#/model/index.ts';
import type { Clock, Custody, Log } from '#/ports/index.ts';
import { WORKERS_FOLDER } from './places.ts';

export interface WorkersParts {
  readonly custody: Pick<Custody, 'beats' | 'retire'>;
  readonly log: Log;
  readonly incarnation: Incarnation;
  /** This process alone writes the store: who is not known to live here is dead. */
  readonly alone: boolean;
}

const START_MS = 60_000;
const LOOK_AGAIN_MS = 100;
const note = z.object({ id: z.string(), pid: z.int(), born: z.string() });
type Note = z.infer<typeof note>;

/** Writes down that we run here, and declares dead who does not any more. Disposing takes our name away again. */
export async function registerWorker(data: string, parts: WorkersParts): Promise<AsyncDisposable> {
  const folder = join(data, WORKERS_FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { id, pid } = parts.incarnation;
  const file = join(folder, encodeURIComponent(id));
  await writeFile(file, JSON.stringify({ id, pid, born: await bornAt(pid) }));
  const others = (await notesIn(folder)).filter((other) => other.id !== id);
  const living = new Set<string>();
  for (const other of others) if (await lives(other)) living.add(other.id);
  const dead = others.filter((other) => !living.has(other.id)).map((other) => other.id as IncarnationId);
  for (const gone of parts.alone ? await allBut(id, living, parts.custody) : dead) await declareDead(gone, parts);
  for (const gone of dead) await rm(join(folder, encodeURIComponent(gone)), { force: true });
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

/** Resolves when all who run on this data directory now, but for ourselves, have ended, or after `ms`. */
export async function othersEnded(data: string, clock: Clock, ms: number): Promise<void> {
  const until = clock.monotonic() + ms;
  let others = (await notesIn(join(data, WORKERS_FOLDER))).filter(({ pid }) => pid !== process.pid);
  for (;;) {
    const living: Note[] = [];
    for (const other of others) if (await lives(other)) living.push(other);
    if (living.length === 0 || clock.monotonic() > until) return;
    others = living;
    await clock.sleep(LOOK_AGAIN_MS);
  }
}

async function allBut(self: IncarnationId, living: ReadonlySet<string>, custody: WorkersParts['custody']) {
  const beats = await custody.beats(within(START_MS));
  return beats.map(({ incarnation }) => incarnation.id).filter((id) => id !== self && !living.has(id));
}

async function declareDead(worker: IncarnationId, { custody, log }: WorkersParts): Promise<void> {
  const recipients = await custody.retire(worker, false, within(START_MS));
  log.warn('queue.worker_declared_dead', { worker, recipients });
}

async function notesIn(folder: string): Promise<readonly Note[]> {
  const notes: Note[] = [];
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    const read = note.safeParse(parsed(text));
    // One that is being written at this moment is of a process that lives.
    if (read.success) notes.push(read.data);
  }
  return notes;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function lives({ pid, born }: Note): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return born === (await bornAt(pid));
}

/** The start of a process, in ticks since the machine's; empty where the system does not tell. */
async function bornAt(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
