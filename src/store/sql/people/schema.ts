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
];
