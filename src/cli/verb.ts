/** What a verb is: its usage, its flags and what it does. One file each in `verbs/`; `verbs.ts` lists them. */
import type { Loaded } from '#/config/index.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Flags, FlagTable } from './flags.ts';
import type { Operations, ReachOptions } from './reach.ts';
import type { Terminal } from './terminal.ts';
import type { Calendar } from './when.ts';

export interface Verb {
  /** Behind `holdfast `: one line for each form. */
  readonly usage: readonly string[];
  /** What it does and when to use it, in plain sentences. */
  readonly about: string;
  readonly flags: FlagTable;
  readonly examples: readonly string[];
  run(order: Order): Promise<ExitCode>;
}

/** A verb as the list has it. */
export interface ListedVerb {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Verb>;
}

/** A command as it was given, with all that a verb may use. */
export interface Order {
  readonly flags: Flags;
  readonly world: World;
  readonly terminal: Terminal;
  /** All that there are, for the help. */
  readonly verbs: readonly ListedVerb[];
  readonly json: boolean;
  readonly calendar: Calendar;
  /** The settings of the installation that was named; refuses with all mistakes where they can't be used. */
  readonly settings: () => Promise<Loaded>;
  /** The way to its operations; `stopped` is what may be done where no server runs. `socket`: who is asked, where it is not who has the mail. */
  readonly operations: (stopped: ReachOptions['stopped'], socket?: string) => Promise<Operations>;
  /** The answer for programs: one line of JSON. */
  readonly answer: (value: unknown) => void;
}

/** The process around a command; tests have their own. */
export interface World {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly zone: string;
  /** Who gives the command, for journal and audit. */
  readonly by: string;
  /** Ends every wait: Ctrl-C. */
  readonly signal: AbortSignal;
  now(): number;
  /** All of standard input, at most so many bytes. */
  readInput(bytesMax: number): Promise<string>;
  reach(options: ReachOptions): Operations;
  /** Leaves signals to the verb, which handles them by itself, and whose end is not the end of who reads what it prints (B6). */
  becomeServer(): void;
}
