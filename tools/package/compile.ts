/**
 * src to JavaScript: Node strips no types below node_modules. From the places where execution begins (the command line, a role's process,
 * threads) the compiler follows the imports, so that tests and what they share stay out by themselves.
 */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseImports } from '../lib/imports.ts';
import { run } from '../lib/run.ts';
import { home, sourcesOf } from '../lib/tree.ts';

const ENTRY = /^src\/(cli\/main|roles\/child|.*-thread|.*\.worker)\.ts$/;
const DEADLINE_MS = 120_000;

/** Fills `dist`. Throws with what the compiler said, or with every path that leads nowhere in the compiled form. */
export async function compile(dist: string): Promise<void> {
  const settings = join(mkdtempSync(join(tmpdir(), 'holdfast-tsc-')), 'tsconfig.json');
  writeFileSync(settings, JSON.stringify(settingsFor(dist)));
  try {
    const { ok, output } = await run('tsc', ['-p', settings], DEADLINE_MS);
    if (!ok) throw new Error(`tsc: ${output}`);
  } finally {
    rmSync(dirname(settings), { recursive: true });
  }
  const lost = lostPaths(dist);
  if (lost.length > 0) throw new Error(`These lead nowhere once compiled:\n${lost.join('\n')}`);
}

function settingsFor(dist: string): unknown {
  return {
    extends: join(home, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      // Types are `npm run check`'s business; here they would only make the same wait twice.
      noCheck: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(home, 'src'),
      outDir: dist,
      typeRoots: [join(home, 'node_modules', '@types')],
    },
    include: [],
    files: sourcesOf('src')
      .filter((file) => ENTRY.test(file))
      .map((file) => join(home, file)),
  };
}

/**
 * Imports and URLs of threads and children that name a file which is not there. A path built as text passes the compiler unseen and
 * would fail at the first start, on a machine of somebody else.
 */
export function lostPaths(dist: string): string[] {
  return globSync('**/*.js', { cwd: dist }).flatMap((file) => {
    const text = readFileSync(join(dist, file), 'utf8');
    return [...namesIn(text)]
      .filter((name) => !existsSync(placeOf(dist, file, name)))
      .map((name) => `dist/${file}: ${name}`);
  });
}

function* namesIn(text: string): Generator<string> {
  for (const { from } of parseImports(text)) if (/^(#\/|\.)/.test(from)) yield from;
  for (const [, , name = ''] of text.matchAll(/new URL\((['"])(\.[^'"]+)\1,\s*import\.meta\.url\)/g)) yield name;
}

// What lies above dist is the package: the launcher, the manifest.
function placeOf(dist: string, file: string, name: string): string {
  if (name.startsWith('#/')) return join(dist, name.slice(2).replace(/\.ts$/, '.js'));
  const place = resolve(dist, dirname(file), name);
  return place.startsWith(dist) ? place : join(home, place.slice(dirname(dist).length));
}
