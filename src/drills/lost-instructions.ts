/**
 * The drill of lost instructions: in the failure that it replays, the workers of a filtering service were lost while mail flowed, and with
 * them the entries of a queue that said "process this mail". Some recipients of a mail could have been served already, and nobody could say.
 * ```
 *   start ─▶ mail flows, workers are killed ─▶ the hop is gentle ─▶ drained ─▶ listed, counted, judged
 * ```
 * Mail of two tenants, often to several recipients, goes out to a hop of ours that serves some recipients of a mail, refuses others
 * softly or for good, and hangs up. Meanwhile the process that takes and delivers mail is killed, and now and then the whole host. Then
 * three witnesses are compared: what the senders were promised (their 250), what the hop has, and what the installation says of itself.
 *
 * H3: the recipient's row alone says what happens next. H4: partial success is kept per recipient and never resent. H5: claims of a lost
 * worker are put right within seconds. H6: the mails of the window are one query. A second act does the same to those who inspect
 * (`inspection-act.ts`): H1, H10.
 */
import { Refusal } from '#/ports/index.ts';
import type { Drill, DrillAssert, DrillOptions, DrillReport } from './drill.ts';
import { type InspectionPlan, runInspectionAct } from './inspection-act.ts';
import {
  die,
  eventually,
  GENTLE,
  type HopTemper,
  Installation,
  kill,
  pause,
  RESOURCES,
  type ScriptedHop,
  type Sent,
  SteadyLoad,
  settingsFor,
  startHop,
  TENANTS,
} from './kit/index.ts';

/** How hard it is, by size. */
const PLANS = {
  small: { kills: 5, everyMs: [300, 900], connections: 4, pauseMs: 40, drainMaxMs: 60_000 },
  full: { kills: 100, everyMs: [300, 2_000], connections: 6, pauseMs: 200, drainMaxMs: 300_000 },
} as const;

/** The same for those who inspect. */
const INSPECTION: Readonly<Record<DrillOptions['size'], InspectionPlan>> = {
  small: { mails: 100, strikes: 2, everyMs: 600, garbage: 0.005, die: 0.005 },
  full: { mails: 3_000, strikes: 30, everyMs: 1_500, garbage: 0.001, die: 0.001 },
};

/** Every so many kills it is the whole host; that also forgives the steward's growing pause before a restart. */
const HOST_EVERY = 5;
const WORKER = 'gate+deliver';
const TAKES_MAIL_MS = 60_000;
/** Slow enough that a kill finds deliveries under way. */
const UNSTEADY: HopTemper = { softRefusal: 0.1, hardRefusal: 0.03, disconnect: 0.005, silentTake: 0.002, delayMs: 15 };

/** Of the full drill: seconds after the loss, as a promise. */
const MENDED_MAX_MS = 15_000;
const DRAIN_BEGINS_MAX_MS = 2_000;

const DAY_MS = 24 * 3_600_000;
/** HENNGE, 21 April 2021 (incidents.md 1): the list took 30 hours, and the last mail went on the seventh day. */
const ORIGINALS = { listMs: 30 * 3_600_000, mendMsMax: 7 * DAY_MS };

/** What tests set: how the hop behaves, also after the failure, and where chance begins. */
export interface LostInstructionsKnobs {
  readonly temper?: Partial<HopTemper>;
  readonly seed?: number;
}

/** As `holdfast trace --json` says it. */
interface TracedMail {
  readonly id: string;
  readonly parent: string | null;
  readonly tenant: string;
  readonly subject: string;
  readonly recipients: readonly {
    readonly address: string;
    readonly state: string;
    readonly attempts: number;
    readonly possiblyDuplicate: boolean;
  }[];
  readonly events: readonly TraceEvent[];
}
interface TraceEvent {
  readonly at: string;
  readonly kind: string;
  readonly recipient: string | null;
}
/** As `holdfast audit --json` says it, recipients. */
interface Audit {
  readonly balanced: boolean;
  readonly tenants: readonly { readonly tenant: string; readonly accepted: number; readonly queued: number }[];
  readonly orphans: readonly unknown[];
}
interface Kill {
  /** Wall-clock ms. */
  readonly at: number;
  readonly of: 'worker' | 'host';
}

/** What the witnesses say, once everything has ended. */
interface Evidence {
  readonly sent: readonly Sent[];
  readonly hop: Pick<ScriptedHop, 'taken' | 'refused'>;
  /** Everything that the query for the window lists, by queue ID. */
  readonly listed: ReadonlyMap<string, TracedMail>;
  readonly audit: Audit;
  readonly kills: readonly Kill[];
  readonly times: Readonly<Record<string, number>>;
}

export const lostInstructions: Drill = {
  name: 'lost-instructions',
  summary: 'workers are killed while mail flows; nothing is lost, nothing is served twice unannounced',
  run: (options) => runLostInstructions(options),
};

/** Runs it; the knobs are for tests that show that it can fail. */
export async function runLostInstructions(
  options: DrillOptions,
  knobs: LostInstructionsKnobs = {},
): Promise<DrillReport> {
  if (process.platform !== 'linux') {
    throw new Refusal(2, 'This drill runs on Linux: it finds its processes in /proc and sends from 127.0.0.2.');
  }
  const evidence = await gather(options, knobs);
  const inspection = await runInspectionAct(INSPECTION[options.size], options);
  const asserts = [...judge(evidence), ...inspection.asserts];
  if (options.size === 'full') asserts.push(...judgeTimes(evidence.times));
  const passed = asserts.every((assert) => assert.passed);
  const did = `${tell(evidence)} ${inspection.did}`;
  const times = { ...evidence.times, ...inspection.times };
  return { drill: lostInstructions.name, passed, did, asserts, times, originals: ORIGINALS };
}

async function gather({ size, signal, progress }: DrillOptions, knobs: LostInstructionsKnobs): Promise<Evidence> {
  const plan = PLANS[size];
  const began = performance.now();
  const roll = die(knobs.seed ?? Date.now());
  await using hop = await startHop(roll);
  hop.temper = { ...UNSTEADY, ...knobs.temper };
  progress('Starting a throwaway installation …');
  await using installation = await Installation.start({ settings: settingsFor(hop.port), resources: RESOURCES });
  const startMs = performance.now() - began;
  const since = Date.now();
  await using load = new SteadyLoad({ port: installation.ports.smtp, roll, large: 0, ...plan });
  const kills = await killAgainAndAgain(plan, { installation, load, roll, signal, progress });
  const sent = await load.stop();
  const stopped = Date.now();
  hop.temper = { ...GENTLE, ...knobs.temper };
  await installation.ready();
  progress('The next hop is well again; waiting for the queue to drain …');
  await drained(installation, plan.drainMaxMs, signal);
  const until = Date.now();
  progress('Listing the mails of the window, and counting everything again …');
  const [listed, listMs] = await listWindow(installation, since, until);
  const audit = await installation.json<Audit>('audit', '--full');
  const times = { startMs, ...timesOf(sent, listed, kills, { stopped }), listMs, wholeMs: performance.now() - began };
  return { sent, hop, listed, audit, kills, times: rounded(times) };
}

interface Scene {
  readonly installation: Installation;
  readonly load: SteadyLoad;
  readonly roll: () => number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

async function killAgainAndAgain(plan: (typeof PLANS)[keyof typeof PLANS], scene: Scene): Promise<readonly Kill[]> {
  const kills: Kill[] = [];
  const [least, most] = plan.everyMs;
  while (kills.length < plan.kills) {
    await takesMail(scene, kills.at(-1)?.at ?? 0);
    await pause(least + scene.roll() * (most - least));
    const of = kills.length % HOST_EVERY === HOST_EVERY - 1 ? 'host' : 'worker';
    if (await strike(of, scene, kills)) scene.progress(`${kills.length} of ${plan.kills} kills …`);
  }
  await takesMail(scene, kills.at(-1)?.at ?? 0);
  return kills;
}

// A worker that has not begun to work loses nothing when it is lost: that would be a kill for the count only.
async function takesMail({ load, signal }: Scene, after: number): Promise<void> {
  const tookMail = (): boolean => {
    signal.throwIfAborted();
    return load.sent.some(({ at, queueId }) => queueId !== null && at > after);
  };
  await eventually('mail is taken again', tookMail, TAKES_MAIL_MS);
}

// False where there was nothing to kill just then.
async function strike(of: Kill['of'], { installation }: Scene, kills: Kill[]): Promise<boolean> {
  const pid = (await installation.pids()).get(WORKER);
  if (pid === undefined) return false;
  if (of === 'worker' && !kill(pid)) return false;
  if (of === 'host') await installation.killAll();
  kills.push({ at: Date.now(), of });
  if (of === 'host') await installation.launch();
  return true;
}

async function drained(installation: Installation, withinMs: number, signal: AbortSignal): Promise<void> {
  const isEmpty = async (): Promise<boolean> => {
    signal.throwIfAborted();
    const { tenants } = await installation.json<Audit>('audit');
    return tenants.every(({ queued }) => queued === 0);
  };
  // What never drains is for the judgement to name, recipient by recipient.
  await eventually('the queue is empty', isEmpty, withinMs).catch(() => signal.throwIfAborted());
}

async function listWindow(
  installation: Installation,
  since: number,
  until: number,
): Promise<[ReadonlyMap<string, TracedMail>, number]> {
  const began = performance.now();
  const words = [`since:${new Date(since).toISOString()}`, `until:${new Date(until + 1).toISOString()}`];
  const mails = await installation.json<TracedMail[]>('trace', ...words, '--limit', '1000000');
  return [new Map(mails.map((mail) => [mail.id, mail])), performance.now() - began];
}

/** Everything that must be true; pure, so that it can be read as the list of promises that it is. */
function judge(evidence: Evidence): DrillAssert[] {
  return [everyoneAccountedFor, nobodyServedTwice, partialSuccess, mended, inOrder, windowIsWhole, booksBalance].map(
    (check) => check(evidence),
  );
}

function everyoneAccountedFor({ sent, hop, listed }: Evidence): DrillAssert {
  const missing: string[] = [];
  const count = { delivered: 0, bounced: 0 };
  for (const { mail, queueId, taken } of sent) {
    if (queueId === null) continue;
    const recipients = new Map(listed.get(queueId)?.recipients.map((one) => [one.address, one.state]));
    for (const address of taken) {
      const state = recipients.get(address) ?? 'unknown';
      if (state === 'delivered' && hop.taken.has(`${mail.id} ${address}`)) count.delivered++;
      else if (state === 'bounced' && hop.refused.has(address)) count.bounced++;
      else missing.push(`${queueId} ${address} (${state})`);
    }
  }
  const well = `${count.delivered} delivered, and the hop has them; ${count.bounced} bounced, and the hop refused them`;
  return {
    what: 'H3: every recipient that had its 250 is accounted for',
    passed: missing.length === 0 && count.delivered > 0,
    found: missing.length === 0 ? well : `${missing.length} are not: ${some(missing)}`,
  };
}

function nobodyServedTwice({ hop, listed }: Evidence): DrillAssert {
  const recipients = [...listed.values()].flatMap((mail) => mail.recipients);
  const marked = new Set(recipients.filter((one) => one.possiblyDuplicate).map((one) => one.address));
  const twice = [...hop.taken].filter(([, times]) => times > 1).map(([key]) => key.split(' ')[1] ?? key);
  const unexplained = twice.filter((address) => !marked.has(address));
  const well = `${marked.size} may have been, as their traces say; ${twice.length} of them were`;
  return {
    what: 'H4: nobody was served twice, but where the trace says that it may be so',
    passed: unexplained.length === 0,
    found: unexplained.length === 0 ? well : `${unexplained.length} were, without a mark: ${some(unexplained)}`,
  };
}

function partialSuccess({ listed }: Evidence): DrillAssert {
  const partial = [...listed.values()].filter(
    ({ recipients }) => new Set(recipients.map(({ state, attempts }) => `${state} ${attempts}`)).size > 1,
  );
  return {
    what: 'H4: mails of which some recipients were served and others not yet were carried to their end',
    passed: partial.length > 0,
    found: `${partial.length} mails whose recipients went different ways`,
  };
}

function mended({ listed, kills }: Evidence): DrillAssert {
  const repaired = eventsOf(listed, 'repaired').length;
  const waiting = [...listed.values()].flatMap(({ id, recipients }) =>
    recipients.filter(({ state }) => WAITING.has(state)).map(({ address, state }) => `${id} ${address} (${state})`),
  );
  const well = `${repaired} recipients had lost their worker in ${kills.length} kills; all went on`;
  return {
    what: 'H5: what a lost worker had in its hands was found and put right, without hands',
    passed: waiting.length === 0 && repaired > 0,
    found: waiting.length === 0 ? well : `${waiting.length} still wait: ${some(waiting)}`,
  };
}

const ENDED: ReadonlySet<string> = new Set(['delivered', 'bounced', 'discarded', 'expired']);
const WAITING: ReadonlySet<string> = new Set(['queued', 'deferred']);

function inOrder({ listed }: Evidence): DrillAssert {
  // Notices of failure go back to the senders, who have no mailbox here: those end as held.
  const mails = [...listed.values()].filter(({ parent }) => parent === null);
  const wrong = mails.flatMap(({ id, recipients, events }) =>
    recipients.filter(({ address }) => !isOneLife(events, address)).map(({ address }) => `${id} ${address}`),
  );
  const events = mails.reduce((sum, mail) => sum + mail.events.length, 0);
  return {
    what: 'H4: every recipient has one beginning and one end, and nothing after it',
    passed: wrong.length === 0 && events > 0,
    found: wrong.length === 0 ? `${events} events, all in order` : `${wrong.length} have not: ${some(wrong)}`,
  };
}

function isOneLife(events: readonly TraceEvent[], address: string): boolean {
  const kinds = events.filter(({ recipient }) => recipient === null || recipient === address).map(({ kind }) => kind);
  const ends = kinds.filter((kind) => ENDED.has(kind)).length;
  return kinds[0] === 'accepted' && kinds.lastIndexOf('accepted') === 0 && ends === 1 && ENDED.has(kinds.at(-1) ?? '');
}

function windowIsWhole({ sent, listed }: Evidence): DrillAssert {
  const promised = sent.flatMap(({ queueId }) => queueId ?? []);
  const unlisted = promised.filter((id) => !listed.has(id));
  const known = new Set(sent.map(({ mail }) => `Test ${mail.id}`));
  const unknown = [...listed.values()].filter(({ parent, subject }) => parent === null && !known.has(subject));
  const touched = [...listed.values()].filter(({ events }) => events.some(({ kind }) => kind === 'repaired')).length;
  const wrong = [...unlisted, ...unknown.map(({ id }) => id)];
  return {
    what: 'H6: one query lists all mails of the window, and no others',
    passed: wrong.length === 0 && promised.length > 0,
    found:
      wrong.length === 0
        ? `${listed.size} mails, ${touched} of them touched by a kill`
        : `${unlisted.length} are not listed, ${unknown.length} nobody sent: ${some(wrong)}`,
  };
}

function booksBalance({ audit, listed }: Evidence): DrillAssert {
  const lines = TENANTS.map(({ id }) => {
    const accepted = audit.tenants.find(({ tenant }) => tenant === id)?.accepted ?? 0;
    const inList = [...listed.values()].filter(({ tenant }) => tenant === id);
    return { id, accepted, inList: inList.reduce((sum, { recipients }) => sum + recipients.length, 0) };
  });
  const figures = lines.map(({ id, accepted, inList }) => `${id} ${accepted} in the books, ${inList} in the list`);
  const agree = lines.every(({ accepted, inList }) => accepted === inList && accepted > 0);
  return {
    what: 'the books balance, agree with the list, and no row is an orphan',
    passed: audit.balanced && audit.orphans.length === 0 && agree,
    found: `${audit.balanced ? 'balanced' : 'NOT balanced'}; ${figures.join('; ')}; ${audit.orphans.length} orphans`,
  };
}

function judgeTimes({ mendMsMax = 0, drainBeginsMs = 0 }: Readonly<Record<string, number>>): DrillAssert[] {
  const within = (what: string, ms: number, maxMs: number): DrillAssert => {
    return { what: `${what} within ${maxMs / 1_000} s`, passed: ms <= maxMs, found: `${ms} ms` };
  };
  return [
    within('H5: what a lost worker had was put right', mendMsMax, MENDED_MAX_MS),
    within('M5: with all well again, delivery goes on', drainBeginsMs, DRAIN_BEGINS_MAX_MS),
  ];
}

function timesOf(
  sent: readonly Sent[],
  listed: Evidence['listed'],
  kills: readonly Kill[],
  { stopped }: { readonly stopped: number },
): Record<string, number> {
  const taken = sent.filter(({ queueId }) => queueId !== null).map(({ at }) => at);
  const delivered = eventsOf(listed, 'delivered').filter((at) => at >= stopped);
  const ends = [...ENDED].flatMap((kind) => eventsOf(listed, kind));
  const killed = kills.map(({ at }) => at);
  return {
    takesMailAgainMsMax: greatest(killed.map((at) => least(taken.filter((one) => one > at)) - at)),
    mendMsMax: greatest(eventsOf(listed, 'repaired').map((at) => at - greatest(killed.filter((one) => one <= at)))),
    drainBeginsMs: delivered.length === 0 ? 0 : least(delivered) - stopped,
    drainMs: Math.max(0, greatest(ends) - stopped),
  };
}

function eventsOf(listed: Evidence['listed'], kind: string): number[] {
  const events = [...listed.values()].flatMap((mail) => mail.events);
  return events.filter((event) => event.kind === kind).map(({ at }) => Date.parse(at));
}

function tell({ sent, kills, listed }: Evidence): string {
  const hosts = kills.filter(({ of }) => of === 'host').length;
  const recipients = sent.reduce((sum, { taken, queueId }) => sum + (queueId === null ? 0 : taken.length), 0);
  const mails = sent.filter(({ queueId }) => queueId !== null).length;
  const born = [...listed.values()].filter(({ parent }) => parent !== null).length;
  return `2 tenants had their 250 for ${mails} mails to ${recipients} recipients while ${kills.length - hosts} times the worker and ${hosts} times the whole host was killed; ${born} notices of failure went back.`;
}

function some(list: readonly string[]): string {
  return list.slice(0, 5).join(', ') + (list.length > 5 ? ' …' : '');
}

function greatest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function least(values: readonly number[]): number {
  return values.reduce((fewest, value) => Math.min(fewest, value), Number.MAX_SAFE_INTEGER);
}

function rounded(times: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, Math.round(ms)]));
}
