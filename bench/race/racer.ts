/** What the race asks of a server: where it takes mail, what it has cost, and what it says it has. */

/** A running server that takes mail on `port` of the loopback. */
export interface Racer extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** Roots of its trees of processes: what it costs is the sum. */
  roots(): readonly number[];
  /** Messages that it says it has taken; what counts is the difference of two looks without `tidy` between them. */
  taken(): Promise<number>;
  /** Takes away what a phase has left, outside of all measured times. */
  tidy(): Promise<void>;
  /** Messages that wait for another attempt. */
  deferred(): Promise<number>;
  /** Flushes so far, where they are counted. */
  flushes?(): Promise<number>;
  /** Makes it try again what waits, as its operator would; nothing where it looks by itself. */
  flush(): Promise<void>;
}

/** What both servers of a stage are for. */
export interface Duty {
  /** Port of the loopback that all mail goes to; null means that it is held. */
  readonly relayTo: number | null;
  /** More environment for each of its processes. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Sender that each server relays for. */
export const SENDER = 'generator@bench.test';
export const RECIPIENT = 'anyone@elsewhere.test';
