/**
 * The race: SMTP and the queue beside Postfix and Haraka, in every ratio that we have set ourselves.
 *
 * `npm run bench -- race [--row NAME]… [--rounds N] [--quick] [--profile]`; `--help` says it all.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { keep } from './lib/report.ts';
import { formatFindings } from './race/report.ts';
import { ROWS, rowsNamed } from './race/rows.ts';
import { runRows } from './race/run.ts';
import { closeStages } from './race/stage.ts';

const HELP = `npm run bench -- race [--row NAME]… [--rounds N] [--messages N] [--quick] [--profile] [--quiet]

Runs every row beside its peer and writes the table into docs/benchmarks.md. All rows take about 20 minutes on a quiet machine
with 2 cores; other work on the machine spoils the figures, of which CPU a message suffers least.

  --row NAME     only this row, or all that begin with NAME; may be said again. Writes no file.
  --rounds N     rounds of each row (6), and drains (5)
  --messages N   of 4 KiB, a round (5,000)
  --quick        2 short rounds and one short drain: whether it works, not how fast. Writes no file.
  --profile      Holdfast alone, with a CPU profile of each thread of its working process: the functions that cost most. Writes no file.
  --quiet        writes no file

Rows: ${ROWS.map(({ name }) => name).join(' ')}`;

const { values } = parseArgs({
  options: {
    row: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    messages: { type: 'string' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else {
  const wrong = mistake();
  if (wrong === null) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void giveUp());
    // Whoever reads us (`head`) has enough.
    process.stdout.once('error', () => void giveUp());
    await race();
  } else {
    console.error(`${wrong} See --help.`);
    process.exitCode = 2;
  }
}

async function giveUp(): Promise<never> {
  await closeStages();
  process.exit(1);
}

function mistake(): string | null {
  for (const name of ['rounds', 'messages'] as const) {
    const given = values[name];
    if (given !== undefined && !/^[1-9]\d{0,6}$/.test(given))
      return `--${name} wants a number from 1 on, not "${given}".`;
  }
  const lost = values.row.find((name) => rowsNamed([name]).length === 0);
  return lost === undefined ? null : `There is no row "${lost}".`;
}

async function race(): Promise<void> {
  const { quick, profile, row, quiet } = values;
  const usual = quick
    ? { rounds: 2, drains: 1, messages: 1_000, drained: 3_000, idle: 100 }
    : { rounds: profile ? 1 : 6, drains: 5, messages: 5_000, drained: 20_000, idle: 2_000 };
  const say = (line: string): unknown => process.stderr.write(`${line}\n`);
  const rounds = Number(values.rounds ?? usual.rounds);
  const messages = Number(values.messages ?? usual.messages);
  const drains = Number(values.rounds ?? usual.drains);
  const began = performance.now();
  const findings = await runRows({
    rows: rowsNamed(row),
    effort: { rounds, messages, say },
    drain: { rounds: drains, messages: usual.drained, idleSessions: usual.idle, say },
    profile,
    print: (text) => console.log(`\n${text}\n`),
  });
  if (profile) {
    for (const { work, why } of findings.notRun) console.error(`Not run: ${work}. ${why}`);
    return;
  }
  const minutes = (performance.now() - began) / 60_000;
  const text = formatFindings(findings, { rounds, messages, cores: availableParallelism(), minutes });
  console.log(text);
  if (!quiet && !quick && row.length === 0) keep('race', text);
}
