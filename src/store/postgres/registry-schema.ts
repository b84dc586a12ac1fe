/** The registry's tables. Beside custody's, in the same schema, so that one backup has both. */

/** SQL that leads from each version to the next, each step whole. Never edited once released: expand, migrate, contract (B5). */
export const REGISTRY_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE registry_snapshot (
    one INT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL, at BIGINT NOT NULL, resources TEXT NOT NULL
  );
  INSERT INTO registry_snapshot VALUES (1, 0, 0, 'null');
  CREATE TABLE registry_change (
    version BIGINT PRIMARY KEY, at BIGINT NOT NULL, by TEXT NOT NULL, lines TEXT NOT NULL, token TEXT NOT NULL
  );
  CREATE TABLE registry_usage (
    tenant TEXT NOT NULL, identity TEXT NOT NULL, day TEXT NOT NULL, day_count BIGINT NOT NULL,
    last_seen BIGINT NOT NULL, last_error TEXT, last_error_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, identity)
  ) WITH (fillfactor = 70);
  CREATE TABLE audit_entry (
    seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, by TEXT NOT NULL, act TEXT NOT NULL, subject TEXT NOT NULL,
    reason TEXT NOT NULL, hash TEXT NOT NULL, token TEXT NOT NULL UNIQUE
  );
  `,
  `
  CREATE TABLE registry_policy_step (
    tenant TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, at BIGINT NOT NULL, by TEXT NOT NULL,
    rules_before TEXT NOT NULL, rules_after TEXT NOT NULL, undoes BIGINT, PRIMARY KEY (tenant, version)
  );
  `,
];
