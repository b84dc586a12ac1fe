/** Time is a port, so that tests own it. */
export interface Clock {
  /** Wall-clock ms since 1970: due times, Received, the journal. */
  now(): number;
  /** Monotonic ms: deadlines, leases, durations. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
