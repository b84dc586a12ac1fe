/** A foreign server in the foreground, in a folder of its own below the system's folder for temporary files, until it is disposed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer } from './peers.ts';

const START_DEADLINE_MS = 60_000;
const OUTPUT_CHARS_MAX = 20_000;

export interface Daemon extends AsyncDisposable {
  readonly pid: number;
}

/** Makes the folder, starts the program with the words that `prepare` gives, and waits until it is there. */
export async function startDaemon(
  peer: Peer,
  program: string,
  prepare: (folder: string) => readonly string[],
  isThere: () => Promise<boolean>,
): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), `holdfast-${program}-`));
  await using parts = new AsyncDisposableStack();
  parts.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const child = spawn(peer.path(program), prepare(folder), { cwd: folder, env: peer.env });
  parts.defer(() => ended(child));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      said = `${said}${text}`.slice(-OUTPUT_CHARS_MAX);
    });
  for (const deadline = Date.now() + START_DEADLINE_MS; Date.now() < deadline; await sleep(100)) {
    if (child.exitCode !== null) break;
    if (!(await isThere())) continue;
    const all = parts.move();
    return { pid: child.pid ?? 0, [Symbol.asyncDispose]: () => all.disposeAsync() };
  }
  throw new Error(`${program} did not start: ${said}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // Its own children hold the pipes: they end with it only where it is asked.
  const gone = once(child, 'close');
  child.kill('SIGTERM');
  await gone;
}
