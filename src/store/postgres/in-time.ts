/** A promise within a call's time. What it stands for goes on; its late end disturbs nobody. */
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';

/** The value, or fault `call.late` when the time is over or the signal fires before. */
export async function inTime<T>(promise: Promise<T>, { deadlineAt, signal }: Call): Promise<T> {
  promise.catch(() => {});
  const left = deadlineAt - performance.now();
  if (left <= 0 || signal?.aborted) throw new Fault('call.late');
  const { promise: over, reject } = Promise.withResolvers<never>();
  const late = (): void => reject(new Fault('call.late'));
  const timer = setTimeout(late, Math.min(left, 2 ** 31 - 1));
  signal?.addEventListener('abort', late);
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', late);
  }
}
