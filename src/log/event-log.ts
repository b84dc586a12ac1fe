/** Events as lines: JSON for machines, words for a terminal. Fields hold ids; addresses and subjects never come here (design 6). */
import { stripVTControlCharacters, styleText } from 'node:util';
import type { Clock, Log, LogFields } from '#/ports/index.ts';
import type { BoundedWriter, Channel } from './bounded-writer.ts';
import { boundedWriter } from './bounded-writer.ts';
import { sentenceOf } from './events.ts';

export interface EventLogSettings {
  /** `words` for a person at a terminal. */
  readonly form: 'json' | 'words';
  readonly colour: boolean;
  /** Bytes that may wait for the reader. */
  readonly bytesMax: number;
  /** Fields of every line: role, incarnation. */
  readonly fields: LogFields;
}

export const EVENT_LOG_DEFAULTS = { bytesMax: 4 * 1024 * 1024 } as const;

export interface EventLog extends Log, AsyncDisposable {
  /** Lines dropped since the start: for the meter, and for who asks why a line is missing. */
  readonly dropped: number;
}

type Level = 'info' | 'warn' | 'error';
type Event = { readonly at: number; readonly level: Level; readonly event: string; readonly fields: LogFields };

const TEXT_MAX = 2_000;
const LAST_WORDS_MS = 1_000;
const COLOURS = { info: 'dim', warn: 'yellow', error: 'red' } as const;

/** The event log of a process. Disposing waits up to a second for the reader. */
export function openEventLog(
  settings: EventLogSettings,
  parts: { readonly clock: Pick<Clock, 'now'>; readonly channel: Channel },
): EventLog {
  const format = settings.form === 'json' ? formatJson : (event: Event) => formatWords(event, settings.colour);
  const writer = boundedWriter({
    channel: parts.channel,
    bytesMax: settings.bytesMax,
    tellDropped: (count) =>
      format({ at: parts.clock.now(), level: 'warn', event: 'log.dropped', fields: { ...settings.fields, count } }),
  });
  const offer = (level: Level, event: string, fields: LogFields): void => {
    writer.offer(format({ at: parts.clock.now(), level, event, fields }));
  };
  return withDropped(logWith(offer, settings.fields), writer);
}

function logWith(offer: (level: Level, event: string, fields: LogFields) => void, common: LogFields): Log {
  return {
    info: (event, fields) => offer('info', event, { ...common, ...fields }),
    warn: (event, fields) => offer('warn', event, { ...common, ...fields }),
    error: (event, fields) => offer('error', event, { ...common, ...fields }),
    child: (fields) => logWith(offer, { ...common, ...fields }),
  };
}

function withDropped(log: Log, writer: BoundedWriter): EventLog {
  return {
    ...log,
    get dropped() {
      return writer.dropped;
    },
    [Symbol.asyncDispose]: () => writer.drain(LAST_WORDS_MS),
  };
}

/** `{"at":"…","level":"info","event":"gate.open",…}`, one line. */
function formatJson({ at, level, event, fields }: Event): string {
  return `${JSON.stringify({ at: new Date(at).toISOString(), level, event, ...bounded(fields) })}\n`;
}

/** `14:32:07 warn  Lines of the log were dropped … (log.dropped) count=3` */
function formatWords({ at, level, event, fields }: Event, colour: boolean): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  const values = Object.entries(bounded(fields)).map(([name, value]) => `${name}=${wordOf(value)}`);
  const sentence = sentenceOf(event);
  const head = `${time} ${level.padEnd(5)} ${sentence === null ? event : `${sentence} (${event})`}`;
  const line = [head, ...values].join(' ');
  return `${colour ? styleText(COLOURS[level], line, { validateStream: false }) : line}\n`;
}

// Peers' words may stand in a field: no control character of theirs reaches a terminal.
function wordOf(value: unknown): string {
  const text = stripVTControlCharacters(String(value));
  return /^[\p{L}\p{N}\p{P}\p{S}]+$/u.test(text) && !text.includes('"') ? text : JSON.stringify(text);
}

function bounded(fields: LogFields): Record<string, unknown> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, TEXT_MAX) : value]),
  );
}
