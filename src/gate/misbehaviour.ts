/** How long a session may go on without doing anything useful, or with doing it wrong (B3). */
import type { Command, Reply } from '#/codec/smtp/index.ts';

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

  /** Counts a command; whether so many in a row have moved no mail that it is enough. */
  dawdles(verb: Command['verb']): boolean {
    if (verb === 'RCPT' || verb === 'BDAT' || verb === 'QUIT') return false;
    this.#idleCommands += 1;
    return this.#idleCommands > this.#limits.idleCommandsMax;
  }

  /** A mail was accepted. */
  moved(): void {
    this.#idleCommands = 0;
  }

  /** Counts a refusal; whether it was one too many. Unknown recipients and failed sign-ins have bounds of their own, and 4xx is our trouble. */
  erred(reply: Reply, verb: Command['verb'] | undefined): boolean {
    if (reply.code < 500 || verb === 'RCPT' || verb === 'AUTH') return false;
    this.#errors += 1;
    return this.#errors >= this.#limits.errorsMax;
  }
}
