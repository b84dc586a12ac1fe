import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';

/** Ms that are left; never negative, never more than a timer can hold. */
export function msLeft(call: Call): number {
  return Math.min(Math.max(0, call.deadlineAt - performance.now()), 2 ** 31 - 1);
}

/**
 * What `start` promises, or its rejection with `late()` once the call's time is over or its signal aborts. `start` gets a signal that
 * aborts then, so that the work itself can end; a late result goes to `drop`.
 */
export function inTime<T>(
  call: Call,
  start: (signal: AbortSignal) => Promise<T>,
  late: () => Error = () => new Fault('call.late'),
  drop: (value: T) => void = () => {},
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const stop = new AbortController();
  const giveUp = (): void => {
    release();
    reject(late());
    stop.abort();
  };
  const timer = setTimeout(giveUp, msLeft(call));
  call.signal?.addEventListener('abort', giveUp, { once: true });
  const release = (): void => {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', giveUp);
  };
  const settle = (end: () => void): void => {
    release();
    end();
  };
  if (call.signal?.aborted) {
    giveUp();
    return promise;
  }
  Promise.try(start, stop.signal).then(
    (value) => settle(() => (stop.signal.aborted ? drop(value) : resolve(value))),
    (error) => settle(() => reject(error)),
  );
  return promise;
}
