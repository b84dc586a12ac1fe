/** Programs of the system, run with a deadline; a failure carries what they said. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const start = promisify(execFile);
const SAID_BYTES_MAX = 16 * 1024 * 1024;

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly deadlineMs: number;
}

/** Standard output. Throws with the last lines of both streams where the program does not end with 0. */
export async function program(name: string, words: readonly string[], options: ProgramOptions): Promise<string> {
  const { cwd, env, deadlineMs } = options;
  try {
    const { stdout } = await start(name, words, {
      timeout: deadlineMs,
      maxBuffer: SAID_BYTES_MAX,
      env: env ?? process.env,
      ...(cwd === undefined ? {} : { cwd }),
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    const told = `${stdout}${stderr}`.trim().split('\n').slice(-20).join('\n');
    throw new Error(`${name} ${words.slice(0, 3).join(' ')} failed: ${told || (error as Error).message}`);
  }
}
