/** An installation made of a backup: every file checked as it is copied, the mark last. Ended early, it leaves nothing behind. */
import { join } from 'node:path';
import { type CopyWatch, Refusal, type RestoreTarget } from '#/ports/index.ts';
import { plainly } from './disk-trouble.ts';
import { listedFiles } from './file-list.ts';
import { loadManifest, type Manifest } from './manifest.ts';

export interface RestoreOrder {
  readonly folder: string;
  /** What keeps custody by the settings of the new installation. */
  readonly store: Manifest['store'];
  /** Who restores, for the journal. */
  readonly by: string;
  readonly now: () => number;
}

/** Where the store's files stand in a backup. */
const STORE = 'data/';

/** Restores; what was made is as old as the manifest says, and its mail is held at the first start. A database is restored by its own means. */
export function restoreBackup(order: RestoreOrder, target: RestoreTarget, watch: CopyWatch): Promise<Manifest> {
  return plainly(() => restore(order, target, watch));
}

async function restore(
  { folder, store, by, now }: RestoreOrder,
  target: RestoreTarget,
  watch: CopyWatch,
): Promise<Manifest> {
  const manifest = await loadManifest(folder);
  if (manifest.store !== store) throw new Refusal(2, otherStore(manifest.store));
  await using site = await target.take();
  const free = await site.free();
  if (free < manifest.files.bytes)
    throw new Refusal(4, `There is not enough room: ${manifest.files.bytes} bytes are needed, and ${free} are free.`);
  let done = 0;
  for await (const { path, sha256 } of listedFiles(folder, manifest.files)) {
    if (!path.startsWith(STORE)) continue;
    watch.signal.throwIfAborted();
    const placed = await site.place(join(folder, path), path.slice(STORE.length), watch);
    if (placed.sha256 !== sha256) throw new Refusal(1, otherContent(path));
    done += placed.bytes;
    watch.progress('restoring', done, manifest.files.bytes);
  }
  if (manifest.store === 'embedded') await site.finish({ by, at: now(), snapshotAt: Date.parse(manifest.snapshotAt) });
  else await site.finishFiles();
  return manifest;
}

function otherStore(store: Manifest['store']): string {
  return store === 'embedded'
    ? 'This backup is of an installation that keeps its mail in its data directory, and the settings name a database. Take the setting "store" out, or name other settings with --config.'
    : 'This backup is of an installation that keeps its mail in PostgreSQL, and the settings name no database. Name its settings with --config.';
}

function otherContent(path: string): string {
  if (path === 'data/secrets.key')
    return 'There is another secrets.key in the new data directory than the one in this backup. Move the wrong one away, and restore again.';
  return `${path} is not as it was written when the backup was made. Nothing was restored: take another backup, or another copy of this one.`;
}
