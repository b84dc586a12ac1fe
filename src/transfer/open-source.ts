/** Finds out in which form mail lies at a place. */
import { lstat } from 'node:fs/promises';
import type { UidlFormat } from '#/codec/mail-files/index.ts';
import { EmlSource } from './eml-source.ts';
import { isMaildir, MaildirSource } from './maildir-source.ts';
import { isMbox, MboxSource } from './mbox-source.ts';
import { type Source, SourceTrouble } from './source.ts';

/** Forms of files; the words of `--format`. */
export const FORMATS = ['maildir', 'mbox', 'eml'] as const;
export type Format = (typeof FORMATS)[number];

export interface FilesOptions {
  readonly path: string;
  /** Null: by what is found there. */
  readonly format: Format | null;
  readonly messageBytesMax: number;
  readonly uidlFormat: UidlFormat;
}

/** Rejects with a `SourceTrouble` where there is nothing that we read. */
export async function openFilesSource(
  options: FilesOptions,
): Promise<{ readonly format: Format; readonly source: Source }> {
  const { path, messageBytesMax, uidlFormat } = options;
  const stat = await lstat(path).catch(() => null);
  if (stat === null) throw new SourceTrouble(`There is nothing at ${path}.`, false);
  if (!stat.isFile() && !stat.isDirectory()) throw new SourceTrouble(`${path} is neither a file nor a folder.`, false);
  const isFile = stat.isFile();
  const format = options.format ?? (await (isFile ? formatOfFile(path) : formatOfFolder(path)));
  if (format === 'maildir') {
    if (isFile) throw new SourceTrouble(`${path} is a file; a Maildir is a folder.`, false);
    return { format, source: new MaildirSource({ root: path, messageBytesMax, uidlFormat }) };
  }
  const files = { root: path, isFile, messageBytesMax };
  return { format, source: format === 'mbox' ? new MboxSource(files) : new EmlSource(files) };
}

async function formatOfFile(path: string): Promise<Format> {
  if (await isMbox(path)) return 'mbox';
  if (/\.eml$/i.test(path)) return 'eml';
  throw new SourceTrouble(
    `${path} does not begin as an mbox file does. Say what it is: --format mbox or --format eml.`,
    false,
  );
}

async function formatOfFolder(path: string): Promise<Format> {
  if (await isMaildir(path)) return 'maildir';
  for (const [format, source] of [
    ['eml', new EmlSource({ root: path, isFile: false, messageBytesMax: 0 })],
    ['mbox', new MboxSource({ root: path, isFile: false, messageBytesMax: 0 })],
  ] as const) {
    if ((await source.folders()).some(({ messages }) => messages !== 0)) return format;
  }
  throw new SourceTrouble(
    `There is no mail at ${path} that can be read: no Maildir, no mbox and no .eml files.`,
    false,
  );
}
