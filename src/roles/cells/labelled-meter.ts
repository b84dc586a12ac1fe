/** Figures of one cell among those of the others. */
import type { ProcessMeter } from '#/log/index.ts';
import type { Labels } from '#/ports/index.ts';

/** The same meter; whatever is measured by it bears the label too. */
export function labelled(meter: ProcessMeter, label: Labels): ProcessMeter {
  return {
    counter: (name, help) => {
      const counter = meter.counter(name, help);
      return { add: (amount, labels) => counter.add(amount, { ...labels, ...label }) };
    },
    gauge: (name, help) => {
      const gauge = meter.gauge(name, help);
      return { set: (value, labels) => gauge.set(value, { ...labels, ...label }) };
    },
    histogram: (name, help, buckets) => {
      const histogram = meter.histogram(name, help, buckets);
      return { observe: (value, labels) => histogram.observe(value, { ...labels, ...label }) };
    },
    exposition: () => meter.exposition(),
    beforeExposition: (measure) => meter.beforeExposition(measure),
  };
}
