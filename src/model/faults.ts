/**
 * Unexpected failures, one table. `retry`: whether the same call can help soon, later or never. `owner`: whose doing it is.
 * docs/faults.md is written from this table; a test compares the two.
 */
export const FAULTS = {
  'store.unavailable': {
    retry: 'soon',
    owner: 'us',
    meaning: 'The store did not answer in time or is closing.',
    remedy: 'Mail is safe; senders get 451 and try again. Look at the log of the process that writes custody.',
  },
  'store.failed': {
    retry: 'never',
    owner: 'us',
    meaning: 'The store reported an error that must not be retried, such as a failed flush.',
    remedy: 'The process stops and recovers from what the disk has. Check the disk.',
  },
  'store.busy': {
    retry: 'soon',
    owner: 'us',
    meaning: 'More work waits for the store than its bound allows.',
    remedy: 'Senders get 451; look at the load and the disk.',
  },
  'store.locked': {
    retry: 'later',
    owner: 'us',
    meaning: 'Another process writes this data directory.',
    remedy: 'Stop the other process, or give this one its own --data.',
  },
  'rules.unknown': {
    retry: 'soon',
    owner: 'us',
    meaning: 'The rules that a mail is to be judged by are not known to this process now.',
    remedy:
      'The mail waits and is inspected again in seconds. Look for directory.unreachable and directory.refused in the log; put a tenant that was removed back, or drop its mail.',
  },
  'store.foreign': {
    retry: 'never',
    owner: 'us',
    meaning: 'The data directory was written by a release that this one does not know.',
    remedy: 'Run the release that wrote it, or a newer one.',
  },
  'store.unfinished': {
    retry: 'never',
    owner: 'us',
    meaning: 'A restore into this data directory was not finished.',
    remedy: 'Run "holdfast restore" again: it begins anew. Nothing can start on half a copy.',
  },
  'disk.full': {
    retry: 'later',
    owner: 'us',
    meaning: 'Free disk space is down to the reserve that the outcomes of the queue need.',
    remedy: 'Free space or grow the disk; accepting resumes by itself.',
  },
  'body.missing': {
    retry: 'never',
    owner: 'us',
    meaning: 'The content of a message is not where its row says.',
    remedy: 'Its recipients are held and an incident is logged; restore it from a backup, then release them.',
  },
  'body.damaged': {
    retry: 'never',
    owner: 'us',
    meaning: 'The content of a message differs from what was accepted.',
    remedy: 'Its recipients are held and an incident is logged; restore it from a backup, then release them.',
  },
  'mailbox.refused': {
    retry: 'never',
    owner: 'peer',
    meaning: 'What was asked of a mailbox can never be: its name, a number, or how much of it.',
    remedy: 'The client is told; nothing was changed.',
  },
  'key.missing': {
    retry: 'never',
    owner: 'us',
    meaning: 'The key file that unlocks stored content is missing or not the one it was locked with.',
    remedy: 'Put secrets.key back from your backup.',
  },
  'call.late': {
    retry: 'soon',
    owner: 'us',
    meaning: 'The deadline of a call passed.',
    remedy: 'Try again; if it stays, look at the load.',
  },
  'call.refused': {
    retry: 'never',
    owner: 'peer',
    meaning: 'A request to the local socket was malformed or not allowed.',
    remedy: 'Use the holdfast command of the same release.',
  },
  'server.unreachable': {
    retry: 'soon',
    owner: 'us',
    meaning: 'No server answers on the local socket.',
    remedy: 'Start it with `holdfast serve`, or name its --data.',
  },
  'dns.unavailable': {
    retry: 'soon',
    owner: 'upstream',
    meaning: 'The resolver did not answer.',
    remedy: 'Mail waits and is tried again; check dns.servers.',
  },
  'config.invalid': {
    retry: 'never',
    owner: 'us',
    meaning: 'The configuration or a resource file has mistakes.',
    remedy: 'Mend what the report names; nothing was changed.',
  },
} as const satisfies Record<
  string,
  { retry: 'soon' | 'later' | 'never'; owner: 'peer' | 'upstream' | 'us'; meaning: string; remedy: string }
>;

export type FaultCode = keyof typeof FAULTS;

/** An unexpected failure; `code` is its row in the table. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly retry: 'soon' | 'later' | 'never';
  readonly owner: 'peer' | 'upstream' | 'us';

  constructor(code: FaultCode, detail?: string, cause?: unknown) {
    super(detail === undefined ? FAULTS[code].meaning : `${FAULTS[code].meaning} ${detail}`, { cause });
    this.name = 'Fault';
    this.code = code;
    this.retry = FAULTS[code].retry;
    this.owner = FAULTS[code].owner;
  }
}

/** A fault before anything was begun: what was asked for never comes to be, and nobody need look for it later. */
export class NotBegun extends Fault {}

/** Whether an error is the fault with this code. */
export function isFault(error: unknown, code: FaultCode): boolean {
  return error instanceof Fault && error.code === code;
}
