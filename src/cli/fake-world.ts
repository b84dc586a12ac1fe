/** A world for tests of the command line: operations that a test writes down, captured output, a fixed clock, no terminal. */
import { Refusal } from '#/ports/index.ts';
import { type ExitCode, runCommand } from './index.ts';
import type { Operations, ReachOptions } from './reach.ts';
import { openTerminal } from './terminal.ts';
import type { World } from './verb.ts';

/** Saturday 21 November 2026, 14:32:07 in Tokyo. */
export const NOW: number = Date.parse('2026-11-21T14:32:07+09:00');

export type FakeOperations = Readonly<Record<string, (input: never) => unknown>>;

/** What a command said and did. */
export interface Ran {
  readonly exit: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  /** Operations in the order in which they were called. */
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  /** What the command would have done to a stopped installation. */
  readonly stopped: ReachOptions['stopped'] | null;
}

export interface FakeOptions {
  readonly operations?: FakeOperations;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  /** What a person answers; without one nobody can be asked. */
  readonly answer?: string;
}

/** Runs one command in a world of its own. */
export async function run(words: readonly string[], options: FakeOptions = {}): Promise<Ran> {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const calls: { name: string; input: unknown }[] = [];
  let stopped: ReachOptions['stopped'] | null = null;
  const { answer } = options;
  const world: World = {
    terminal: openTerminal(stdout, stderr, answer === undefined ? null : async () => answer),
    env: options.env ?? {},
    cwd: options.cwd ?? import.meta.dirname,
    zone: 'Asia/Tokyo',
    by: 'cli:tester',
    signal: new AbortController().signal,
    now: () => NOW,
    readInput: async () => options.input ?? '',
    reach: (reachOptions) => {
      ({ stopped } = reachOptions);
      return fakeOperations(options.operations ?? {}, calls);
    },
    becomeServer: () => {},
  };
  const exit = await runCommand(words, world);
  return { exit, stdout: stdout.text, stderr: stderr.text, calls, stopped };
}

class Captured {
  text = '';

  write(text: string | Uint8Array): boolean {
    this.text += String(text);
    return true;
  }
}

function fakeOperations(operations: FakeOperations, calls: { name: string; input: unknown }[]): Operations {
  return {
    call: async <T>(name: string, input: object): Promise<T> => {
      calls.push({ name, input });
      const operation = operations[name];
      if (operation === undefined) throw new Refusal(2, `There is no operation '${name}'.`);
      return (await operation(input as never)) as T;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
