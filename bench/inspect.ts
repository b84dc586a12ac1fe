/**
 * Inspection: letters a second, a mail of 10 MB and those beside it, a check that waits, what it adds to a relayed mail, and a relay with rules beside Postfix.
 *
 * `npm run bench -- inspect [--row letters|large|waiting|added|relay]… [--quick] [--quiet]`. `--quick`: whether it works, not how fast; it writes no file.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Line, ROWS } from './inspect/rows.ts';
import { keep, table } from './lib/report.ts';

const { values } = parseArgs({
  options: {
    row: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
});
const { row: names, quick, quiet } = values;
const usual = quick
  ? { letters: 500, rounds: 1, pacedMs: 1_000, relayed: 300 }
  : { letters: 6_000, rounds: 3, pacedMs: 8_000, relayed: 3_000 };
const rows = ROWS.filter(({ name }) => names.length === 0 || names.includes(name));
const began = performance.now();
const lines: Line[] = [];
for (const { run } of rows) lines.push(...(await run({ ...usual, say: (line) => console.error(line) })));
const minutes = (performance.now() - began) / 60_000;
const cells = lines.map(({ work, found, bar, met }) => [work, found, `${bar}: ${met ? 'met' : '**missed**'}`]);
const how = `Taken in ${minutes.toFixed(0)} minutes; medians of ${usual.rounds} rounds. One machine with ${availableParallelism()} cores. The first four rows are the inspector alone (extraction, checks, rules; no store), in processes of its own; the last two the whole program, journal, probes and all.`;
const text = ['### Inspection', table(['work', 'found', 'bar'], cells), how].join('\n\n');
console.log(text);
if (names.length === 0 && !quick && !quiet) keep('inspect', text);
