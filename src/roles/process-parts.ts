/** What every process of ours has: time, the event log, meters. */
import {
  channelOf,
  createMeter,
  EVENT_LOG_DEFAULTS,
  type EventLog,
  openEventLog,
  type ProcessMeter,
} from '#/log/index.ts';
import type { Clock } from '#/ports/index.ts';
import { systemClock } from './system-clock.ts';

export interface ProcessParts {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly meter: ProcessMeter;
}

/** Lines go to the standard output: words for a terminal, JSON for a collector. Each process writes its own (B6). */
export function openProcess(role: string): ProcessParts {
  const onTerminal = process.stdout.isTTY === true;
  const log = openEventLog(
    { ...EVENT_LOG_DEFAULTS, form: onTerminal ? 'words' : 'json', colour: onTerminal, fields: { role } },
    { clock: systemClock, channel: channelOf(1, process.stdout) },
  );
  const meter = createMeter();
  const dropped = meter.gauge('holdfast_log_dropped_lines', 'Lines of the event log that nobody read in time.');
  meter.beforeExposition(() => dropped.set(log.dropped));
  return { clock: systemClock, log, meter };
}
