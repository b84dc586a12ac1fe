/**
 * The drills, their times beside those of the incidents that they replay (design 7.9).
 *
 * `npm run bench -- drills NAME [--small] [--messages N] [--tenants N] [--quiet]`. One drill a run, in the full size unless told otherwise.
 */
import { parseArgs } from 'node:util';
import { DRILLS, TIME_NAMES } from '#/drills/index.ts';
import { keep, table } from './lib/report.ts';

const { values, positionals } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    messages: { type: 'string' },
    tenants: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const [name] = positionals;
const drill = DRILLS.find((one) => one.name === name);
if (drill === undefined) throw new Error(`Which one? There are: ${DRILLS.map((one) => one.name).join(', ')}.`);

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());
const report = await drill.run({
  size: values.small ? 'small' : 'full',
  scale: {
    ...(values.messages !== undefined && { mails: Number(values.messages) }),
    ...(values.tenants !== undefined && { tenants: Number(values.tenants) }),
  },
  signal: stop.signal,
  progress: (line) => console.error(line),
});
const { times, originals, asserts, did } = report;
const rows = Object.entries(times).flatMap(([time, ms]): string[][] => {
  if (time === 'wholeMs') return [];
  const original = originals?.[time];
  return [[TIME_NAMES[time] ?? time, spanOf(ms), original === undefined ? '–' : spanOf(original)]];
});
const failed = asserts.filter(({ passed }) => !passed);
const text = [
  `### The drill ${drill.name}`,
  table(['time', 'Holdfast', 'in the incident that it replays'], rows),
  `${did} Asserts: ${asserts.length - failed.length} of ${asserts.length} hold${failed.map(({ what, found }) => `; **missed**: ${what} (${found})`).join('')}. Taken in ${spanOf(times.wholeMs ?? 0)}, on one machine with 2 cores for the drill, the next hop and the server.`,
].join('\n\n');
console.log(text);
if (!values.quiet) keep(`drill-${drill.name}`, text);
process.exitCode = report.passed ? 0 : 1;

/** In the unit that people would say it in. */
function spanOf(ms: number): string {
  if (ms < 0) return '–';
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 2 * MINUTE_MS) return `${Number((ms / 1_000).toPrecision(3))} s`;
  if (ms < 3 * HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Number((ms / HOUR_MS).toPrecision(3))} h`;
  return `${Number((ms / DAY_MS).toPrecision(3))} days`;
}
