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
  `CREATE TABLE change_note (key {text} PRIMARY KEY, at {int} NOT NULL, by {text} NOT NULL, what {text} NOT NULL);
   CREATE INDEX change_note_at ON change_note (at);`,
  // incident_told.looked: entries of which it was decided whom to tell.
  `CREATE TABLE incident_told (incident {text} PRIMARY KEY, looked {int} NOT NULL);
   CREATE TABLE incident_letter (
     id {text} PRIMARY KEY, incident {text} NOT NULL, n {int} NOT NULL, tenant {text} NOT NULL, address {text} NOT NULL,
     address_key {text} NOT NULL, made_at {int} NOT NULL, state {text} NOT NULL, look_at {int} NOT NULL
   );
   CREATE UNIQUE INDEX incident_letter_once ON incident_letter (incident, n, tenant, address_key);
   CREATE INDEX incident_letter_due ON incident_letter (look_at) WHERE state = 'due';
   CREATE INDEX incident_letter_made ON incident_letter (made_at);`,
  // subscriber.place: where it is told, which is there once.
  `ALTER TABLE incident_letter ADD COLUMN subscriber {text};
   CREATE TABLE subscriber (
     id {text} PRIMARY KEY, place {text} NOT NULL UNIQUE, address {text} NOT NULL, address_key {text} NOT NULL, webhook {text},
     language {text} NOT NULL, components {text} NOT NULL, state {text} NOT NULL, asked_at {int} NOT NULL, ended_at {int},
     failures {int} NOT NULL
   );
   CREATE INDEX subscriber_asked ON subscriber (asked_at);
   CREATE INDEX subscriber_address ON subscriber (address_key);`,
];
