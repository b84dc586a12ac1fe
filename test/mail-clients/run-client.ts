/** Runs a mail client of others to its end, or to its deadline: then its whole group is killed, and the test hears what it had said. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ClientRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ClientSurroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Buffer;
  /** Exit codes that are no failure; default: 0. */
  readonly fine?: readonly number[];
}

const DEADLINE_MS = 60_000;
const OUTPUT_MAX = 8 << 20;

/** Resolves with what it said; throws with that where it ended otherwise than `fine`. */
export async function runClient(
  program: string,
  words: readonly string[],
  { env = process.env, input = '', fine = [0] }: ClientSurroundings = {},
): Promise<ClientRun> {
  const child = spawn(program, [...words], { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const late = setTimeout(() => killGroup(child.pid), DEADLINE_MS);
  const said = { stdout: '', stderr: '' };
  const note = (name: 'stdout' | 'stderr') => (chunk: Buffer) => {
    if (said[name].length < OUTPUT_MAX) said[name] += chunk.toString('latin1');
  };
  child.stdout.on('data', note('stdout'));
  child.stderr.on('data', note('stderr'));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(late);
  killGroup(child.pid);
  if (code === null || !fine.includes(code)) {
    throw new Error(`${program} ${words.join(' ')} ended with ${code}:\n${said.stdout}\n${said.stderr}`);
  }
  return { code, ...said };
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is empty already.
  }
}
