/** The table of past mail's facts, in the types of `inDialect`. Never edited once released: expand, migrate, contract (B5). */
export const PAST_MAILS_MIGRATIONS: readonly string[] = [
  `CREATE TABLE past_batch (
     id {text} PRIMARY KEY, tenant {text} NOT NULL, from_at {int} NOT NULL, to_at {int} NOT NULL, mails {int} NOT NULL,
     missed {int} NOT NULL, bytes {int} NOT NULL, day {text} NOT NULL, sealed {octets} NOT NULL
   );
   CREATE INDEX past_batch_tenant ON past_batch (tenant, id, bytes);
   CREATE INDEX past_batch_age ON past_batch (to_at);`,
];
