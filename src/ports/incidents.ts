/**
 * Incidents and scheduled maintenance as others see them (C3, B8): `status/` shows them, and says when a component changes its state.
 * Kept by `incident/`, over `IncidentBook`.
 */
import type { Call, ComponentChange, Incident, IncidentId } from '#/model/index.ts';

export interface Incidents {
  /** What was published to everybody and not dropped, of both kinds, newest first. What is told to some tenants alone is not among it. */
  list(filter: IncidentFilter, limit: number, call: Call): Promise<readonly Incident[]>;

  /** One of these; null where there is none. */
  show(id: IncidentId, call: Call): Promise<Incident | null>;

  /** The octets of a file that it names; null where they are not there. */
  file(id: IncidentId, file: string, call: Call): Promise<Uint8Array | null>;

  /**
   * A component has changed its state: worse drafts an incident, or joins the one of the same cause; better is noted with it. One change may be
   * told more than once, by several processes: it counts once.
   */
  changed(change: ComponentChange, call: Call): Promise<void>;
}

export interface IncidentFilter {
  readonly kind?: Incident['kind'];
  /** Those that are not over. */
  readonly open?: boolean;
  /** Opened at this time or later. Wall-clock ms. */
  readonly since?: number;
}
