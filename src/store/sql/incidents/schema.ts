/** Tables of incidents, for both databases; each step is whole, and none is changed once it was released. */
export const INCIDENTS_MIGRATIONS: readonly string[] = [
  // incident.entries counts its rows in incident_entry, incident.token names the last writing; incident_entry.body is the entry as JSON.
  `CREATE TABLE incident (
     id {text} PRIMARY KEY, kind {text} NOT NULL, made_at {int} NOT NULL, entries {int} NOT NULL, open {int} NOT NULL,
     token {text} NOT NULL
   );
   CREATE INDEX incident_made ON incident (made_at);
   CREATE INDEX incident_open ON incident (made_at) WHERE open = 1;
   CREATE TABLE incident_entry (
     incident {text} NOT NULL, n {int} NOT NULL, token {text} NOT NULL, body {text} NOT NULL, PRIMARY KEY (incident, n)
   );
   CREATE TABLE incident_file_part (
     incident {text} NOT NULL, file {text} NOT NULL, part {int} NOT NULL, octets {octets} NOT NULL,
     PRIMARY KEY (incident, file, part)
   );`,
];
