/** What the board said last. One question at a time, for all that ask; where nobody answers, what was known before, which says by itself how old it is. */
import { type StatusView, within } from '#/model/index.ts';
import type { Clock, StatusBoard } from '#/ports/index.ts';

const KEPT_MS = 2_000;
const ASK_MS = 3_000;

export class KeptView {
  readonly #board: StatusBoard;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #kept: StatusView | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;

  constructor(board: StatusBoard, clock: Pick<Clock, 'monotonic'>) {
    this.#board = board;
    this.#clock = clock;
  }

  /** Null where nothing was ever known. Never rejects. */
  async read(): Promise<StatusView | null> {
    if (this.#clock.monotonic() - this.#askedAt >= KEPT_MS) {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = null;
      });
      await this.#asking;
    }
    return this.#kept;
  }

  async #ask(): Promise<void> {
    try {
      this.#kept = await this.#board.read(within(ASK_MS));
    } catch {
      // The watch is away for a moment: what it said before is shown with its age.
    }
    this.#askedAt = this.#clock.monotonic();
  }
}
