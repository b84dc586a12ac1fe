/**
 * A table of 250,000 people becomes a generation while mail comes in (C5): how long, how much memory, what the mail feels, and how fast a person is found.
 *
 * `npm run bench -- directory [--people N] [--quiet]`. The whole program on its embedded store; 50 letters a second over ten connections, 10 s
 * before the load and for as long as it takes. Then the same table with 1 % changed. Look-ups are in this process, in the generation as it was read from the book.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PeopleShelf } from '#/directory/index.ts';
import { type TenantId, within } from '#/model/index.ts';
import { systemClock } from '#/roles/system-clock.ts';
import { openSqlitePeople } from '#/store/index.ts';
import { directoryOf, tenantOf } from '#/testkit/index.ts';
import { Holdfast } from '../test/support/holdfast.ts';
import { TestClient } from '../test/support/load.ts';
import { keep, quantile, table } from './lib/report.ts';

const { values } = parseArgs({
  options: { people: { type: 'string', default: '250000' }, quiet: { type: 'boolean', default: false } },
});
const PEOPLE = Number(values.people);
const ACME = 'acme' as TenantId;
const CONNECTIONS = 10;
const PER_SECOND = 50;
const CALM_MS = 10_000;
const LOOKUPS = 200_000;
const RESOURCES =
  'tenants:\n  - { id: acme, name: acme, domains: [acme.test], relays: [{ name: server, kind: server, networks: [127.0.0.1/32], senders: ["*@acme.test"] }] }\n';

await using holdfast = await Holdfast.start({ settings: 'outbound: off', resources: RESOURCES, verbMs: 600_000 });
const [gate] = await holdfast.pidsOf('gate+deliver');
if (gate === undefined) throw new Error('no gate');
const calm = await latencies(new Promise<void>((resolve) => setTimeout(resolve, CALM_MS)));
const before = memoryOf(gate);
const first = await load('first.csv', 0);
const second = await load('second.csv', 100);
const found = await lookUps();
publish();

/** Every `changed`-th person has another title. */
async function load(name: string, changed: number): Promise<{ seconds: number; p95: number; mb: number }> {
  const path = await holdfast.write(name, tableOf(changed));
  const began = performance.now();
  const loading = holdfast.cli('directory', 'load', 'acme', path, '--json');
  const felt = await latencies(loading);
  const { code, stdout, stderr } = await loading;
  if (code !== 0) throw new Error(`${stdout.slice(0, 500)} ${stderr}`);
  return { seconds: (performance.now() - began) / 1000, p95: quantile(felt, 0.95), mb: memoryOf(gate ?? 0).peak };
}

function tableOf(changed: number): string {
  const lines = Array.from({ length: PEOPLE }, (_, i) => {
    const title = changed > 0 && i % changed === 0 ? 'Head of Everything' : `Senior Buyer ${i % 97}`;
    const boss = `person${Math.floor(i / 12)}@acme.test`;
    const place = `${i % 300} Harbour Street,Kobe,650-00${i % 90},Japan`;
    return `person${i}@acme.test,Given${i} Family${i % 5_000},Given${i},Family${i % 5_000},${title},Department ${i % 400},ACME KK,+81 3 ${i},+81 90 ${i},${place},${boss},Team ${i % 2_000}|Everybody`;
  });
  const head =
    'mail,displayName,givenName,sn,title,department,company,telephoneNumber,mobile,streetAddress,l,postalCode,co,manager,memberOf';
  return `${head}\n${lines.join('\n')}\n`;
}

/** Ms from MAIL to the 250, of letters that come at a pace until `over`. */
async function latencies(over: Promise<unknown>): Promise<readonly number[]> {
  let isOver = false;
  void over.finally(() => {
    isOver = true;
  });
  const felt: number[] = [];
  const client = async (worker: number): Promise<void> => {
    const peer = await TestClient.open(holdfast.ports.smtp, '127.0.0.1', 30_000);
    if (peer === null) throw new Error('no connection');
    for (let i = 0; !isOver; i++) {
      const began = performance.now();
      const mail = { id: `d${worker}-${i}`, from: 'a@acme.test', to: ['b@elsewhere.example'], bodyBytes: 4096 };
      const { queueId, reply } = await peer.send(mail);
      if (queueId === null) throw new Error(`not accepted: ${reply}`);
      felt.push(performance.now() - began);
      const restMs = (CONNECTIONS * 1_000) / PER_SECOND - (performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, restMs)));
    }
    peer.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, worker) => client(worker)));
  return felt;
}

/** Resident, in MB. */
function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(join('/proc', String(pid), 'status'), 'utf8');
  const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { now: kb('VmRSS') / 1_000, peak: kb('VmHWM') / 1_000 };
}

async function lookUps(): Promise<{ readSeconds: number; p50: number; p99: number; mb: number }> {
  await using book = openSqlitePeople({ dir: holdfast.data });
  const directory = { current: () => directoryOf([tenantOf({ id: 'acme', domains: ['acme.test'] })]) };
  const began = performance.now();
  const generation = await new PeopleShelf({ book, directory, clock: systemClock }).current(ACME, within(120_000));
  const readSeconds = (performance.now() - began) / 1_000;
  if (generation.size !== PEOPLE) throw new Error(`${generation.size} people were read.`);
  const micros: number[] = [];
  for (let i = 0; i < LOOKUPS; i++) {
    const address = `person${(i * 7_919) % PEOPLE}@acme.test`;
    const start = performance.now();
    if (generation.person(address) === null) throw new Error(`${address} was not found.`);
    micros.push((performance.now() - start) * 1_000);
  }
  return {
    readSeconds,
    p50: quantile(micros, 0.5),
    p99: quantile(micros, 0.99),
    mb: generation.bytes / 1e6,
  };
}

function publish(): void {
  const rows = [
    ['a table becomes a generation that serves', `${first.seconds.toFixed(1)} s`, verdict(first.seconds, 30, 's')],
    ['the same with 1 % changed', `${second.seconds.toFixed(1)} s`, verdict(second.seconds, 30, 's')],
    ['most memory of the process that loads', `${Math.round(second.mb)} MB; ${Math.round(before.now)} MB before`, ''],
    [
      'from MAIL to the 250, p95, meanwhile',
      `${first.p95.toFixed(0)} and ${second.p95.toFixed(0)} ms; ${quantile(calm, 0.95).toFixed(0)} ms without`,
      '',
    ],
    ['a process reads the generation', `${found.readSeconds.toFixed(1)} s, ${Math.round(found.mb)} MB`, ''],
    [
      'a person is found, p50 and p99',
      `${found.p50.toFixed(0)} and ${found.p99.toFixed(0)} µs`,
      verdict(found.p50, 50, 'µs'),
    ],
  ];
  const text = `### ${PEOPLE.toLocaleString('en')} people\n\n${table(['work', 'found', 'bar'], rows)}\n\nTwelve attributes, a manager and two groups each, as a table (CSV). The embedded store; ${PER_SECOND} letters of 4 KiB a second come in meanwhile. One machine with 2 cores for clients and server.`;
  console.log(text);
  if (!values.quiet) keep('directory', text);
}

function verdict(value: number, bar: number, unit: string): string {
  return `≤ ${bar} ${unit}: ${value <= bar ? 'met' : 'missed'}`;
}
