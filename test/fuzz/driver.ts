/**
 * `npm run fuzz -- TARGET… [--seconds N] [--seed N]`: invents input for our parsers until something does not hold, or time is up.
 * Without a target all take their turn. A finding is written to fixtures/fuzz/TARGET/, from where every later run begins.
 */
import { createHash, randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fuzz, seedFolder } from './fuzz.ts';
import type { FuzzTarget } from './target.ts';
import { targets } from './targets.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? randomInt(1, 2 ** 31) : Number(values.seed);
const unknown = positionals.filter((name) => !targets.some((target) => target.name === name));

if (unknown.length > 0 || !(seconds > 0) || !Number.isInteger(seed)) {
  console.error(
    `Usage: npm run fuzz -- [TARGET…] [--seconds N] [--seed N]\nTargets: ${targets.map((target) => target.name).join(' ')}`,
  );
  process.exitCode = 2;
} else {
  const chosen = targets.filter((target) => positionals.length === 0 || positionals.includes(target.name));
  for (const target of chosen) if (!(await run(target))) process.exitCode = 1;
}

async function run(target: FuzzTarget): Promise<boolean> {
  const until = performance.now() + seconds * 1000;
  const { executions, kinds, finding } = await fuzz(target, seed, () => performance.now() >= until);
  await target.close?.();
  console.log(
    `${target.name}: seed ${seed}, ${executions} executions, ${kinds} kinds, ${finding === null ? 'no finding' : 'FINDING'}`,
  );
  if (finding === null) return true;
  console.error(finding.error);
  console.error(
    `Kept in ${keep(target.name, finding.input)}: ${JSON.stringify(finding.input.toString('latin1')).slice(0, 2000)}`,
  );
  return false;
}

function keep(name: string, input: Buffer): string {
  const folder = seedFolder(name);
  mkdirSync(folder, { recursive: true });
  const file = new URL(createHash('sha256').update(input).digest('hex').slice(0, 12), folder);
  writeFileSync(file, input);
  return fileURLToPath(file);
}
