/**
 * What the board said last. One question at a time, for all that ask; where nobody answers, what was known before, which says by itself how old it is.
 *
 * What must never happen: a page that waits for a watch that stands still, while there is something to be shown (B3).
 */
import { type StatusView, within } from '#/model/index.ts';
import type { Clock, StatusBoard } from '#/ports/index.ts';

const KEPT_MS = 2_000;
const ASK_MS = 3_000;
/** For a newer view than the one that is there. */
const PATIENCE_MS = 100;

export class KeptView {
  readonly #board: StatusBoard;
  readonly #clock: Pick<Clock, 'monotonic' | 'sleep'>;
  #kept: StatusView | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: { readonly since: number; readonly answer: Promise<void> } | null = null;

  constructor(board: StatusBoard, clock: Pick<Clock, 'monotonic' | 'sleep'>) {
    this.#board = board;
    this.#clock = clock;
  }

  /** Null where nothing was ever known. Never rejects. */
  async read(): Promise<StatusView | null> {
    const now = this.#clock.monotonic();
    if (now - this.#askedAt < KEPT_MS) return this.#kept;
    this.#asking ??= { since: now, answer: this.#ask() };
    const { since, answer } = this.#asking;
    if (this.#kept === null) await answer;
    else if (now < since + PATIENCE_MS) await Promise.race([answer, this.#clock.sleep(since + PATIENCE_MS - now)]);
    return this.#kept;
  }

  async #ask(): Promise<void> {
    try {
      this.#kept = await this.#board.read(within(ASK_MS));
    } catch {
      // The watch is away for a moment: what it said before is shown with its age.
    }
    this.#askedAt = this.#clock.monotonic();
    this.#asking = null;
  }
}
