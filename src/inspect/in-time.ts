/** Bounds on the wait for what may have forgotten its deadline. */

/** A second is for those that keep their deadline by themselves. */
const GRACE_MS = 1_000;

/** Rejects where there is no answer by then, or when the signal comes: whoever forgets either is not waited for. */
export async function inTime<T>(work: Promise<T>, ms: number, signal: AbortSignal | null = null): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms + GRACE_MS);
  const given = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', given, { once: true });
  try {
    signal?.throwIfAborted();
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', given);
  }
}

export function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
