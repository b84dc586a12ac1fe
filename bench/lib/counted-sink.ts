/** Postfix's smtp-sink with its counter read, so that a relay can be timed until the last message has arrived. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.ts';
import { greets } from '../../test/support/greets.ts';
import type { Peer } from '../../test/support/peers.ts';

const STALLED_MS = 20_000;
const START_MS = 10_000;
const LOOK_MS = 5;
const GREETING_LOOK_MS = 50;

export interface CountedSink extends AsyncDisposable {
  readonly port: number;
  /** Messages it has taken so far. */
  count(): number;
  /** Resolves when it has taken `total`; rejects when nothing has come for a while. */
  reaches(total: number): Promise<void>;
  /** Ends it, so that its port refuses connections. */
  down(): Promise<void>;
  /** Starts it again where it was; it counts on. */
  up(): Promise<void>;
}

/** Starts one on a free port of the loopback. */
export async function startCountedSink(peer: Peer): Promise<CountedSink> {
  const port = await freePort();
  let counted = 0;
  let count = 0;
  let child: ChildProcess | null = null;
  const up = async (): Promise<void> => {
    counted = count;
    child = spawnSink(peer, port, (mails) => {
      count = counted + mails;
    });
    await greeting(port);
  };
  const down = async (): Promise<void> => {
    if (child !== null) await kill(child);
    child = null;
  };
  await up();
  const reaches = (total: number): Promise<void> => counting(() => count, total);
  return { port, count: () => count, reaches, down, up, [Symbol.asyncDispose]: down };
}

function spawnSink(peer: Peer, port: number, heard: (mails: number) => void): ChildProcess {
  // smtp-sink refuses to stay root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const words = [...user, '-c', `127.0.0.1:${port}`, '1000'];
  const child = spawn(peer.path('smtp-sink'), words, { env: peer.env, stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.on('data', (chunk: Buffer) => {
    const last = [...chunk.toString().matchAll(/mesg=\s*(\d+)/g)].at(-1)?.[1];
    if (last !== undefined) heard(Number(last));
  });
  return child;
}

async function greeting(port: number): Promise<void> {
  for (const until = performance.now() + START_MS; !(await greets(port)); await sleep(GREETING_LOOK_MS))
    if (performance.now() > until) throw new Error('smtp-sink did not start');
}

async function counting(count: () => number, total: number): Promise<void> {
  let seen = count();
  let since = performance.now();
  while (count() < total) {
    await sleep(LOOK_MS);
    if (count() !== seen) [seen, since] = [count(), performance.now()];
    if (performance.now() - since > STALLED_MS) throw new Error(`the sink has ${seen} of ${total} messages`);
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
}
