/**
 * The drill of the blocked log: in the failure that it replays, the programs that watch over each host were updated over night, and their logging
 * waited for its reader. What asked them for anything waited with them, and in the end every connection failed.
 * ```
 *   start ─▶ all is well ─▶ the reader of the log reads no more, and the log is full ─▶ the reader is dead
 *         ─▶ the steward stands still ─▶ it goes on ─▶ judged
 * ```
 * All the time mail comes in and goes out, somebody signs in to a mailbox, and somebody opens a page; each by a connection of its own, as those do
 * who are just arriving.
 *
 * B6: the log never makes anyone wait; what nobody reads is dropped, and counted. B3: every call has its answer. B4: no path of work leads by the steward.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { within } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import type { Drill, DrillAssert, DrillOptions, DrillReport } from './drill.ts';
import {
  eventually,
  ImapClient,
  Installation,
  pause,
  type ScriptedHop,
  StatusLook,
  startHop,
  TestClient,
} from './kit/index.ts';

/** How long each phase is, ms, and the pause between two of a kind. */
const PLANS = {
  small: { phaseMs: 4_000, everyMs: 100 },
  full: { phaseMs: 60_000, everyMs: 50 },
} as const;

const PHASES = ['well', 'unread', 'dead', 'stopped', 'again'] as const;
type Phase = (typeof PHASES)[number];
const KINDS = ['mail', 'mailbox', 'page'] as const;
type Kind = (typeof KINDS)[number];

const SENDER = '127.0.0.2';
/** Trusted to speak PROXY, and doesn't: each of its connections costs a line of the log. */
const NOISY = '127.0.0.9';
const USER = { address: 'reader@acme.test', password: 'drill-of-the-blocked-log' };
const ANSWER_MS = 20_000;
const ARRIVED_MS = 60_000;
const BODY_BYTES = 2_000;
/** Lines of a round, those at a time, and rounds until the log has no more room: 4 MiB for a reader that is late. */
const NOISE = { lines: 2_000, atOnce: 50, rounds: 40 };
/** The component that says so. */
const COMPONENT = 'records';
/** Hornbill, 27 March 2020 (incidents.md 2): from the first reports at 07:20 until the logging was found. */
const ORIGINALS = { statusMs: 85 * 60_000 };
/** Of the full drill. H9: within a minute. */
const SAID_MAX_MS = 60_000;
/** Of the full drill: the p95 of each kind beside that of the time when all was well. */
const SLOWER_MAX = 1.5;
const SLOWER_MIN_MS = 20;

/** One thing that somebody wanted. */
interface Wish {
  readonly kind: Kind;
  readonly phase: Phase;
  /** Null where it got no good answer. */
  readonly ms: number | null;
  /** Of a mail. */
  readonly id: string;
}

interface Audit {
  readonly balanced: boolean;
  readonly orphans: readonly unknown[];
  readonly tenants: readonly { readonly queued: number }[];
}

interface Evidence {
  readonly wishes: readonly Wish[];
  readonly hop: Pick<ScriptedHop, 'taken'>;
  readonly dropped: Readonly<Record<'unread' | 'dead', number>>;
  /** Processes by role, at the beginning and at the end. */
  readonly pids: readonly [before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>];
  readonly audit: Audit;
  readonly traced: number;
  readonly times: Readonly<Record<string, number>>;
}

export const blockedLog: Drill = {
  name: 'blocked-log',
  summary: 'nobody reads the log, and the steward stands still; nobody who sends, reads or signs in feels it',
  run: (options) => runBlockedLog(options),
};

/** Runs it; `stuck` stops the process that takes mail beside the steward, for tests that show that it can fail. */
export async function runBlockedLog(options: DrillOptions, { stuck = false } = {}): Promise<DrillReport> {
  if (process.platform !== 'linux')
    throw new Refusal(2, 'This drill runs on Linux: it sends from addresses of the loopback beside 127.0.0.1.');
  const evidence = await gather(options, stuck);
  const asserts = [allAnswered, allArrived, linesCounted, nobodyFell, booksBalance].map((check) => check(evidence));
  if (options.size === 'full') asserts.push(...KINDS.map((kind) => nobodyFelt(evidence, kind)), statusSaid(evidence));
  const passed = asserts.every((assert) => assert.passed);
  return { drill: blockedLog.name, passed, did: tell(evidence), asserts, times: evidence.times, originals: ORIGINALS };
}

async function gather({ size, signal, progress }: DrillOptions, stuck: boolean): Promise<Evidence> {
  const { phaseMs, everyMs } = PLANS[size];
  const began = performance.now();
  await using hop = await startHop();
  progress('Starting a throwaway installation …');
  const reader = startReader();
  await using installation = await Installation.start({
    settings: `outbound: on\ntrust: { proxy: [${NOISY}/32] }\nroutes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${hop.port}, tls: none }`,
    resources: RESOURCES,
    reader: reader.stdin,
    ...{ mailboxes: true, web: true },
  });
  reader.stdin.destroy();
  await using _reader = endOf(reader);
  const startMs = performance.now() - began;
  const before = await installation.pids();
  const crowd = new Crowd(installation, everyMs, signal);
  const since = Date.now();

  progress('All is well …');
  await crowd.during('well', phaseMs);
  progress('The reader of the log reads no more, and the log runs full …');
  reader.kill('SIGSTOP');
  await using look = new StatusLook(installation);
  await fillLog(installation, signal);
  const droppedAt = Date.now();
  await crowd.during('unread', phaseMs);
  const unread = await droppedLines(installation);
  const said = await look.saidOf(COMPONENT, droppedAt);
  progress('The reader is dead …');
  reader.kill('SIGKILL');
  await makeNoise(installation.ports.smtp);
  await crowd.during('dead', phaseMs);
  const dead = (await droppedLines(installation)) - unread;
  progress('The steward stands still …');
  await standingStill([installation.pid, ...(stuck ? await installation.pidsOf('gate+deliver') : [])], () =>
    crowd.during('stopped', phaseMs),
  );
  progress('It goes on …');
  await crowd.during('again', phaseMs);
  await arrived(crowd.wishes, hop);
  const audit = await installation.json<Audit>('audit', '--full');
  const listed = await installation.json<unknown[]>(
    'trace',
    `since:${new Date(since).toISOString()}`,
    '--limit',
    '100000',
  );
  const evidence = {
    ...{ wishes: crowd.wishes, hop, audit, traced: listed.length, dropped: { unread, dead } },
    pids: [before, await installation.pids()] as const,
  };
  const times = { startMs, ...said, ...latencies(crowd.wishes), wholeMs: performance.now() - began };
  return { ...evidence, times: rounded(times) };
}

const RESOURCES = `tenants:
  - id: acme
    name: acme
    domains: [acme.test]
    users:
      - { address: ${USER.address}, password: "${USER.password}" }
    relays:
      - { name: server, kind: server, networks: [${SENDER}/32], senders: ["*@acme.test"] }
`;

/** Something that reads the log, until it is told to stop. */
function startReader() {
  return spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
}

function endOf(reader: ChildProcess): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      if (reader.exitCode !== null || reader.signalCode !== null) return;
      const gone = once(reader, 'exit');
      reader.kill('SIGKILL');
      await gone;
    },
  };
}

/** Processes that are stopped for as long as the work takes. */
async function standingStill(pids: readonly number[], work: () => Promise<void>): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await work();
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

/** Everybody who wants something, and whether they got it. */
class Crowd {
  readonly wishes: Wish[] = [];
  readonly #installation: Installation;
  readonly #everyMs: number;
  readonly #signal: AbortSignal;
  #mails = 0;

  constructor(installation: Installation, everyMs: number, signal: AbortSignal) {
    this.#installation = installation;
    this.#everyMs = everyMs;
    this.#signal = signal;
  }

  /** For so long; resolves when each has an answer or has given up. */
  async during(phase: Phase, forMs: number): Promise<void> {
    const until = performance.now() + forMs;
    const repeat = async (wish: () => Promise<void>): Promise<void> => {
      while (performance.now() < until) {
        this.#signal.throwIfAborted();
        await wish();
        await pause(this.#everyMs);
      }
    };
    await Promise.all([
      repeat(() => this.#mail(phase)),
      repeat(() => this.#wish('mailbox', phase, '', () => this.#signIn())),
      repeat(() => this.#wish('page', phase, '', () => this.#openPage())),
    ]);
  }

  #mail(phase: Phase): Promise<void> {
    const id = `mail-${++this.#mails}`;
    return this.#wish('mail', phase, id, async () => {
      const client = await TestClient.open(this.#installation.ports.smtp, SENDER, ANSWER_MS);
      const mail = { id, from: 'server@acme.test', to: [addressOf(id)], bodyBytes: BODY_BYTES };
      const queueId = client === null ? null : (await client.send(mail)).queueId;
      client?.close();
      return queueId !== null;
    });
  }

  async #signIn(): Promise<boolean> {
    using _session = await ImapClient.open(this.#installation.ports.imaps, USER, within(ANSWER_MS));
    return true;
  }

  async #openPage(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.#installation.ports.http}/status`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS), headers: { connection: 'close' } });
    await answer.text();
    return answer.ok;
  }

  async #wish(kind: Kind, phase: Phase, id: string, ask: () => Promise<boolean>): Promise<void> {
    const began = performance.now();
    const isGood = await ask().catch(() => false);
    this.wishes.push({ kind, phase, id, ms: isGood ? performance.now() - began : null });
  }
}

function addressOf(id: string): string {
  return `${id}@there.example`;
}

/** Until lines are dropped. */
async function fillLog(installation: Installation, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < NOISE.rounds; round++) {
    signal.throwIfAborted();
    if ((await droppedLines(installation)) > 0) return;
    await makeNoise(installation.ports.smtp);
  }
}

function droppedLines(installation: Installation): Promise<number> {
  return installation.metric('holdfast_log_dropped_lines');
}

async function makeNoise(port: number): Promise<void> {
  let left = NOISE.lines;
  const work = async (): Promise<void> => {
    while (left-- > 0) await oneLine(port);
  };
  await Promise.all(Array.from({ length: NOISE.atOnce }, work));
}

async function oneLine(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: NOISY });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  // One that is reset has made its line, too.
  socket.on('error', () => {}).on('close', () => resolve());
  socket.end('not PROXY\r\n').resume();
  await closed;
}

/** What never arrives is for the judgement to name. */
async function arrived(wishes: readonly Wish[], hop: ScriptedHop): Promise<void> {
  const isThere = ({ id }: Wish): boolean => hop.taken.has(`${id} ${addressOf(id)}`);
  const accepted = wishes.filter(({ kind, ms }) => kind === 'mail' && ms !== null);
  await eventually('all mail arrives', () => accepted.every(isThere), ARRIVED_MS).catch(() => {});
}

function allAnswered({ wishes }: Evidence): DrillAssert {
  const failed = wishes.filter(({ ms }) => ms === null);
  const isEachThere = PHASES.every((phase) => KINDS.every((kind) => of(wishes, kind, phase).length > 0));
  return {
    what: 'B3: every mail was taken, every sign-in and every page answered, whoever read the log and whoever stood still',
    passed: failed.length === 0 && isEachThere,
    found:
      failed.length === 0
        ? `${wishes.length} of ${wishes.length}`
        : `${failed.length} were not: ${[...new Set(failed.map(({ kind, phase }) => `${kind} (${phase})`))].join(', ')}`,
  };
}

function allArrived({ wishes, hop, traced }: Evidence): DrillAssert {
  const accepted = wishes.filter(({ kind, ms }) => kind === 'mail' && ms !== null);
  const wrong = accepted.filter(({ id }) => hop.taken.get(`${id} ${addressOf(id)}`) !== 1);
  return {
    what: 'B6: every mail that was taken arrived, once, and the trace has each',
    passed: wrong.length === 0 && accepted.length > 0 && traced >= accepted.length,
    found: wrong.length === 0 ? `${accepted.length} mails, ${traced} in the trace` : `${wrong.length} did not`,
  };
}

function linesCounted({ dropped }: Evidence): DrillAssert {
  return {
    what: 'B6: lines that nobody read were dropped, and counted',
    passed: dropped.unread > 0 && dropped.dead > 0,
    found: `${dropped.unread} while the reader stood still, ${dropped.dead} when it was dead`,
  };
}

function nobodyFell({ pids: [before, after] }: Evidence): DrillAssert {
  const changed = [...before].filter(([role, pid]) => after.get(role) !== pid).map(([role]) => role);
  return {
    what: 'B4: no process fell, was taken for stuck, or was begun anew',
    passed: changed.length === 0 && before.size > 0,
    found: changed.length === 0 ? `${before.size} processes` : changed.join(', '),
  };
}

function booksBalance({ audit }: Evidence): DrillAssert {
  const queued = audit.tenants.reduce((sum, one) => sum + one.queued, 0);
  return {
    what: 'H5: the books balance, and nothing is left in the queue',
    passed: audit.balanced && audit.orphans.length === 0 && queued === 0,
    found: `${audit.balanced ? 'balanced' : 'NOT balanced'}; ${audit.orphans.length} orphans, ${queued} queued`,
  };
}

/** Each phase beside the one in which all was well. */
function nobodyFelt({ times }: Evidence, kind: Kind): DrillAssert {
  const well = times[nameOf(kind, 'well')] ?? -1;
  const most = Math.max(well * SLOWER_MAX, well + SLOWER_MIN_MS);
  const others = PHASES.filter((phase) => phase !== 'well').map((phase) => times[nameOf(kind, phase)] ?? -1);
  return {
    what: `B6: ${WHAT[kind]} took no longer than when all was well, p95 (at most ${SLOWER_MAX} times, or ${SLOWER_MIN_MS} ms more)`,
    passed: well >= 0 && others.every((ms) => ms >= 0 && ms <= most),
    found: `${well} ms; then ${others.join(', ')} ms`,
  };
}

const WHAT: Readonly<Record<Kind, string>> = {
  mail: 'from connecting to the 250',
  mailbox: 'signing in to a mailbox',
  page: 'opening a page',
};

function of(wishes: readonly Wish[], kind: Kind, phase: Phase): readonly Wish[] {
  return wishes.filter((wish) => wish.kind === kind && wish.phase === phase);
}

function nameOf(kind: Kind, phase: Phase): string {
  return `${kind}_${phase}_p95Ms`;
}

function latencies(wishes: readonly Wish[]): Record<string, number> {
  const p95 = (kind: Kind, phase: Phase): number => {
    const sorted = of(wishes, kind, phase)
      .flatMap(({ ms }) => (ms === null ? [] : [ms]))
      .sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.95)] ?? -1;
  };
  return Object.fromEntries(KINDS.flatMap((kind) => PHASES.map((phase) => [nameOf(kind, phase), p95(kind, phase)])));
}

function statusSaid({ times: { statusMs = Number.POSITIVE_INFINITY, draftMs } }: Evidence): DrillAssert {
  return {
    what: 'H9, H11: the status said by itself within a minute that the log is not read, and an incident was drafted',
    passed: statusMs <= SAID_MAX_MS && draftMs !== undefined,
    found: `${statusMs} ms; ${draftMs === undefined ? 'no draft' : `a draft after ${draftMs} ms`}`,
  };
}

function tell({ wishes, dropped }: Evidence): string {
  const count = (kind: Kind): number => wishes.filter((wish) => wish.kind === kind).length;
  return `While the reader of the log stood still, while it was dead and while the steward stood still, ${count('mail')} mails came, somebody signed in ${count('mailbox')} times and opened ${count('page')} pages. ${dropped.unread + dropped.dead} lines of the log had no reader.`;
}

function rounded(times: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, Math.round(ms)]));
}
