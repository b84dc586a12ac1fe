/** What a script learns from the end of a command (contract, "Exit codes"). */
export const EXIT = {
  done: 0,
  /** Unbalanced, not found, did not arrive. */
  no: 1,
  /** Wrong usage or configuration. */
  usage: 2,
  unreachable: 3,
  /** Temporary: the same command may succeed later. */
  tryAgain: 4,
  /** As shells count an end by Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
