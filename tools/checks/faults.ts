/** docs/faults.md is written from the table in src/model/faults.ts; here is how, and whether it was. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding } from '../lib/tree.ts';
import { home, textOf } from '../lib/tree.ts';

/** The page that is made from the table. */
export const PAGE = 'docs/faults.md';
const TABLE = 'src/model/faults.ts';

type Row = { retry: string; owner: string; meaning: string; remedy: string };

/** Says so where the page differs from the table. */
export async function checkFaults(): Promise<Finding[]> {
  if (textOf(TABLE) === '' || textOf(PAGE) === (await formatFaults())) return [];
  return [{ file: PAGE, line: 1, sentence: `differs from ${TABLE}: run "npm run format"` }];
}

/** The page as the table has it. */
export async function formatFaults(): Promise<string> {
  const module: unknown = await import(pathToFileURL(join(home, TABLE)).href);
  const table = (module as { FAULTS: Readonly<Record<string, Row>> }).FAULTS;
  const rows = Object.entries(table).map(([code, row]) => formatRow(code, row));
  return `${[...HEAD, ...rows].join('\n')}\n`;
}

const HEAD = [
  '# Faults',
  '',
  'Unexpected failures, by the code that logs, traces and answers show. Written from `src/model/faults.ts` by `npm run format`.',
  '`retry` says whether the same call can help soon, later or never; `owner` whose doing it is.',
  '',
  '| code | retry | owner | what it means | what to do |',
  '|---|---|---|---|---|',
];

function formatRow(code: string, { retry, owner, meaning, remedy }: Row): string {
  return `| \`${code}\` | ${retry} | ${owner} | ${meaning} | ${remedy} |`;
}
