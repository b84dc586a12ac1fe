/** The list behind `npm run check`. None of it needs a network. */
import { run } from '../lib/run.ts';
import type { Finding } from '../lib/tree.ts';
import { describe } from '../lib/tree.ts';
import { checkCitations } from './citations.ts';
import { checkFaults } from './faults.ts';
import { checkGlossary } from './glossary.ts';
import { checkPaths } from './paths.ts';
import { checkRooms } from './rooms.ts';
import { checkTitles } from './titles.ts';

/** What came of a check: `report` names each finding on a line. */
export type Result = { ok: boolean; report: string };

/** A check by name; `remedy` is what to do first when it fails. */
export type Check = { name: string; remedy: string; perform: () => Promise<Result> };

const PROGRAM_DEADLINE_MS = 180_000;

/** All checks, the slow ones first. */
export const CHECKS: readonly Check[] = [
  {
    name: 'type-aware lint',
    remedy: 'mend what oxlint names',
    perform: program('oxlint', ['--type-aware', '--quiet']),
  },
  { name: 'types', remedy: 'mend what tsc names', perform: program('tsc', ['-p', '.', '--pretty', 'false']) },
  {
    name: 'unused code',
    remedy: 'remove it, or use it',
    perform: program('knip', ['--no-progress', '--no-config-hints']),
  },
  {
    name: 'format and lint',
    remedy: 'npm run format',
    perform: program('biome', ['check', '--colors=off', '--diagnostic-level=warn']),
  },
  { name: 'rooms', remedy: 'npm run rooms shows the picture', perform: own(checkRooms) },
  { name: 'RFC citations', remedy: 'docs/rfc/index.tsv', perform: own(checkCitations) },
  { name: 'glossary', remedy: 'src/model/README.md', perform: own(checkGlossary) },
  { name: 'faults page', remedy: 'npm run format', perform: own(checkFaults) },
  { name: 'test titles', remedy: 'lead with the requirement', perform: own(checkTitles) },
  { name: 'machine paths', remedy: 'keep them out', perform: own(checkPaths) },
];

function program(name: string, words: readonly string[]): () => Promise<Result> {
  return async () => {
    const { ok, output } = await run(name, words, PROGRAM_DEADLINE_MS);
    return { ok, report: ok ? '' : output };
  };
}

function own(find: () => Finding[] | Promise<Finding[]>): () => Promise<Result> {
  return async () => {
    const findings = await find();
    return { ok: findings.length === 0, report: findings.map(describe).join('\n') };
  };
}
