/** `npm run format [PATH…]`: writes the generated pages, then formats and mends what can be mended. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFaults, PAGE } from './checks/faults.ts';
import { run } from './lib/run.ts';
import { home, textOf } from './lib/tree.ts';

if (textOf('src/model/faults.ts') !== '') writeFileSync(join(home, PAGE), await formatFaults());
const { ok, output } = await run('biome', ['check', '--write', '--colors=off', ...process.argv.slice(2)], 120_000);
console.log(output);
process.exitCode = ok ? 0 : 1;
