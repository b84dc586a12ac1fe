/** Counters, gauges and histograms for `/metrics`. Names are Prometheus names with unit and `_total`; labels hold no address and no subject. */
export interface Meter {
  counter(name: string, help: string): Counter;
  gauge(name: string, help: string): Gauge;
  /** `buckets` in the unit of the name, ascending. */
  histogram(name: string, help: string, buckets: readonly number[]): Histogram;
}

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(amount?: number, labels?: Labels): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}
