/** `{ env: NAME }` and `{ file: PATH }` stand for a secret that is kept elsewhere. They are followed once, where the file is read. */
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Finding, Path } from './complaint.ts';

/** A secret file is a line, not a mail archive. */
const SECRET_BYTES_MAX = 65_536;

/** What references are resolved against. */
export interface ReferenceSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly folder: string;
}

/** A copy of `value` with every reference replaced by what it stands for; what could not be read is a finding. */
export function followReferences(
  value: unknown,
  source: ReferenceSource,
  path: Path = [],
): { readonly value: unknown; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  return { value: follow(value, source, path, findings), findings };
}

function follow(value: unknown, source: ReferenceSource, path: Path, findings: Finding[]): unknown {
  if (Array.isArray(value)) return value.map((item, i) => follow(item, source, [...path, i], findings));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && typeof only[1] === 'string') {
    if (only[0] === 'env') return fromEnvironment(only[1], source, path, findings);
    if (only[0] === 'file') return fromFile(only[1], source, path, findings);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, follow(item, source, [...path, key], findings)]));
}

function fromEnvironment(name: string, { env }: ReferenceSource, path: Path, findings: Finding[]): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  findings.push({ path, message: `The environment has no ${name}.`, remedy: `set ${name} before you start` });
  return UNREAD;
}

function fromFile(name: string, { folder }: ReferenceSource, path: Path, findings: Finding[]): string {
  const file = resolve(folder, name);
  try {
    const text = readBounded(file).replace(/\r?\n$/, '');
    if (text !== '') return text;
    throw new Error('it is empty');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(error);
    findings.push({ path, message: `Cannot read the secret in ${name}: ${why}.`, remedy: 'mend the path or the file' });
    return UNREAD;
  }
}

// A device or a pipe tells no size: it is read until there is too much.
function readBounded(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(SECRET_BYTES_MAX + 1);
    let size = 0;
    for (let got = -1; got !== 0 && size < bytes.length; size += got)
      got = readSync(fd, bytes, size, bytes.length - size, null);
    if (size > SECRET_BYTES_MAX) throw new Error('it is larger than 64 KiB');
    return bytes.toString('utf8', 0, size);
  } finally {
    closeSync(fd);
  }
}

// Long enough to raise no second complaint about the same place.
const UNREAD = 'unread-secret-0000000000000000000000';

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
