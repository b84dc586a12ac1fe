/** What the watcher asks of the installation. Each answer may fail by itself; what can't be had is not known, and not good. */
import type { Books, Call, TimedStage, UpstreamReport } from '#/model/index.ts';
import type { Depth } from '#/ports/index.ts';

export interface Observer {
  /** Whether each role has proved itself. Never rejects. */
  readiness(): Promise<readonly RoleLook[]>;
  /** Figures of each process; empty text where it does not answer. */
  metrics(): Promise<readonly MetricsPart[]>;
  depth(call: Call): Promise<readonly Depth[]>;
  books(call: Call): Promise<readonly Books[]>;
  /** What those who deliver tell of other servers, of the last minutes. */
  upstreams(call: Call): Promise<readonly UpstreamReport[]>;
}

export interface RoleLook {
  readonly role: string;
  readonly ready: boolean;
  /** Of one that is ready: what is worth knowing all the same, or nothing. */
  readonly reason: string;
}

export interface MetricsPart {
  readonly process: string;
  readonly text: string;
}

/** One step of a test mail's way. */
export interface ProbeStep {
  readonly stage: TimedStage;
  readonly ms: number;
  /** What went wrong, for the log; null where it went well. Behind a step that went wrong there is none. */
  readonly fault: string | null;
}

/** Sends a test mail by all ways that this installation has. Never rejects: what goes wrong is a step. */
export type Probe = (signal: AbortSignal) => Promise<readonly ProbeStep[]>;
