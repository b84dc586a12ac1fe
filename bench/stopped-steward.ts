/**
 * Accepting, delivery and sign-in while the steward is stopped for ten minutes, beside the minutes before and after (design 3, B4).
 *
 * `npm run bench -- stopped-steward [--minutes N] [--beside N] [--per-second N] [--quiet]`. People send at an even pace, each on a connection of
 * its own; a device signs in once a second. The steward runs for `--beside` minutes, is stopped for `--minutes`, and runs again.
 */
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { Holdfast } from '../test/support/holdfast.ts';
import { type Sink, startSink } from '../test/support/sink.ts';
import { RESOURCES, send, settingsFor, signIn } from '../test/support/steward-kit.ts';
import { keep, quantile, table } from './lib/report.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    beside: { type: 'string', default: '4' },
    'per-second': { type: 'string', default: '20' },
    quiet: { type: 'boolean', default: false },
  },
});
const PER_SECOND = Number(values['per-second']);
const MINUTE = 60_000;
const LOOK_MS = 2;
const SIGN_IN_MS = 1_000;
/** Mail that has not arrived after this long is lost. */
const ARRIVED_MS = 30_000;

/** What people saw, ms each. */
interface Seen {
  readonly accept: number[];
  readonly delivery: number[];
  readonly signIn: number[];
}
type Work = keyof Seen;
const WORKS: Readonly<Record<Work, string>> = {
  accept: 'accept: connection to 250',
  delivery: 'delivery: 250 to the next hop',
  signIn: 'sign-in: connection to 235, with TLS',
};

await using sink = await startSink();
await using holdfast = await Holdfast.start({ settings: settingsFor(sink), resources: RESOURCES });
const running: Seen = { accept: [], delivery: [], signIn: [] };
const stopped: Seen = { accept: [], delivery: [], signIn: [] };
const pids = await holdfast.pids();

await phase('runs', Number(values.beside), running);
process.kill(holdfast.pid, 'SIGSTOP');
try {
  await phase('is stopped', Number(values.minutes), stopped);
} finally {
  process.kill(holdfast.pid, 'SIGCONT');
}
await holdfast.ready();
assert.deepEqual(await holdfast.pids(), pids, 'the steward took somebody for stuck');
await phase('runs again', Number(values.beside), running);
await publish();

/** People send for so many minutes. Fails when a mail is not accepted or does not arrive. */
async function phase(what: string, minutes: number, seen: Seen): Promise<void> {
  process.stderr.write(`the steward ${what} for ${minutes} minutes\n`);
  const began = performance.now();
  const under: Promise<void>[] = [];
  let nextSignIn = began;
  for (let n = 1; performance.now() < began + minutes * MINUTE; n++) {
    under.push(oneMail(sink, seen));
    if (performance.now() >= nextSignIn) {
      nextSignIn += SIGN_IN_MS;
      under.push(timed(seen.signIn, signIn(holdfast.ports.submission)));
    }
    await pause(began + (n * 1000) / PER_SECOND - performance.now());
  }
  await Promise.all(under);
}

async function oneMail({ taken }: Sink, seen: Seen): Promise<void> {
  const sending = send(holdfast.ports.smtp);
  await timed(seen.accept, sending);
  const id = await sending;
  const acceptedAt = performance.now();
  while (!taken.has(`${id} ${id}@world.test`)) {
    assert.ok(performance.now() < acceptedAt + ARRIVED_MS, `${id} does not arrive`);
    await pause(LOOK_MS);
  }
  seen.delivery.push(performance.now() - acceptedAt);
}

async function timed(into: number[], work: Promise<unknown>): Promise<void> {
  const began = performance.now();
  await work;
  into.push(performance.now() - began);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

async function publish(): Promise<void> {
  const audit = await holdfast.json<{ balanced: boolean; orphans: unknown[] }>('audit', '--full');
  assert.deepEqual([audit.balanced, audit.orphans], [true, []]);
  const shares = [0.5, 0.95, 0.99];
  const rows = (Object.keys(WORKS) as Work[]).map((work) => {
    const figures = (of: Seen): string => shares.map((share) => quantile(of[work], share).toFixed(1)).join(' / ');
    const ratios = shares.map((share) => (quantile(stopped[work], share) / quantile(running[work], share)).toFixed(2));
    return [WORKS[work], figures(running), figures(stopped), `${ratios.join(' / ')} ×`];
  });
  const head = ['p50 / p95 / p99, ms', 'the steward runs', `stopped for ${values.minutes} minutes`, 'ratio'];
  const counts = `${running.accept.length} mails and ${running.signIn.length} sign-ins while it ran (half before, half after), ${stopped.accept.length} and ${stopped.signIn.length} while it was stopped`;
  const text = `### A steward that is stopped\n\n${table(head, rows)}\n\n${PER_SECOND} mails a second, each on a connection of its own, and a sign-in a second: ${counts}. All arrived, the books balance, no process was replaced.`;
  console.log(text);
  if (!values.quiet) keep('stopped-steward', text);
}
