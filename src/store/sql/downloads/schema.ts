/** Tables of secure downloads, of sessions that were ended, of what was decided about held mail and of keys of domains, for both databases; each step is whole, and none is changed once it was released. */
export const DOWNLOADS_MIGRATIONS: readonly string[] = [
  // share.bytes is what its files take: 0 when they are gone. A file's octets stand beside it, sealed, or in a blob.
  `CREATE TABLE share (
     id {text} PRIMARY KEY, tenant {text} NOT NULL, message {text} NOT NULL, owner {text}, owner_key {text},
     subject {text} NOT NULL, language {text} NOT NULL, proof {text} NOT NULL, expire_ms {int} NOT NULL,
     downloads {int} NOT NULL, made_at {int} NOT NULL, bytes {int} NOT NULL, ended_at {int}
   );
   CREATE INDEX share_tenant ON share (tenant, id);
   CREATE INDEX share_ended ON share (ended_at) WHERE ended_at IS NOT NULL;
   CREATE TABLE share_file (
     share {text} NOT NULL, n {int} NOT NULL, name {text} NOT NULL, bytes {int} NOT NULL,
     day {text}, sealed {octets}, blob {text}, sha256 {text}, PRIMARY KEY (share, n)
   );
   CREATE INDEX share_file_blob ON share_file (blob) WHERE blob IS NOT NULL;
   CREATE TABLE share_link (
     share {text} NOT NULL, n {int} NOT NULL, address {text} NOT NULL, address_key {text} NOT NULL,
     token_hash {text} NOT NULL UNIQUE, version {text} NOT NULL, state {text} NOT NULL, reason {text} NOT NULL,
     locked {int} NOT NULL, sent_at {int}, expires_at {int}, ended_at {int}, look_at {int}, told {int} NOT NULL,
     secret_hash {text}, secret_at {int}, tries {int} NOT NULL, tries_at {int}, wrong {int} NOT NULL,
     codes {int} NOT NULL, codes_at {int}, PRIMARY KEY (share, n)
   );
   CREATE INDEX share_link_look ON share_link (look_at) WHERE look_at IS NOT NULL;
   CREATE INDEX share_link_address ON share_link (address_key);
   CREATE TABLE share_use (
     share {text} NOT NULL, n {int} NOT NULL, file {int} NOT NULL, taken {int} NOT NULL, PRIMARY KEY (share, n, file)
   );
   CREATE TABLE share_event (
     id {text} PRIMARY KEY, share {text} NOT NULL, n {int}, at {int} NOT NULL, kind {text} NOT NULL, file {int},
     by {text} NOT NULL
   );
   CREATE INDEX share_event_share ON share_event (share, id);`,
  // Beside them, since whoever serves pages asks for all of it.
  `CREATE TABLE ended_session (id {text} PRIMARY KEY, until {int} NOT NULL);
   CREATE INDEX ended_session_until ON ended_session (until);`,
  `CREATE TABLE held_decision (
     tenant {text} NOT NULL, person {text} NOT NULL, message {text} NOT NULL, at {int} NOT NULL, place {text} NOT NULL,
     PRIMARY KEY (tenant, person, message)
   );
   CREATE INDEX held_decision_place ON held_decision (tenant, place);
   CREATE INDEX held_decision_person ON held_decision (tenant, person, place);
   CREATE INDEX held_decision_at ON held_decision (at);`,
  `CREATE TABLE domain_key (
     tenant {text} NOT NULL, domain {text} NOT NULL, selector {text} NOT NULL, algorithm {text} NOT NULL,
     record {text} NOT NULL, sealed {octets} NOT NULL, made_at {int} NOT NULL, active_at {int}, retired_at {int},
     PRIMARY KEY (tenant, domain, selector)
   );`,
];
