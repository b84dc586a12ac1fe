/**
 * Relay and accept beside Postfix: same machine, same generator, same sink, alternating; both flush before their 250.
 *
 * `npm run bench -- smtp [--rounds N] [--messages N] [--only CASE]`. Relay is timed from the first connection until the sink has
 * taken the last message; accept until the last 250, with the mail held. Holdfast runs as shipped: trace, journal, tenants, limits.
 */
import { parseArgs } from 'node:util';
import { Holdfast } from '../test/support/holdfast.ts';
import { findPeer, type Peer } from '../test/support/peers.ts';
import { startPostfix } from '../test/support/postfix.ts';
import { runSmtpSource } from '../test/support/smtp-sink.ts';
import { type CountedSink, startCountedSink } from './lib/counted-sink.ts';
import { cpuSecondsOf, memoryMiBOf } from './lib/process-cost.ts';
import { keep, median, table } from './lib/report.ts';

interface Case {
  readonly name: string;
  readonly connections: number;
  readonly keepOpen: boolean;
  readonly bytes: number;
  /** Of the messages of a round. */
  readonly share: number;
}

const CASES: readonly Case[] = [
  {
    name: '4 KiB, one message per connection, 20 connections',
    connections: 20,
    keepOpen: false,
    bytes: 4096,
    share: 1,
  },
  { name: '4 KiB, 20 kept connections', connections: 20, keepOpen: true, bytes: 4096, share: 1 },
  { name: '4 KiB, 100 kept connections', connections: 100, keepOpen: true, bytes: 4096, share: 1 },
  { name: '64 KiB, 20 kept connections', connections: 20, keepOpen: true, bytes: 65_536, share: 0.5 },
  { name: '1 MiB, 20 kept connections', connections: 20, keepOpen: true, bytes: 1_048_576, share: 0.06 },
];

interface Server {
  readonly name: string;
  readonly port: number;
  readonly pid: () => number;
}

interface Measured {
  readonly perSecond: number;
  readonly cpuMs: number;
}

const RESOURCES = `tenants:
  - id: bench
    name: Bench
    domains: [bench.test]
    relays:
      - { name: generator, kind: server, networks: [127.0.0.1/32], senders: ["*@bench.test"] }
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '5000' },
    only: { type: 'string', default: '' },
    quiet: { type: 'boolean', default: false },
  },
});

const peer = await findPeer('postfix');
if ('missing' in peer) {
  console.error(`This benchmark compares with Postfix: ${peer.missing}.`);
  process.exitCode = 1;
} else await compare(peer);

async function compare(peer: Peer): Promise<void> {
  await using sink = await startCountedSink(peer);
  await using postfix = await startPostfixForBench(sink.port);
  const settings = `outbound: on\nlimits: { messageBytes: 50MB, recipients: 1000, connections: 2000, reservedForSignedIn: 400 }\nroutes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
  await using holdfast = await Holdfast.start({ settings, resources: RESOURCES });
  const servers: Server[] = [
    { name: 'Postfix', port: postfix.port, pid: () => postfix.pid },
    { name: 'Holdfast', port: holdfast.ports.smtp, pid: () => holdfast.pid },
  ];
  const rows: string[][] = [];
  for (const one of CASES.filter((found) => found.name.includes(values.only)))
    rows.push(await compareCase(one, servers, sink));
  const memory = servers.map(({ name, pid }) => `${name} ${memoryMiBOf(pid()).toFixed(0)} MiB`).join(', ');
  const head = ['relay', 'Postfix /s', 'Holdfast /s', 'ratio', 'Postfix CPU ms', 'Holdfast CPU ms', 'ratio'];
  const text = `### SMTP relay\n\n${table(head, rows)}\n\nMedians of ${values.rounds} alternating rounds; CPU per message, whole process tree; memory (Pss) at the end: ${memory}. One machine with 2 cores for generator, server and sink; one next hop by a route; no TLS.`;
  console.log(text);
  if (!values.quiet && values.only === '') keep('smtp', text);
}

async function compareCase(one: Case, servers: readonly Server[], sink: CountedSink): Promise<string[]> {
  const results = new Map(servers.map(({ name }) => [name, [] as Measured[]]));
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      const measured = await relay(server, one, sink);
      // The first round warms up.
      if (round > 0) results.get(server.name)?.push(measured);
      process.stderr.write(
        `${one.name}: ${server.name} ${measured.perSecond.toFixed(0)}/s ${measured.cpuMs.toFixed(2)} ms CPU\n`,
      );
    }
  }
  const of = (name: string, pick: (measured: Measured) => number) => median((results.get(name) ?? []).map(pick));
  const [peerRate, ourRate] = [of('Postfix', (m) => m.perSecond), of('Holdfast', (m) => m.perSecond)];
  const [peerCpu, ourCpu] = [of('Postfix', (m) => m.cpuMs), of('Holdfast', (m) => m.cpuMs)];
  const rates = [peerRate.toFixed(0), ourRate.toFixed(0), `${(ourRate / peerRate).toFixed(1)} ×`];
  return [one.name, ...rates, peerCpu.toFixed(2), ourCpu.toFixed(2), `1/${(peerCpu / ourCpu).toFixed(1)}`];
}

async function relay(server: Server, one: Case, sink: CountedSink): Promise<Measured> {
  const messages = Math.max(one.connections, Math.round(Number(values.messages) * one.share));
  const target = sink.count() + messages;
  const cpuBefore = cpuSecondsOf(server.pid());
  const begin = performance.now();
  const { port } = server;
  const load = { port, messages, connections: one.connections, bytes: one.bytes, keepOpen: one.keepOpen };
  const sent = await runSmtpSource({ ...load, from: 'generator@bench.test', to: 'anyone@elsewhere.test' }, 300_000);
  if ('missing' in sent) throw new Error(sent.missing);
  await sink.reaches(target);
  const seconds = (performance.now() - begin) / 1000;
  return { perSecond: messages / seconds, cpuMs: ((cpuSecondsOf(server.pid()) - cpuBefore) * 1000) / messages };
}

async function startPostfixForBench(relayTo: number): Promise<AsyncDisposable & { port: number; pid: number }> {
  // As in its favour as it can be: no log daemon behind it.
  const postfix = await startPostfix({ relayTo, settings: ['maillog_file ='] });
  if ('missing' in postfix) throw new Error(postfix.missing);
  return postfix;
}
