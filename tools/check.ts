/** `npm run check [NAME…]`: everything that can be known without running the product, in about a minute. */
import type { Check, Result } from './checks/index.ts';
import { CHECKS } from './checks/index.ts';

const REPORT_LINES_MAX = 60;
const wanted = process.argv.slice(2);
const chosen = CHECKS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
const done = await Promise.all(chosen.map(timed));

for (const { check, result } of done) if (!result.ok) printReport(check, result);
for (const { check, result, seconds } of done) {
  const note = result.ok ? '' : `   ${check.remedy}`;
  console.log(`${result.ok ? 'ok  ' : 'FAIL'}  ${check.name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s${note}`);
}
if (chosen.length === 0)
  console.error(`No check has that name. There are: ${CHECKS.map(({ name }) => name).join(', ')}.`);
process.exitCode = chosen.length > 0 && done.every(({ result }) => result.ok) ? 0 : 1;

async function timed(check: Check): Promise<{ check: Check; result: Result; seconds: number }> {
  const start = performance.now();
  const result = await check.perform();
  return { check, result, seconds: (performance.now() - start) / 1000 };
}

function printReport(check: Check, { report }: Result): void {
  const lines = report.split('\n');
  console.log(`── ${check.name} ──`);
  console.log(lines.slice(0, REPORT_LINES_MAX).join('\n'));
  if (lines.length > REPORT_LINES_MAX) console.log(`… and ${lines.length - REPORT_LINES_MAX} lines more`);
  console.log('');
}
