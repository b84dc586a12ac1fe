/** Postfix's smtp-sink and smtp-source: a server that takes all, and a client that sends as fast as it can. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { greets } from './greets.ts';
import { findPeer } from './peers.ts';

/** A running sink. */
export type SmtpSink = AsyncDisposable & { readonly port: number };

/** How much is sent, and how. `perConnection` messages go over each of `connections` connections. */
export type Load = {
  port: number;
  messages: number;
  connections: number;
  bytes?: number;
  from: string;
  to: string;
  keepOpen?: boolean;
};

const START_DEADLINE_MS = 10_000;

/** Starts a sink on a free port of the loopback. */
export async function startSmtpSink(): Promise<SmtpSink | { missing: string }> {
  const peer = await findPeer('postfix');
  if ('missing' in peer) return peer;
  const port = await freePort();
  const words = [...asNobody(), '-c', `127.0.0.1:${port}`, '1000'];
  const child = spawn(peer.path('smtp-sink'), words, { env: peer.env, stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  for (const deadline = Date.now() + START_DEADLINE_MS; Date.now() < deadline; await sleep(50)) {
    if (await greets(port)) return { port, [Symbol.asyncDispose]: stop };
  }
  await stop();
  throw new Error('smtp-sink did not start');
}

/** Sends a load with smtp-source, and says how long it took in ms; throws what it complains of. */
export async function runSmtpSource(
  load: Load,
  deadlineMs: number,
): Promise<{ elapsedMs: number } | { missing: string }> {
  const peer = await findPeer('postfix');
  if ('missing' in peer) return peer;
  const size = ['-l', String(load.bytes ?? 4096), '-m', String(load.messages), '-s', String(load.connections)];
  const words = [
    ...(load.keepOpen === true ? ['-d'] : []),
    ...size,
    '-f',
    load.from,
    '-t',
    load.to,
    `127.0.0.1:${load.port}`,
  ];
  const start = performance.now();
  const signal = AbortSignal.timeout(deadlineMs);
  const child = spawn(peer.path('smtp-source'), words, { env: peer.env, stdio: ['ignore', 'ignore', 'pipe'], signal });
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = await once(child, 'close');
  const elapsedMs = performance.now() - start;
  if (code !== 0) throw new Error(`smtp-source ended with ${code}: ${Buffer.concat(said).toString('utf8')}`);
  return { elapsedMs };
}

// smtp-sink refuses to stay root.
function asNobody(): string[] {
  return process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
}
