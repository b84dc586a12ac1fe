/** From what went wrong to what a person reads and a script gets: a sentence with its remedy, and an exit code. */
import { FAULTS, Fault } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Unreachable } from './reach.ts';
import type { Terminal } from './terminal.ts';

export interface Told {
  readonly exit: ExitCode;
  readonly lines: readonly string[];
}

/** What a failure means to whoever gave the command. */
export function tell(error: unknown): Told {
  if (error instanceof Refusal) return { exit: error.exit, lines: [error.message] };
  if (error instanceof Unreachable) return { exit: EXIT.unreachable, lines: [error.message] };
  if (error instanceof Fault) {
    const lines = [error.message, FAULTS[error.code].remedy, `(${error.code})`];
    return { exit: exitOf(error), lines };
  }
  if (isAbort(error)) return { exit: EXIT.interrupted, lines: ['Stopped.'] };
  const message = error instanceof Error ? error.message : String(error);
  const lines = [
    `Something went wrong that should not: ${message}`,
    'Mail in custody is not touched by it. Please report it.',
  ];
  return { exit: EXIT.tryAgain, lines };
}

/** Writes it beside the answer. */
export function print({ lines }: Told, terminal: Terminal): void {
  const [first = '', ...rest] = lines;
  terminal.note(`${terminal.paint('bad', 'holdfast:')} ${first}`);
  for (const line of rest) terminal.note(terminal.paint('quiet', line));
}

function exitOf({ code, retry }: Fault): ExitCode {
  if (code === 'server.unreachable') return EXIT.unreachable;
  if (retry !== 'never') return EXIT.tryAgain;
  return code === 'store.failed' ? EXIT.tryAgain : EXIT.usage;
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'AbortError' || (error as NodeJS.ErrnoException).code === 'ABORT_ERR')
  );
}
