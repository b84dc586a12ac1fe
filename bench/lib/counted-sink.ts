/** Postfix's smtp-sink with its counter read, so that a relay can be timed until the last message has arrived. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../test/support/free-port.ts';
import { greets } from '../../test/support/greets.ts';
import type { Peer } from '../../test/support/peers.ts';

const STALLED_MS = 20_000;

export interface CountedSink extends AsyncDisposable {
  readonly port: number;
  /** Messages it has taken so far. */
  count(): number;
  /** Resolves when it has taken `total`; rejects when nothing has come for a while. */
  reaches(total: number): Promise<void>;
}

/** Starts one on a free port of the loopback. */
export async function startCountedSink(peer: Peer): Promise<CountedSink> {
  const port = await freePort();
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(peer.path('smtp-sink'), [...user, '-c', `127.0.0.1:${port}`, '1000'], {
    env: peer.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let count = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    const last = [...chunk.toString().matchAll(/mesg=\s*(\d+)/g)].at(-1)?.[1];
    if (last !== undefined) count = Number(last);
  });
  while (!(await greets(port))) await new Promise((done) => setTimeout(done, 50));
  return {
    port,
    count: () => count,
    reaches: async (total) => {
      let seen = count;
      let since = performance.now();
      while (count < total) {
        await new Promise((done) => setTimeout(done, 5));
        if (count !== seen) [seen, since] = [count, performance.now()];
        if (performance.now() - since > STALLED_MS) throw new Error(`the sink has ${count} of ${total} messages`);
      }
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
