/** How long a session may go on without doing anything useful, or with doing it wrong (B3). */
import type { Command, Reply } from '#/codec/pop3/index.ts';

export interface MisbehaviourLimits {
  readonly errorsMax: number;
  readonly idleCommandsMax: number;
}

export class Misbehaviour {
  readonly #limits: MisbehaviourLimits;
  #errors = 0;
  #idleCommands = 0;

  constructor(limits: MisbehaviourLimits) {
    this.#limits = limits;
  }

  /** Counts what a command has come to, or a line that could not be read; whether it was one too many. */
  counts(reply: Reply, command: Command | null): boolean {
    const named = command !== null && namesMessage(command);
    // What a message is not, or not now, is no mistake of the client's: others delete too. Trouble of ours has a code.
    if (!reply.ok && reply.code === null && !named) this.#errors += 1;
    if (reply.ok && named) this.#idleCommands = 0;
    else this.#idleCommands += 1;
    return this.#errors >= this.#limits.errorsMax || this.#idleCommands >= this.#limits.idleCommandsMax;
  }
}

function namesMessage(command: Command): boolean {
  return 'message' in command && command.message !== null;
}
