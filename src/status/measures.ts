/** The figures that rules look at. A figure that could not be had is null, and never taken for a good one. */

export const MEASURES = [
  // 1 while a role has not proved itself, else 0.
  'gate.down',
  'inspect.down',
  'deliver.down',
  'mail.down',
  'web.down',
  'janitor.down',
  // 1 while a role works, and tells of a part that does not.
  'gate.partial',
  'deliver.partial',
  // Probes in a row that failed at this step.
  'probe.submission',
  'probe.inspection',
  'probe.delivery',
  'probe.mailboxes',
  'probe.imap',
  'probe.pop3',
  // Ms that the slowest of a hundred, but five, took of late.
  'seconds.submission',
  'seconds.inspection',
  'seconds.delivery',
  'seconds.mailboxes',
  'seconds.imap',
  'seconds.pop3',
  // Ms since the most urgent has been due without being taken.
  'overdue.inspection',
  'overdue.mailboxes',
  'overdue.upstreams',
  // Of one provider: ms since it has taken nothing; part of its mail that it defers beyond what is usual; ms that it takes where that is unusual.
  'upstream.away',
  'upstream.deferred',
  'upstream.slow',
  // 1 while the disk has no room for new mail, else 0.
  'disk.full',
  // Part of what was asked that failed on our side, from 0 to 1.
  'refused.gateway',
  'failed.portal',
  // Tenants whose books do not balance, rows that could not be mended, lines of the log that nobody read, of late.
  'books.unbalanced',
  'orphans.unmended',
  'log.dropped',
] as const;

export type Measure = (typeof MEASURES)[number];

export type Measures = Readonly<Partial<Record<Measure, number | null>>>;
