/**
 * An operator who works as root on the store of a stopped server must leave no file there that the server's own account can't open: it
 * would not start again. So root acts as the owner of the data directory.
 */
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** For the rest of this process where root runs it and the folder, or the nearest one above that exists, is somebody else's. */
export function actAsOwner(folder: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = ownerOf(resolve(folder));
  if (uid === 0) return;
  // The group first: whoever has given up root may not change it any more.
  process.setegid?.(gid);
  process.seteuid?.(uid);
}

function ownerOf(path: string): { readonly uid: number; readonly gid: number } {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ?? ownerOf(dirname(path));
}
