/**
 * Keepers of `ports/backup.ts`: the embedded store as a source, its copies, and the folder that one becomes a store in;
 * and what there is to copy where PostgreSQL keeps custody.
 *
 * What must never happen is said in the port. Carries design 1 (After a restore) as far as files go.
 */
export { STORE_FOLDER } from './beside.ts';
export { withoutPassword } from './database-dump.ts';
export { type EmbeddedCopyOptions, embeddedCopyReader } from './embedded-copy.ts';
export { type EmbeddedSourceOptions, embeddedSource } from './embedded-source.ts';
export { embeddedTarget } from './embedded-target.ts';
export { keyIdOf } from './key-id.ts';
export { hasMarks } from './mailbox-marks.ts';
export { DATABASE_DUMP, type PostgresSourceOptions, postgresCopyReader, postgresSource } from './postgres-source.ts';
