/** What a process says of itself when the steward asks. Answered on its event loop, without waiting for anything: an answer proves that the loop turns. */
export interface Pulse {
  readonly pid: number;
  /** `waiting`: for another process, or for a database; it goes on by itself. */
  readonly phase: 'starting' | 'waiting' | 'running';
  /** Longest delay of its event loop since it was last asked, ms. */
  readonly loopDelayMs: number;
  /**
   * How long its heartbeat has stood still by its own fault, ms: while the store that it beats in is its own, or answers others. 0 where it
   * has no heart: who waits for a store that is away is not mended by being killed.
   */
  readonly stillMs: number;
}
