/** Tables of the status history, for both databases; each step is whole, and none is changed once it was released. */
export const STATUS_MIGRATIONS: readonly string[] = [
  // status_day holds days whose minutes are gone; a day stands in one of the two tables. A figure of span 60 stands for an hour.
  `CREATE TABLE status_minute (
     component {text} NOT NULL, at {int} NOT NULL, day {text} NOT NULL, state {text} NOT NULL, PRIMARY KEY (component, at)
   );
   CREATE INDEX status_minute_day ON status_minute (day, component, state);
   CREATE TABLE status_day (
     component {text} NOT NULL, day {text} NOT NULL, state {text} NOT NULL, minutes {int} NOT NULL,
     PRIMARY KEY (component, day, state)
   );
   CREATE TABLE status_figure (
     region {text} NOT NULL, stage {text} NOT NULL, span {int} NOT NULL, at {int} NOT NULL, count {int} NOT NULL,
     p50 {int} NOT NULL, p95 {int} NOT NULL, PRIMARY KEY (region, stage, span, at)
   );
   CREATE INDEX status_figure_at ON status_figure (at);
   CREATE TABLE status_change (
     component {text} NOT NULL, at {int} NOT NULL, since {int} NOT NULL, from_state {text} NOT NULL, to_state {text} NOT NULL,
     reasons {text} NOT NULL, PRIMARY KEY (component, at)
   );
   CREATE INDEX status_change_at ON status_change (at);`,
  // One row for each process and provider: what it told last.
  `CREATE TABLE upstream_report (
     provider {text} NOT NULL, reporter {text} NOT NULL, at {int} NOT NULL, report {text} NOT NULL, PRIMARY KEY (provider, reporter)
   );
   CREATE INDEX upstream_report_at ON upstream_report (at);`,
];
