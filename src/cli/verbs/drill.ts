import { DRILLS, type Drill, type DrillReport, type DrillScale, LATER_DRILLS, TIME_NAMES } from '#/drills/index.ts';
import { EXIT } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { wrap } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatSpan } from '../when.ts';

const NAMES = DRILLS.map(({ name }) => name).join(', ');

const MESSAGES_MAX = 10_000_000;
const TENANTS_MAX = 1_000;

const INDENT = ' '.repeat('✗ failed  '.length);

export const drill: Verb = {
  usage: ['drill NAME [--small|--full] [--json]', 'drill redelivery [--messages N] [--tenants N]'],
  about: `Replays a failure on a throwaway installation and says whether this product stands it. Yours is not touched: the drill has its own data, ports and processes, and removes them. Exits 1 where it failed. Drills: ${DRILLS.map(({ name, summary }) => `${name} (${summary})`).join(', ')}.`,
  flags: {
    small: { kind: 'yes', help: 'under a minute: nothing lost, nothing doubled, all in order (default)' },
    full: { kind: 'yes', help: 'longer and harder, and times are judged too' },
    messages: { kind: 'text', value: 'N', help: 'redelivery: so many mails (6,000; a million with --full)' },
    tenants: { kind: 'text', value: 'N', help: 'redelivery: of so many companies (20; 200 with --full)' },
  },
  examples: ['holdfast drill lost-instructions', 'holdfast drill lost-instructions --full --json'],
  run: async (order) => {
    const { flags, world, terminal } = order;
    if (flags.is('small') && flags.is('full')) throw usage('Choose one of --small and --full.');
    const chosen = find(flags.words);
    const size = flags.is('full') ? 'full' : 'small';
    const scale = scaleOf(chosen, flags);
    const progress = (line: string): void => terminal.progress(line);
    const report = await chosen.run({ size, scale, signal: world.signal, progress });
    if (order.json) order.answer(report);
    else show(report, order);
    return report.passed ? EXIT.done : EXIT.no;
  },
};

function find([name, ...more]: readonly string[]): Drill {
  if (name === undefined || more.length > 0) throw usage(`Say which one drill: ${NAMES}.`);
  if (LATER_DRILLS.includes(name)) throw usage(`The drill '${name}' comes with a later release. There are: ${NAMES}.`);
  const found = DRILLS.find((one) => one.name === name);
  if (found === undefined) throw usage(`There is no drill '${name}'. There are: ${NAMES}.`);
  return found;
}

/** Thousands of mails or more: with fewer, nothing is lost of some companies. */
function scaleOf({ name, scales }: Drill, flags: Order['flags']): DrillScale {
  const given = flags.is('messages') || flags.is('tenants');
  if (given && scales !== true) throw usage(`${name} has one size for each of --small and --full.`);
  return {
    ...(flags.is('messages') && { mails: flags.count('messages', 6_000, MESSAGES_MAX) }),
    ...(flags.is('tenants') && { tenants: flags.count('tenants', 20, TENANTS_MAX) }),
  };
}

function show(report: DrillReport, { terminal, calendar }: Order): void {
  const span = (ms: number): string => formatSpan(ms, calendar.language);
  const beside = (text: string): string => wrap(text, terminal.columns - INDENT.length).replaceAll('\n', `\n${INDENT}`);
  terminal.print(`${wrap(report.did, terminal.columns)}\n`);
  for (const { what, passed, found } of report.asserts) {
    const sign = passed ? terminal.paint('ok', '✓ ok    ') : terminal.paint('bad', '✗ failed');
    terminal.print(`${sign}  ${beside(what)}`);
    terminal.print(terminal.paint('quiet', `${INDENT}${beside(found)}`));
  }
  terminal.print('');
  for (const [name, ms] of Object.entries(report.times)) {
    if (name === 'wholeMs') continue;
    const original = report.originals?.[name];
    const then = original === undefined ? '' : ` (in the incident that it replays: ${span(original)})`;
    terminal.print(`${span(ms).padStart(INDENT.length - 2)}  ${TIME_NAMES[name] ?? name}${then}`);
  }
  terminal.print(`\n${outcome(report, span, terminal)}`);
}

function outcome(
  { drill: name, passed, asserts, times }: DrillReport,
  span: (ms: number) => string,
  terminal: Order['terminal'],
): string {
  const took = span(times.wholeMs ?? 0);
  if (passed) return terminal.paint('ok', `Passed: ${name}, in ${took}.`);
  const failed = asserts.filter((assert) => !assert.passed).length;
  return terminal.paint(
    'bad',
    `FAILED: ${name}, ${failed} of ${asserts.length}, in ${took}. Please report it with the lines above.`,
  );
}
