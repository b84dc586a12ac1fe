/** Every wait carries one: when it must be over, and the signal that ends it early (B3). */
export interface Call {
  /** Monotonic time in ms (`performance.now()`) after which the answer is of no use. */
  readonly deadlineAt: number;
  /** Ends the wait early: shutdown, or the peer has gone. */
  readonly signal?: AbortSignal;
}

/** A call that may take `ms` milliseconds from now. */
export function within(ms: number, signal?: AbortSignal): Call {
  const deadlineAt = performance.now() + ms;
  return signal === undefined ? { deadlineAt } : { deadlineAt, signal };
}
