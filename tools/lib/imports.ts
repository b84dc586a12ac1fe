/** Reads the imports of a TypeScript file by their shape; TypeScript 7 offers no parser to ask. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { home, lineAt, textOf } from './tree.ts';

/** One import: what is named, from where, whether only types cross, and the names if they are listed. */
export type Import = { from: string; line: number; typesOnly: boolean; names: readonly string[] };

const STATEMENT = /^(?:import|export)\s+(type\s+)?([^'";]*?)\s*\bfrom\s*['"]([^'"]+)['"]/gm;
const BARE = /^import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** All imports and re-exports of a file, in no special order. */
export function importsOf(file: string): Import[] {
  return parseImports(textOf(file));
}

/** The same for a text. */
export function parseImports(text: string): Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(STATEMENT)) {
    const [, type, names = '', from = ''] = match;
    found.push({ from, line: lineAt(text, match.index), typesOnly: type !== undefined, names: namesIn(names) });
  }
  for (const pattern of [BARE, DYNAMIC]) {
    for (const match of text.matchAll(pattern)) {
      found.push({ from: match[1] ?? '', line: lineAt(text, match.index), typesOnly: false, names: [] });
    }
  }
  return found;
}

/** The file of the checkout that an import means, or undefined for packages and Node's own modules. */
export function resolveImport(file: string, from: string): string | undefined {
  if (from.startsWith('#/')) return `src/${from.slice(2)}`;
  if (from.startsWith('.')) return posix.normalize(posix.join(posix.dirname(file), from));
  return undefined;
}

/** Whether the file that an import means is there. */
export function isThere(file: string): boolean {
  return existsSync(join(home, file));
}

function namesIn(clause: string): string[] {
  const inBraces = /\{([^}]*)\}/.exec(clause)?.[1];
  if (inBraces === undefined) return ['*'];
  const names = inBraces.split(',').map((name) => name.trim().split(/\s+as\s+/)[0] ?? '');
  return names.filter((name) => name !== '' && !name.startsWith('type '));
}
