/** Programs of node_modules, run with a deadline and their output kept. */
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { home } from './tree.ts';

/** What a program said, both streams as they came, and whether it ended with 0. */
export type Ran = { ok: boolean; output: string };

/** Environment in which `node` and the packages' programs are the pinned ones. */
export function pinnedEnvironment(): NodeJS.ProcessEnv {
  const path = [join(home, 'node_modules', '.bin'), dirname(process.execPath), process.env.PATH ?? ''];
  return { ...process.env, PATH: path.join(delimiter), NO_COLOR: '1', FORCE_COLOR: undefined };
}

/** Runs a program in the checkout; after `deadlineMs` it is ended and counts as failed. */
export async function run(program: string, words: readonly string[], deadlineMs: number): Promise<Ran> {
  const said: Buffer[] = [];
  const signal = AbortSignal.timeout(deadlineMs);
  const child = spawn(program, words, {
    cwd: home,
    env: pinnedEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.on('error', (error) => {
    said.push(Buffer.from(`${signal.aborted ? `not done after ${deadlineMs / 1000} s` : error.message}\n`));
    resolve(false);
  });
  child.on('close', (code) => resolve(code === 0));
  const ok = await promise;
  return { ok, output: Buffer.concat(said).toString('utf8').trim() };
}
