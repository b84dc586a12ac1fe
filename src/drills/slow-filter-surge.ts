/**
 * The drill of the slow filter: in the failure that it replays, a content filter took tens of seconds for each mail, what waited for it filled the
 * places of all other mail, and senders whose mail was not taken tried again, all at once.
 * ```
 *   start ─▶ all is well ─▶ the filter is slow: a surge of mail for it, other mail and a device beside ─▶ it is fast again ─▶ drained, judged
 * ```
 * Two companies have their mail looked at by the filter, one of them sends very much; a third has rules that don't ask it, and goes on as ever. A
 * device of the first sends all the time, as devices do. The filter stays slow until all mail that does not ask it has gone.
 *
 * M4: slow mail takes a bounded part of inspection, and acceptance never waits for it. M5: a company with little mail isn't behind one with much. H1:
 * nothing goes around the filter, however slow it is.
 */
import { Refusal } from '#/ports/index.ts';
import type { Drill, DrillAssert, DrillOptions, DrillReport } from './drill.ts';
import {
  eventually,
  Installation,
  pause,
  type ScriptedHop,
  type SlowFilter,
  StatusLook,
  settingsFor,
  startHop,
  startSlowFilter,
  TestClient,
} from './kit/index.ts';

/** How hard it is, by size. */
const PLANS = {
  small: { much: 120, little: 12, connections: 6, filterMs: 3_000, slowMs: 5_000, everyMs: 100, drainMaxMs: 180_000 },
  full: {
    much: 3_000,
    little: 100,
    connections: 40,
    filterMs: 30_000,
    slowMs: 120_000,
    everyMs: 50,
    drainMaxMs: 600_000,
  },
} as const;

const SECRET = 'drill-of-the-slow-filter';
const BODY_BYTES = 2_000;
const SEND_MS = 30_000;
const WELL_MS = 2_000;
const GONE_MS = 180_000;
/** Of the full drill: from acceptance to the first attempt, for mail that does not ask the filter. */
const UNAFFECTED_P95_MAX_MS = 1_000;
const BACK_MAX_MS = 60_000;
/** A minute that mail has waited is the symptom; another one until all say so. */
const SAID_MAX_MS = 120_000;
/** The component that says so. */
const COMPONENT = 'inspection';
/** Of ten mails for the filter it objects to one. */
const BAD_EVERY = 10;

/** Mailprotector, 23 March 2021 (incidents.md 3): just below 30 s for a mail, and an hour from the repair to normal. */
const ORIGINALS = { unaffected_slow_p95Ms: 30_000, drainMs: 59 * 60_000 };

const SENDERS = {
  much: { tenant: 'acme', from: '127.0.0.2' },
  little: { tenant: 'bolt', from: '127.0.0.3' },
  other: { tenant: 'calm', from: '127.0.0.4' },
  device: { tenant: 'acme', from: '127.0.0.5' },
} as const;
type Sender = keyof typeof SENDERS;

const FILTERED =
  '{ name: filter, when: { direction: outbound, hooks: filter }, action: { reject: "The filter objects." } }';
const UNFILTERED = '{ name: secrets, when: { words: [社外秘] }, action: { hold: 15m } }';

function tenantOf(id: string, relays: readonly string[], rule: string): string {
  const lines = relays.map((relay) => `      - ${relay}`).join('\n');
  return `  - id: ${id}\n    name: ${id}\n    domains: [${id}.test]\n    relays:\n${lines}\n    policies:\n      - ${rule}\n`;
}

function relayOf(sender: Sender, kind: 'server' | 'device'): string {
  const { tenant, from } = SENDERS[sender];
  // One device stands for a floor of them: the usual 600 mails in ten minutes would refuse what the filter has no part in.
  const limits = 'limits: { per10m: unlimited, perDay: unlimited }';
  return `{ name: ${sender}, kind: ${kind}, networks: [${from}/32], senders: ["*@${tenant}.test"], ${limits} }`;
}

const RESOURCES = `tenants:\n${[
  tenantOf('acme', [relayOf('much', 'server'), relayOf('device', 'device')], FILTERED),
  tenantOf('bolt', [relayOf('little', 'server')], FILTERED),
  tenantOf('calm', [relayOf('other', 'server')], UNFILTERED),
].join('')}`;

interface SentMail {
  readonly id: string;
  readonly sender: Sender;
  readonly phase: Phase;
  /** Null where it was not taken. */
  readonly queueId: string | null;
}
type Phase = 'before' | 'slow' | 'after';

/** As `holdfast trace --json` and `holdfast audit --json` say it. */
interface TracedMail {
  readonly id: string;
  readonly recipients: readonly { readonly state: string }[];
  readonly events: readonly { readonly at: string; readonly kind: string }[];
}
interface Audit {
  readonly balanced: boolean;
  readonly orphans: readonly unknown[];
  readonly tenants: readonly { readonly queued: number }[];
}

interface Evidence {
  readonly sent: readonly SentMail[];
  readonly listed: ReadonlyMap<string, TracedMail>;
  readonly hop: Pick<ScriptedHop, 'taken'>;
  readonly filter: Pick<SlowFilter, 'asked'>;
  readonly audit: Audit;
  /** Mails that still waited for the filter when all other mail had gone. */
  readonly waitingThen: number;
  readonly times: Readonly<Record<string, number>>;
}

export const slowFilterSurge: Drill = {
  name: 'slow-filter-surge',
  summary: 'a filter takes half a minute a mail under a surge; other mail and devices feel nothing',
  run: (options) => runSlowFilterSurge(options),
};

/** Runs it; `unfiltered` sends mail around the filter, for tests that show that it can fail. */
export async function runSlowFilterSurge(options: DrillOptions, { unfiltered = false } = {}): Promise<DrillReport> {
  if (process.platform !== 'linux')
    throw new Refusal(2, 'This drill runs on Linux: it sends from addresses of the loopback beside 127.0.0.1.');
  const evidence = await gather(options, unfiltered);
  const asserts = [devicesAccepted, othersPass, nothingAround, fairDrain, backToNormal, booksBalance].map((check) =>
    check(evidence),
  );
  if (options.size === 'full') asserts.push(...judgeTimes(evidence.times));
  const passed = asserts.every((assert) => assert.passed);
  const { times } = evidence;
  return { drill: slowFilterSurge.name, passed, did: tell(evidence), asserts, times, originals: ORIGINALS };
}

async function gather({ size, signal, progress }: DrillOptions, unfiltered: boolean): Promise<Evidence> {
  const plan = PLANS[size];
  const began = performance.now();
  await using hop = await startHop();
  await using filter = await startSlowFilter();
  progress('Starting a throwaway installation …');
  const check = `checks:\n  - { name: filter, kind: http, url: "http://127.0.0.1:${filter.port}/", secret: ${SECRET}, deadline: 45s }`;
  const settings = [settingsFor(hop.port), 'roles: [[gate, deliver], inspect, janitor]', check].join('\n');
  const resources = unfiltered ? RESOURCES.replace(FILTERED, UNFILTERED) : RESOURCES;
  await using installation = await Installation.start({ settings, resources });
  const startMs = performance.now() - began;
  const since = Date.now();
  const load = new Load(installation, plan.everyMs, signal);

  progress('All is well …');
  await load.steadily('before', WELL_MS);
  await using look = new StatusLook(installation);
  filter.delayMs = plan.filterMs;
  const slowFrom = Date.now();
  progress(`The filter takes ${plan.filterMs / 1_000} s for each mail, and a surge of mail asks it …`);
  const steady = load.steadily('slow', plan.slowMs);
  await Promise.all([
    load.surge('much', plan.much, plan.connections),
    load.surge('little', plan.little, Math.ceil(plan.connections / 3)),
  ]);
  await steady;
  const others = load.sent.filter(({ sender, queueId }) => sender === 'other' && queueId !== null);
  const isGone = (): boolean => others.every(({ id }) => hop.taken.has(`${id} ${addressOf(id)}`));
  await eventually('mail that does not ask the filter has gone', isGone, GONE_MS).catch(() => signal.throwIfAborted());
  const waitingThen = load.sent.filter(
    ({ id, sender }) => sender !== 'other' && !hop.taken.has(`${id} ${addressOf(id)}`),
  ).length;

  const said = await look.saidOf(COMPONENT, slowFrom);

  progress('The filter is fast again; waiting until everything has gone …');
  filter.delayMs = 0;
  const wellAt = performance.now();
  await drained(installation, plan.drainMaxMs, signal);
  const drainMs = performance.now() - wellAt;
  // While more comes than goes there is no end in sight, and none is forecast.
  const forecast = look.firstForecast === null ? {} : { forecastMs: look.firstForecast - slowFrom };
  await load.steadily('after', WELL_MS);
  await drained(installation, plan.drainMaxMs, signal);
  progress('Listing the mails of the window, and counting everything again …');
  const listed = await list(installation, since);
  const audit = await installation.json<Audit>('audit', '--full');
  const evidence = { sent: load.sent, listed, hop, filter, audit, waitingThen };
  const times = { startMs, ...said, ...forecast, ...latencies(evidence), drainMs, wholeMs: performance.now() - began };
  return { ...evidence, times: rounded(times) };
}

function addressOf(id: string): string {
  return `${id}@there.example`;
}

/** Everybody who sends, and what became of it at the door. */
class Load {
  readonly sent: SentMail[] = [];
  readonly #installation: Installation;
  readonly #everyMs: number;
  readonly #signal: AbortSignal;
  #count = 0;

  constructor(installation: Installation, everyMs: number, signal: AbortSignal) {
    this.#installation = installation;
    this.#everyMs = everyMs;
    this.#signal = signal;
  }

  /** Other mail and a device, for so long; a connection each mail, as devices have it. */
  async steadily(phase: Phase, forMs: number): Promise<void> {
    const until = performance.now() + forMs;
    while (performance.now() < until) {
      this.#signal.throwIfAborted();
      await Promise.all([this.#sendOne('other', phase), this.#sendOne('device', phase)]);
      await pause(this.#everyMs);
    }
  }

  /** So many mails, as fast as they are taken. */
  async surge(sender: Sender, count: number, connections: number): Promise<void> {
    let left = count;
    const one = async (): Promise<void> => {
      while (left > 0) {
        this.#signal.throwIfAborted();
        const client = await this.#open(sender);
        while (client !== null && !client.gone && left-- > 0) await this.#send(client, sender, 'slow');
        client?.close();
      }
    };
    await Promise.all(Array.from({ length: connections }, one));
  }

  async #sendOne(sender: Sender, phase: Phase): Promise<void> {
    const client = await this.#open(sender);
    if (client === null) this.sent.push({ id: this.#nextId(sender), sender, phase, queueId: null });
    else await this.#send(client, sender, phase);
    client?.close();
  }

  async #send(client: TestClient, sender: Sender, phase: Phase): Promise<void> {
    const id = this.#nextId(sender);
    const { tenant } = SENDERS[sender];
    const answer = await client.send({ id, from: `sender@${tenant}.test`, to: [addressOf(id)], bodyBytes: BODY_BYTES });
    this.sent.push({ id, sender, phase, queueId: answer.queueId });
  }

  #open(sender: Sender): Promise<TestClient | null> {
    return TestClient.open(this.#installation.ports.smtp, SENDERS[sender].from, SEND_MS);
  }

  #nextId(sender: Sender): string {
    const number = ++this.#count;
    const isBad = (sender === 'much' || sender === 'little') && number % BAD_EVERY === 0;
    return `${sender}-${number}${isBad ? '-bad' : ''}`;
  }
}

async function drained(installation: Installation, withinMs: number, signal: AbortSignal): Promise<void> {
  const isEmpty = async (): Promise<boolean> => {
    signal.throwIfAborted();
    const { tenants } = await installation.json<Audit>('audit');
    return tenants.every(({ queued }) => queued === 0);
  };
  // What never goes is for the judgement to name.
  await eventually('the queue is empty', isEmpty, withinMs).catch(() => signal.throwIfAborted());
}

async function list(installation: Installation, since: number): Promise<ReadonlyMap<string, TracedMail>> {
  const words = ['trace', `since:${new Date(since).toISOString()}`, '--limit', '1000000'];
  const mails = await installation.json<TracedMail[]>(...words);
  return new Map(mails.map((mail) => [mail.id, mail]));
}

function devicesAccepted({ sent }: Evidence): DrillAssert {
  const tried = sent.filter(({ sender }) => sender === 'device');
  const refused = tried.filter(({ queueId }) => queueId === null);
  return {
    what: 'M4: every mail of the device was accepted, however slow the filter was',
    passed: refused.length === 0 && tried.length > 0,
    found: refused.length === 0 ? `${tried.length} of ${tried.length}` : some(refused.map(({ id }) => id)),
  };
}

function othersPass({ sent, hop, waitingThen }: Evidence): DrillAssert {
  const others = sent.filter(({ sender }) => sender === 'other');
  const missing = others.filter(({ id }) => hop.taken.get(`${id} ${addressOf(id)}`) !== 1);
  return {
    what: 'M4: mail that does not ask the filter went past all that waited for it',
    passed: missing.length === 0 && others.length > 0 && waitingThen > 0,
    found:
      missing.length === 0
        ? `${others.length} had gone, each once, while ${waitingThen} still waited`
        : some(missing.map(({ id }) => id)),
  };
}

function nothingAround({ sent, hop, filter, listed }: Evidence): DrillAssert {
  const own = sent.filter(({ sender, queueId }) => sender !== 'other' && queueId !== null);
  const wrong = own.flatMap(({ id, queueId }) => {
    const state = listed.get(queueId ?? '')?.recipients[0]?.state ?? 'unknown';
    const served = hop.taken.get(`${id} ${addressOf(id)}`) ?? 0;
    const expected = id.endsWith('bad') ? 'bounced 0' : 'delivered 1';
    if (!filter.asked.has(id)) return [`${id} (the filter was never asked)`];
    return `${state} ${served}` === expected ? [] : [`${id} (${state}, arrived ${served} times)`];
  });
  return {
    what: 'H1: the filter saw every mail that it was to see: what it objects to was refused, the rest arrived once',
    passed: wrong.length === 0 && own.length > 0,
    found: wrong.length === 0 ? `${own.length} mails` : some(wrong),
  };
}

function fairDrain({ filter, sent }: Evidence): DrillAssert {
  const surge = new Map(sent.filter(({ phase }) => phase === 'slow').map(({ id, sender }) => [id, sender]));
  const order = [...filter.asked].flatMap((id) => surge.get(id) ?? []);
  const last = order.lastIndexOf('little');
  return {
    what: 'M5: the company with little mail was not kept behind the one with much',
    passed: last !== -1 && last < order.length * 0.7,
    found: `its last mail was the ${last + 1}th of ${order.length} that the filter saw`,
  };
}

function backToNormal({ sent, listed }: Evidence): DrillAssert {
  const slowed = (phase: Phase): number =>
    sent.filter((one) => one.phase === phase && movedIn(listed.get(one.queueId ?? ''))).length;
  const after = sent.filter(({ phase, sender }) => phase === 'after' && sender === 'device');
  return {
    what: 'M4: once the filter was fast again, mail went its usual way, and nobody had to do anything',
    passed: slowed('slow') > 0 && slowed('after') === 0 && after.length > 0,
    found: `${slowed('slow')} mails waited in the slow lane, ${slowed('after')} of those sent later did`,
  };
}

function movedIn(mail: TracedMail | undefined): boolean {
  return mail?.events.some(({ kind }) => kind === 'moved') === true;
}

function booksBalance({ audit, sent, listed }: Evidence): DrillAssert {
  const unlisted = sent.filter(({ queueId }) => queueId !== null && !listed.has(queueId));
  const queued = audit.tenants.reduce((sum, one) => sum + one.queued, 0);
  return {
    what: 'H5: the books balance, nothing is left in the queue, and one query lists every mail of the window',
    passed: audit.balanced && audit.orphans.length === 0 && queued === 0 && unlisted.length === 0,
    found: `${audit.balanced ? 'balanced' : 'NOT balanced'}; ${audit.orphans.length} orphans, ${queued} queued, ${unlisted.length} not listed`,
  };
}

/** From acceptance to delivery, of mail that does not ask the filter; the hop takes it at the first attempt. */
function latencies({ sent, listed }: Pick<Evidence, 'sent' | 'listed'>): Record<string, number> {
  const times = (phase: Phase): number[] =>
    sent
      .filter((one) => one.sender === 'other' && one.phase === phase)
      .flatMap(({ queueId }) => firstAttemptMs(listed.get(queueId ?? '')))
      .sort((a, b) => a - b);
  const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? -1;
  return Object.fromEntries(
    (['before', 'slow', 'after'] as const).flatMap((phase) => {
      const sorted = times(phase);
      return [50, 95].map((percent) => [`unaffected_${phase}_p${percent}Ms`, at(sorted, percent / 100)]);
    }),
  );
}

function firstAttemptMs(mail: TracedMail | undefined): number[] {
  const at = (kind: string): number => Date.parse(mail?.events.find((event) => event.kind === kind)?.at ?? '');
  const ms = at('delivered') - at('accepted');
  return Number.isNaN(ms) ? [] : [ms];
}

function judgeTimes(times: Evidence['times']): DrillAssert[] {
  const within = (what: string, ms: number | undefined, mostMs: number): DrillAssert => ({
    what,
    passed: ms !== undefined && ms >= 0 && ms <= mostMs,
    found: `${ms} ms, at most ${mostMs} ms`,
  });
  return [
    within(
      'M4: from acceptance to the first attempt, unaffected mail, p95',
      times.unaffected_slow_p95Ms,
      UNAFFECTED_P95_MAX_MS,
    ),
    within('H9: from the first slow answer to a status that says so', times.statusMs, SAID_MAX_MS),
    within('H11: from it to the draft of an incident', times.draftMs, SAID_MAX_MS),
    within('M4: from the filter’s recovery to an empty queue', times.drainMs, BACK_MAX_MS),
  ];
}

function tell({ sent, waitingThen }: Evidence): string {
  const of = (sender: Sender): number => sent.filter((one) => one.sender === sender).length;
  return `While a filter was slow, one company sent it ${of('much')} mails at once and another ${of('little')}; beside them went ${of('other')} mails that don't ask it and ${of('device')} of a device. When the last of the others had gone, ${waitingThen} still waited for the filter.`;
}

function some(list: readonly string[]): string {
  return `${list.length} are not: ${list.slice(0, 5).join(', ')}${list.length > 5 ? ' …' : ''}`;
}

function rounded(times: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, Math.round(ms)]));
}
