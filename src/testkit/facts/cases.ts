/** Fixtures of checks: a text a line, and what is found in it. */
import { readFileSync } from 'node:fs';

export interface CheckCase {
  readonly text: string;
  /** Keys of the hits, in any order. */
  readonly found: readonly string[];
}

/** The cases of `fixtures/inspect/checks/NAME.tsv`. */
export function checkCases(name: string): CheckCase[] {
  return readFileSync(new URL(`../../../fixtures/inspect/checks/${name}.tsv`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
    .map(([text = '', found = '']) => ({
      text: unescaped(text),
      found:
        found === '-'
          ? []
          : found
              .split(' ')
              .map((key) => key.replaceAll('|', ' '))
              .sort(),
    }));
}

function unescaped(text: string): string {
  return text.replace(/\\(?:n|u([0-9a-f]{4}))/g, (_, code?: string) =>
    code === undefined ? '\n' : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
