/** The event log: it never makes its caller wait and never fails (B6). Names are dotted words, kept in `log/events.ts`; fields hold ids, no addresses and no subjects. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A log whose lines all carry these fields. */
  child(fields: LogFields): Log;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;
