/**
 * Backups: made beside a running server, checked, and made an installation again.
 *
 * A backup is a folder: `data/` with the store as of one moment, `settings/`, `files.sha256`, and `manifest.json`, which is written last;
 * a folder without one is not a backup. The key that opens the mail in custody is not in it unless that is asked for.
 *
 * What must never happen: a half that passes for a backup; a backup or a data directory that is written over; a restored
 * installation that sends mail again which was delivered after the backup (mark.ts), or gives a UID again that mail programs know. Carries design 1 (After a restore).
 */
export { FILE_LIST } from './file-list.ts';
export { type BackupOrder, type BackupParts, type MadeBackup, makeBackup } from './make.ts';
export { loadManifest, type Manifest } from './manifest.ts';
export { type HoldParts, holdRestored, markRestored } from './mark.ts';
export { backupOperations } from './operations.ts';
export { type RestoreOrder, restoreBackup } from './restore.ts';
export { type Verdict, verifyBackup } from './verify.ts';
