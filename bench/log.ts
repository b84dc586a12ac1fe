/**
 * Acceptance while the reader of the event log is stopped, and while it is dead, beside one that reads (B6).
 *
 * `npm run bench -- log [--pairs N] [--messages N]`. Each pair is one round with a reading log reader and one with a stopped one (SIGSTOP); then
 * as many rounds beside an installation whose reader was killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Holdfast } from '../test/support/holdfast.ts';
import { TestClient } from '../test/support/load.ts';
import { keep, median, table } from './lib/report.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '10' },
    messages: { type: 'string', default: '4000' },
    quiet: { type: 'boolean', default: false },
  },
});
const CONNECTIONS = 20;
const RESOURCES =
  'tenants:\n  - { id: acme, name: acme, domains: [acme.test], relays: [{ name: server, kind: server, networks: [127.0.0.1/32], senders: ["*@acme.test"] }] }\n';

await using watched = await start();
await using deserted = await start();
deserted.reader.kill('SIGKILL');
const rates = { reading: [] as number[], stopped: [] as number[], dead: [] as number[] };
for (let pair = 0; pair <= Number(values.pairs); pair++) {
  for (const kind of pair % 2 === 0
    ? (['reading', 'stopped', 'dead'] as const)
    : (['dead', 'stopped', 'reading'] as const)) {
    watched.reader.kill(kind === 'stopped' ? 'SIGSTOP' : 'SIGCONT');
    const rate = await acceptRate((kind === 'dead' ? deserted : watched).holdfast);
    watched.reader.kill('SIGCONT');
    if (pair > 0) rates[kind].push(rate);
    process.stderr.write(`${kind}: ${rate.toFixed(0)}/s\n`);
  }
}
publish();

interface Watched extends AsyncDisposable {
  readonly holdfast: Holdfast;
  readonly reader: ChildProcess;
}

/** Mail to others is held, so that only acceptance is measured. */
async function start(): Promise<Watched> {
  const reader = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  const holdfast = await Holdfast.start({ settings: 'outbound: off', resources: RESOURCES, reader: reader.stdin });
  reader.stdin.destroy();
  return {
    holdfast,
    reader,
    [Symbol.asyncDispose]: async () => {
      await holdfast[Symbol.asyncDispose]();
      reader.kill('SIGKILL');
      if (reader.exitCode === null && reader.signalCode === null) await once(reader, 'exit');
    },
  };
}

async function acceptRate(holdfast: Holdfast): Promise<number> {
  const messages = Number(values.messages);
  const began = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, worker) => {
      const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.1', 30_000);
      if (client === null) throw new Error('no connection');
      for (let i = 0; i < messages / CONNECTIONS; i++) {
        const answer = await client.send({
          id: `l${worker}-${i}`,
          from: 'a@acme.test',
          to: ['b@elsewhere.example'],
          bodyBytes: 4096,
        });
        if (answer.queueId === null) throw new Error(`not accepted: ${answer.reply}`);
      }
      client.close();
    }),
  );
  return (messages / (performance.now() - began)) * 1000;
}

function publish(): void {
  const share = (kind: 'stopped' | 'dead') =>
    median(rates[kind].map((rate, i) => rate / (rates.reading[i] ?? Number.NaN)));
  const rows = [
    ['reads', median(rates.reading).toFixed(0), '1'],
    ['stopped (SIGSTOP)', median(rates.stopped).toFixed(0), share('stopped').toFixed(2)],
    ['dead', median(rates.dead).toFixed(0), share('dead').toFixed(2)],
  ];
  const head = ['the reader of the event log', 'accepted /s', 'of normal (median of pairs)'];
  const text = `### A log that nobody reads\n\n${table(head, rows)}\n\n${values.pairs} alternating rounds of ${values.messages} messages of 4 KiB over ${CONNECTIONS} kept connections, accepted and held.`;
  console.log(text);
  if (!values.quiet) keep('log', text);
}
