/** Tables of people's generations, for both databases; each step is whole, and none is changed once it was released. */
export const PEOPLE_MIGRATIONS: readonly string[] = [
  // Parts come before the generation that names them; *_parts and photos are hashes of 32 octets each, one behind the other. A stand whose
  // serves is null follows the resources.
  `CREATE TABLE people_part (
     tenant {text} NOT NULL, hash {text} NOT NULL, octets {octets} NOT NULL, touched_at {int} NOT NULL, PRIMARY KEY (tenant, hash)
   );
   CREATE TABLE people_generation (
     tenant {text} NOT NULL, id {text} NOT NULL, source {text} NOT NULL, at {int} NOT NULL, by {text} NOT NULL, people {int} NOT NULL,
     groups {int} NOT NULL, attributes {text} NOT NULL, refused {text} NOT NULL, remarks {text} NOT NULL, people_parts {octets} NOT NULL,
     group_parts {octets} NOT NULL, photos {octets} NOT NULL, used_at {int} NOT NULL, PRIMARY KEY (tenant, id)
   );
   CREATE INDEX people_generation_at ON people_generation (tenant, at);
   CREATE TABLE people_stand (
     tenant {text} PRIMARY KEY, serves {text}, since {int} NOT NULL, by {text} NOT NULL, reason {text}, before {text},
     confirmed_at {int} NOT NULL, trouble {text}
   );`,
  // What other programs push. push_open: first_at is null where nothing has changed since the last cut.
  `CREATE TABLE push (
     tenant {text} NOT NULL, kind {text} NOT NULL, id {text} NOT NULL, name_key {text} NOT NULL, external_id {text} NOT NULL, body {text} NOT NULL,
     version {int} NOT NULL, created_at {int} NOT NULL, changed_at {int} NOT NULL, PRIMARY KEY (tenant, kind, id)
   );
   CREATE UNIQUE INDEX push_name ON push (tenant, kind, name_key);
   CREATE INDEX push_external ON push (tenant, kind, external_id);
   CREATE TABLE push_member (
     tenant {text} NOT NULL, member {text} NOT NULL, member_of {text} NOT NULL, PRIMARY KEY (tenant, member_of, member)
   );
   CREATE INDEX push_member_of ON push_member (tenant, member);
   CREATE TABLE push_open (tenant {text} PRIMARY KEY, first_at {int}, last_at {int} NOT NULL);
   CREATE TABLE push_secret (tenant {text} PRIMARY KEY, hash {text}, by {text} NOT NULL, at {int} NOT NULL);`,
];
