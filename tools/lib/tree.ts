/** The checkout as the tools see it: the files that belong to it, and their lines. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Folder of the checkout. */
export const home: string = dirname(dirname(import.meta.dirname));

/** One thing that a check does not accept: where, and what to do about it. */
export type Finding = { file: string; line: number; sentence: string };

/** Paths, relative to the checkout, of all files that are tracked or would be; `prefix` names a folder or file. */
export function filesOf(...prefixes: readonly string[]): string[] {
  return everyFile().filter((file) => prefixes.length === 0 || prefixes.some((prefix) => isBelow(file, prefix)));
}

/** TypeScript sources below the given folders. */
export function sourcesOf(...prefixes: readonly string[]): string[] {
  return filesOf(...prefixes).filter((file) => file.endsWith('.ts'));
}

/** Whole text of a file of the checkout; empty where there is none. */
export function textOf(file: string): string {
  const path = join(home, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Lines of a file whose text matches, with their numbers from 1. */
export function linesMatching(file: string, pattern: RegExp): { line: number; text: string }[] {
  const hits: { line: number; text: string }[] = [];
  for (const [index, text] of textOf(file).split('\n').entries()) {
    if (pattern.test(text)) hits.push({ line: index + 1, text: text.trim() });
  }
  return hits;
}

/** Number, from 1, of the line at which `offset` stands. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** A finding as compilers write it, so that editors can jump to it. */
export function describe(finding: Finding): string {
  return `${finding.file}:${finding.line} ${finding.sentence}`;
}

let listed: string[] | undefined;

function everyFile(): string[] {
  listed ??= existsSync(join(home, '.git')) ? fromGit() : fromDisk();
  return listed;
}

function fromGit(): string[] {
  const words = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const said = execFileSync('git', words, { cwd: home, encoding: 'utf8', maxBuffer: 64 << 20 });
  const named = new Set(said.split('\0').filter((file) => file !== ''));
  return [...named].filter((file) => isFile(join(home, file))).sort();
}

// A checkout without its .git (an archive, an image) is read as it lies.
function fromDisk(): string[] {
  const left = new Set(['node_modules', 'dist', 'data', '.cache', 'coverage', '.git']);
  const words = ['.', ...[...left].flatMap((name) => ['-name', name, '-prune', '-o']), '-type', 'f', '-print0'];
  const said = execFileSync('find', words, { cwd: home, encoding: 'utf8', maxBuffer: 64 << 20 });
  return said
    .split('\0')
    .filter((file) => file !== '')
    .map((file) => file.replace(/^\.\//, ''))
    .sort();
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isBelow(file: string, prefix: string): boolean {
  return file === prefix || file.startsWith(`${prefix}/`);
}
