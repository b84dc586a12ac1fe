/**
 * Acceptance beside a backlog (M3) and the drain of it (M5): one installation with a million mails queued for a destination that is down, one
 * with an empty queue, asked in turn.
 *
 * `npm run bench -- backlog [--messages N] [--samples N] [--phases N]`. Latency is from the end of the mail to its 250, over kept
 * connections at a fixed, moderate pace; bytes are what the whole tree gave to the disk per accepted message (/proc/PID/io).
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Holdfast, pause } from '../test/support/holdfast.ts';
import { TestClient } from '../test/support/load.ts';
import { type Sink, startSink } from '../test/support/sink.ts';
import { memoryMiBOf } from './lib/process-cost.ts';
import { keep, quantile, table } from './lib/report.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    samples: { type: 'string', default: '2000' },
    phases: { type: 'string', default: '5' },
    quiet: { type: 'boolean', default: false },
  },
});
const BACKLOG = Number(values.messages);
const TENANTS = [
  { id: 'acme', from: '127.0.0.2' },
  { id: 'bolt', from: '127.0.0.3' },
] as const;
const RESOURCES = `tenants:\n${TENANTS.map(
  ({ id, from }) =>
    `  - { id: ${id}, name: ${id}, domains: [${id}.test], relays: [{ name: server, kind: server, networks: [${from}/32], senders: ["*@${id}.test"] }] }\n`,
).join('')}`;

interface Phase {
  readonly latencies: readonly number[];
  readonly writtenBytes: number;
  readonly statements: number;
}

await using sink = await startSink();
sink.remember = false;
await sink.down();
const settings = `outbound: on\nroutes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
await using empty = await Holdfast.start({ settings, resources: RESOURCES });
await using full = await Holdfast.start({ settings, resources: RESOURCES });
await fill(full);
const phases = await compare();
const memory = { empty: memoryMiBOf(empty.pid), full: memoryMiBOf(full.pid) };
const drain = await watchDrain(full, sink);
publish();

async function fill(holdfast: Holdfast): Promise<void> {
  let sent = 0;
  const began = performance.now();
  const work = async (tenant: (typeof TENANTS)[number]) => {
    let client = await TestClient.open(holdfast.ports.smtp, tenant.from, 60_000);
    while (sent < BACKLOG) {
      const number = ++sent;
      const mail = {
        id: `f${number}`,
        from: `a@${tenant.id}.test`,
        to: [`r${number}@elsewhere.example`],
        bodyBytes: 4096,
      };
      const answer = await client?.send(mail);
      if (typeof answer?.queueId !== 'string') {
        client?.close();
        await pause(100);
        client = await TestClient.open(holdfast.ports.smtp, tenant.from, 60_000);
      }
      if (number % 50_000 === 0)
        process.stderr.write(`${number} queued, ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
    }
    client?.close();
  };
  await Promise.all(Array.from({ length: 40 }, (_, i) => work(TENANTS[i % 2] ?? TENANTS[0])));
}

async function compare(): Promise<{ empty: Phase[]; full: Phase[] }> {
  const found = { empty: [] as Phase[], full: [] as Phase[] };
  for (let phase = 0; phase <= Number(values.phases); phase++) {
    for (const name of phase % 2 === 0 ? (['empty', 'full'] as const) : (['full', 'empty'] as const)) {
      const measured = await measure(name === 'empty' ? empty : full);
      if (phase > 0) found[name].push(measured);
      process.stderr.write(
        `${name}: p50 ${quantile(measured.latencies, 0.5).toFixed(2)} p95 ${quantile(measured.latencies, 0.95).toFixed(2)} ms, ${measured.writtenBytes.toFixed(0)} bytes, ${measured.statements.toFixed(2)} statements a message\n`,
      );
    }
  }
  return found;
}

async function measure(holdfast: Holdfast): Promise<Phase> {
  const samples = Number(values.samples);
  const latencies: number[] = [];
  const before = await costs(holdfast);
  await Promise.all(
    Array.from({ length: 8 }, async (_, worker) => {
      const tenant = TENANTS[worker % 2] ?? TENANTS[0];
      const client = await TestClient.open(holdfast.ports.smtp, tenant.from, 60_000);
      if (client === null) throw new Error('no connection');
      for (let i = 0; i < samples / 8; i++) {
        const mail = {
          id: `m${i}`,
          from: `a@${tenant.id}.test`,
          to: [`x${worker}-${i}@elsewhere.example`],
          bodyBytes: 4096,
        };
        const began = performance.now();
        const answer = await client.send(mail);
        if (answer.queueId === null) throw new Error(`not accepted: ${answer.reply}`);
        latencies.push(performance.now() - began);
        await pause(4);
      }
      client.close();
    }),
  );
  const after = await costs(holdfast);
  return {
    latencies,
    writtenBytes: (after.written - before.written) / samples,
    statements: (after.statements - before.statements) / samples,
  };
}

async function costs(holdfast: Holdfast): Promise<{ written: number; statements: number }> {
  let written = 0;
  for (const pid of (await holdfast.pids()).values()) {
    written += Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0);
  }
  const metrics = await (await fetch(`http://127.0.0.1:${holdfast.ports.admin}/metrics`)).text();
  let statements = 0;
  for (const line of metrics.matchAll(/^holdfast_store_statements_total\{[^}]*call="accept"[^}]*\} (\d+)/gm))
    statements += Number(line[1]);
  return { written, statements };
}

interface Drain {
  readonly firstMs: number;
  readonly perSecond: number;
  readonly shares: string;
}

/** From the return of the route to the first mail, then how 20,000 mails are shared between the two tenants. */
async function watchDrain(holdfast: Holdfast, back: Sink): Promise<Drain> {
  await holdfast.ready();
  const total = () => [...back.bySenderDomain.values()].reduce((sum, count) => sum + count, 0);
  await back.up();
  const began = performance.now();
  while (total() === 0 && performance.now() - began < 60_000) await pause(2);
  const firstMs = performance.now() - began;
  const watched = Math.min(20_000, BACKLOG / 2);
  while (total() < watched && performance.now() - began < 120_000) await pause(5);
  const perSecond = (total() / (performance.now() - began - firstMs)) * 1000;
  const shares = [...back.bySenderDomain].map(([domain, count]) => `${domain} ${count}`).join(', ');
  return { firstMs, perSecond, shares };
}

function publish(): void {
  const all = (name: 'empty' | 'full') => phases[name].flatMap((phase) => phase.latencies);
  const mean = (name: 'empty' | 'full', pick: (phase: Phase) => number) =>
    phases[name].reduce((sum, phase) => sum + pick(phase), 0) / phases[name].length;
  const row = (label: string, of: (name: 'empty' | 'full') => number, digits: number) => [
    label,
    of('empty').toFixed(digits),
    of('full').toFixed(digits),
    `${(of('full') / of('empty')).toFixed(2)} ×`,
  ];
  const rows = [
    row('accept p50, ms', (name) => quantile(all(name), 0.5), 2),
    row('accept p95, ms', (name) => quantile(all(name), 0.95), 2),
    row('accept p99, ms', (name) => quantile(all(name), 0.99), 2),
    row('statements of accept a message', (name) => mean(name, (phase) => phase.statements), 2),
    row('bytes to disk a message', (name) => mean(name, (phase) => phase.writtenBytes), 0),
    row('memory of all processes at the end, MiB (Pss)', (name) => memory[name], 0),
  ];
  const head = ['', 'empty queue', `${BACKLOG.toLocaleString('en')} queued`, 'ratio'];
  const text = `### Acceptance beside a backlog\n\n${table(head, rows)}\n\nDestination down, mails of 4 KiB from two tenants; ${values.phases} alternating phases of ${values.samples} samples each. After the route's return: first mail after ${drain.firstMs.toFixed(0)} ms, then ${drain.perSecond.toFixed(0)}/s; of the first ones by tenant: ${drain.shares}.`;
  console.log(text);
  if (!values.quiet) keep('backlog', text);
}
