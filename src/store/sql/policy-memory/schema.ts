/** Tables of what policy remembers, for both databases; each step is whole, and none is changed once it was released. */
export const POLICY_MEMORY_MIGRATIONS: readonly string[] = [
  // document.numbers are 32 bits each, little-endian, ascending. A document's name is unique when case is set aside.
  `CREATE TABLE correspondence (
     tenant {text} NOT NULL, sender {text} NOT NULL, recipient {text} NOT NULL, day {int} NOT NULL,
     PRIMARY KEY (tenant, sender, recipient)
   );
   CREATE INDEX correspondence_recipient ON correspondence (tenant, recipient);
   CREATE INDEX correspondence_day ON correspondence (tenant, day);
   CREATE TABLE document (
     id {text} PRIMARY KEY, tenant {text} NOT NULL, name {text} NOT NULL, name_key {text} NOT NULL, added_at {int} NOT NULL,
     added_by {text} NOT NULL, chars {int} NOT NULL, cut {int} NOT NULL, amount {int} NOT NULL, numbers {octets} NOT NULL,
     UNIQUE (tenant, name_key)
   );
   CREATE TABLE document_revision (tenant {text} PRIMARY KEY, revision {int} NOT NULL);`,
];
