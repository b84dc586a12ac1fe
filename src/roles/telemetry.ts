/** Traces for a collector, where the settings name one; told by the janitor of each host. */
import { SpanTeller } from '#/telemetry/index.ts';
import type { Opened } from './opened.ts';

/** Works until it is disposed; null where there is nobody to tell. */
export function startTelemetry({ settings, parts, stores, incarnation }: Opened): AsyncDisposable | null {
  const { url, authorization, sample } = settings.telemetry;
  if (url === null || sample === 0) return null;
  const { host, release } = incarnation;
  const { clock, log, meter } = parts;
  return new SpanTeller(
    { journal: stores.journal, clock, log, meter },
    { url, authorization, sample, host, release },
  ).start();
}
