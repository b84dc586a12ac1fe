/** The deadline of a call inside a thread that computes: looked at in every loop that may become long. */
import { Fault } from '#/model/index.ts';

const LOOK_EVERY = 256;

export class Deadline {
  readonly #endsAt: number;
  #looks = 0;

  constructor(timeoutMs: number) {
    this.#endsAt = performance.now() + timeoutMs;
  }

  /** Throws `call.late` when the time is over. */
  check(): void {
    this.#looks += 1;
    if (this.#looks % LOOK_EVERY === 0 && performance.now() > this.#endsAt) throw new Fault('call.late');
  }
}
