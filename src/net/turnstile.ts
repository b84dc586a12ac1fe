import { Fault } from '#/model/index.ts';

/** Lets `inFlightMax` pieces of work run at once and `waitingMax` wait; further ones are refused with fault `dns.unavailable`. */
export function createTurnstile(inFlightMax: number, waitingMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  const enter = async (): Promise<void> => {
    if (running >= inFlightMax) {
      if (waiting.length >= waitingMax) throw new Fault('dns.unavailable', 'Too many questions wait already.');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
  };
  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      // The place goes to the next in line, or is free.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
