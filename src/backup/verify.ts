/** Looks whether a backup is whole: every file as it was written, every database sound, the books counted again. Changes nothing. */
import { join } from 'node:path';
import type { CopyReader, CopyReport, CopyWatch } from '#/ports/index.ts';
import { plainly } from './disk-trouble.ts';
import { hashOf, listedFiles } from './file-list.ts';
import { isAbsent, isUnfinished } from './folder.ts';
import { booksOf, loadManifest, type Manifest } from './manifest.ts';

/** What was found. */
export interface Verdict {
  readonly good: boolean;
  /** What is wrong, in plain words. */
  readonly damage: readonly string[];
  /** Whether the content of live mail was opened with its key. */
  readonly opened: boolean;
  readonly manifest: Manifest;
}

const TOLD_MAX = 20;

/** Refuses a folder that holds no whole backup. */
export function verifyBackup(
  folder: string,
  reader: (manifest: Manifest) => CopyReader,
  watch: CopyWatch,
): Promise<Verdict> {
  return plainly(() => verify(folder, reader, watch));
}

async function verify(folder: string, reader: (manifest: Manifest) => CopyReader, watch: CopyWatch): Promise<Verdict> {
  const manifest = await loadManifest(folder);
  const damage = await wrongFiles(folder, manifest, watch);
  if (await isUnfinished(folder)) damage.push('It was being made when it was looked at, or its end was interrupted.');
  const found = await reader(manifest).report(folder, watch);
  damage.push(...found.damage);
  if (found.damage.length === 0) damage.push(...otherCounts(manifest, found), ...otherMailboxes(manifest, found));
  const { balanced } = found.books === null ? manifest : booksOf(found);
  if (balanced === false) damage.push('The books in it do not balance.');
  return { good: damage.length === 0, damage: damage.slice(0, TOLD_MAX), opened: found.opened, manifest };
}

async function wrongFiles(folder: string, { files }: Manifest, watch: CopyWatch): Promise<string[]> {
  const wrong: string[] = [];
  let done = 0;
  let count = 0;
  for await (const { path, sha256 } of listedFiles(folder, files)) {
    const what = await wrongIn(join(folder, path), sha256, (bytes) => {
      watch.signal.throwIfAborted();
      done += bytes;
      watch.progress('reading all files', done, files.bytes);
    });
    if (what !== null) wrong.push(`${path} ${what}.`);
    count += 1;
  }
  if (count !== files.count) wrong.push(`It lists ${count} files instead of ${files.count}.`);
  return wrong;
}

async function wrongIn(path: string, sha256: string, onPiece: (bytes: number) => void): Promise<string | null> {
  try {
    return (await hashOf(path, onPiece)) === sha256 ? null : 'is not as it was written';
  } catch (error) {
    if (isAbsent(error)) return 'is missing';
    if ((error as NodeJS.ErrnoException).code === 'EIO') return "can't be read: the disk is failing";
    throw error;
  }
}

function otherCounts(manifest: Manifest, { messages, live }: CopyReport): string[] {
  if (messages === manifest.messages && live === manifest.live) return [];
  return [
    `It has ${messages} messages and ${live} live recipients; its manifest says ${manifest.messages} and ${manifest.live}.`,
  ];
}

function otherMailboxes({ mailboxes: said }: Manifest, { mailboxes: found }: CopyReport): string[] {
  if (said === null || found === null) return [];
  if (said.accounts === found.accounts && said.messages === found.messages && said.bytes === found.bytes) return [];
  return [
    `Its mailboxes hold ${found.messages} messages of ${found.accounts} people; its manifest says ${said.messages} of ${said.accounts}.`,
  ];
}
