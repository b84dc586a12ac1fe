/** When mail is tried again. Pure: times and a random number in, a time out. */
import type { RetrySettings } from './settings.ts';

/**
 * Wall-clock ms of the next attempt after the `attempts`-th (from 1) ended at `now`: `firstMs`, then longer by `factor` up to
 * `maxMs`, spread by `jitter` (RFC 5321 §4.5.4.1). `random` is in [0, 1).
 */
export function nextDue(attempts: number, now: number, settings: RetrySettings, random: number): number {
  const step = Math.max(0, Math.floor(attempts) - 1);
  const waitMs = Math.min(settings.maxMs, settings.firstMs * settings.factor ** Math.min(step, 64));
  return now + Math.round(waitMs * (1 + settings.jitter * (2 * random - 1)));
}
