/** POP3 as a running part: what it needs is named here, and what is not in `Pop3Parts` can't be reached from it. */
import { type Pop3Listener, Pop3Service, type RunningPop3 } from './service.ts';
import type { Pop3Settings } from './settings.ts';
import type { Pop3Ports } from './world.ts';

export interface Pop3Parts extends Pop3Ports {
  /** Bound and listening; closed with the service. */
  readonly listeners: readonly Pop3Listener[];
}

/** Takes connections until it is disposed; then sessions get time to end. */
export async function startPop3(settings: Pop3Settings, parts: Pop3Parts): Promise<RunningPop3> {
  const { listeners, ...ports } = parts;
  const service = new Pop3Service(settings, ports, listeners);
  service.open();
  return service;
}
