/** Nothing in the tree knows the machine it was written on. */
import type { Finding } from '../lib/tree.ts';
import { filesOf, linesMatching } from '../lib/tree.ts';

const BINARY = /\.(png|jpg|jpeg|gif|ico|woff2?|zip|gz|pdf|docx|db|sqlite)$/;

// Put together here, or this file would be its own finding.
const FOREIGN = new RegExp(
  ['work', 'root', 'tmp/bash_jobs', 'home/[a-z]+'].map((name) => `(?<![\\w.~-])/${name}/`).join('|'),
);
const REGISTRY = /"resolved":/;

/** Machine paths anywhere, and registry hosts in the lockfile. */
export function checkPaths(): Finding[] {
  const files = filesOf().filter((file) => !BINARY.test(file) && !file.startsWith('fixtures/'));
  const paths = files.flatMap((file) => at(file, FOREIGN, 'names a path of one machine'));
  return [...paths, ...at('package-lock.json', REGISTRY, 'names a registry: remove "resolved"')];
}

function at(file: string, pattern: RegExp, sentence: string): Finding[] {
  return linesMatching(file, pattern).map(({ line }) => ({ file, line, sentence }));
}
