/** How late the event loop of this process is: what people feel when it is busy, and what the steward is told. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessMeter } from '#/log/index.ts';

const RESOLUTION_MS = 20;
/** Figures of the latest so many looks are shown. */
const LOOKS_SHOWN = 60;

export interface LoopDelay extends Disposable {
  /** Longest delay since the last look, ms. */
  look(): number;
}

/** Measures until disposed, and shows its figures in `/metrics`. */
export function measureLoopDelay(meter: ProcessMeter): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const latest: { readonly p99: number; readonly max: number }[] = [];
  const look = (): number => {
    // The timer's own period is part of each sample.
    const delay = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
    const seen = { p99: delay(histogram.percentile(99)), max: delay(histogram.max) };
    histogram.reset();
    if (latest.push(seen) > LOOKS_SHOWN) latest.shift();
    return seen.max;
  };
  const gauge = meter.gauge('holdfast_loop_delay_seconds', 'How late the event loop was lately, by quantile.');
  meter.beforeExposition(() => {
    if (latest.length === 0) look();
    gauge.set(Math.max(...latest.map(({ p99 }) => p99)) / 1_000, { quantile: '0.99' });
    gauge.set(Math.max(...latest.map(({ max }) => max)) / 1_000, { quantile: '1' });
  });
  return { look, [Symbol.dispose]: () => void histogram.disable() };
}
