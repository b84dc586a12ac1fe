/** The program `holdfast`: the process around one command. */
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { EXIT, openTerminal, runCommand, type World } from './index.ts';
import { reach } from './reach.ts';

const stop = new AbortController();

// Once to end cleanly, twice to end at once.
function onInterrupt(): void {
  if (stop.signal.aborted) process.exit(EXIT.interrupted);
  stop.abort();
}

// The reader has seen enough (`holdfast trace … | head`); nobody is left to be told anything.
function onReaderGone(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.tryAgain);
}

function openWorld(): World {
  const asks = process.stdin.isTTY === true && process.stderr.isTTY === true;
  process.on('SIGINT', onInterrupt);
  return {
    terminal: openTerminal(process.stdout, process.stderr, asks ? readAnswer : null),
    env: process.env,
    cwd: process.cwd(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    by: `cli:${userName()}`,
    signal: stop.signal,
    now: Date.now,
    readInput,
    reach,
    becomeServer: () => {
      process.off('SIGINT', onInterrupt);
      process.stdout.off('error', onReaderGone);
    },
  };
}

async function readAnswer(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    return await lines.question('', { signal: stop.signal });
  } finally {
    lines.close();
  }
}

async function readInput(bytesMax: number): Promise<string> {
  const all = await text(bounded(bytesMax));
  process.stdin.destroy();
  return all;
}

async function* bounded(bytesMax: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new Error(`Standard input is larger than ${bytesMax} bytes.`);
    yield chunk;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as containers have them.
    return String(process.getuid?.() ?? 'unknown');
  }
}

process.stdout.on('error', onReaderGone);
process.stderr.on('error', () => {});

process.exitCode = await runCommand(process.argv.slice(2), openWorld());
process.off('SIGINT', onInterrupt);
