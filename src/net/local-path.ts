/**
 * Where the local socket of a data directory is. Unix sockets have short names (108 bytes on Linux, 104 elsewhere): where the name in the
 * data directory is too long, the socket lies in a folder of our own below the system's folder for temporary files, and a file beside
 * the proper place tells where.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Fault } from '#/model/index.ts';

const NAME_BYTES_MAX = 100;

/** The name to listen on for the socket that is asked for as `path`; makes and records the short one where it is needed. */
export async function placeToListen(path: string): Promise<string> {
  const full = resolve(path);
  if (Buffer.byteLength(full) <= NAME_BYTES_MAX) return full;
  const short = join(tmpdir(), `holdfast-${createHash('sha256').update(full).digest('hex').slice(0, 20)}`, 'sock');
  await makeOwnFolder(dirname(short));
  await writeFile(`${full}.path`, `${short}\n`, { mode: 0o600 });
  return short;
}

/** The name to connect to; the proper one where none is recorded. */
export async function placeToConnect(path: string): Promise<string> {
  const full = resolve(path);
  if (Buffer.byteLength(full) <= NAME_BYTES_MAX) return full;
  const recorded = await readFile(`${full}.path`, 'utf8').catch(() => '');
  return recorded.trim() || full;
}

// Others may write where temporary files are: a folder that is not ours alone is not used.
async function makeOwnFolder(dir: string): Promise<void> {
  await mkdir(dir, { mode: 0o700 }).catch(() => undefined);
  const found = await lstat(dir);
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o077) !== 0)
    throw new Fault('config.invalid', `${dir} belongs to somebody else; choose a data directory with a shorter name.`);
}
