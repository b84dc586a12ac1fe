/**
 * The drill of mass purge: in the failure that it replays, the physical deletion of very large mailboxes overloaded the servers of a mail
 * service. POP3, IMAP and sign-in became slow or failed for everybody, and mail programs were told short lists, took their mail for new, and
 * fetched all of it again.
 * ```
 *   filled ─▶ before: people read ─▶ a mailbox is expunged ─▶ what was expunged is purged ─▶ all read again, counted, judged
 * ```
 * While the mass of one account goes, many others look at theirs by POP3 and IMAP, and its owner at the INBOX beside the mass. Each list is
 * compared with what was put there, each session is timed, and some messages amid the mass are kept, which must be there to the end.
 *
 * O3: deleting is at once, purging in steps that nobody feels. O4: a heavy mailbox slows no other. O5: UIDs and UIDLs never change, and a list
 * is whole or an error.
 */
import { isDeepStrictEqual } from 'node:util';
import { within } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import type { Drill, DrillAssert, DrillOptions, DrillReport } from './drill.ts';
import {
  askApart,
  die,
  fill,
  ImapClient,
  type Inbox,
  Installation,
  type Look,
  letterOf,
  MailReader,
  type MailUser,
  Pop3Client,
  pause,
  StatusLook,
} from './kit/index.ts';

interface Plan {
  /** Messages in the mailbox that is emptied. */
  readonly mass: number;
  /** People beside its owner, and letters in the INBOX of each. */
  readonly others: number;
  readonly letters: number;
  /** Between two sessions of one of them, ms. */
  readonly pauseMs: number;
  /** The same of the owner's, of whom there is one: enough of them for a p95 of each phase. */
  readonly ownPauseMs: number;
  readonly beforeMs: number;
  /** One in so many of the mass is kept. */
  readonly keepEvery: number;
  /** For a command or verb that takes all of the mass at once, ms. */
  readonly longMs: number;
}

/** How hard it is, by size. */
const PLANS: Readonly<Record<DrillOptions['size'], Plan>> = {
  small: {
    mass: 2_000,
    others: 6,
    letters: 40,
    pauseMs: 60,
    ownPauseMs: 60,
    beforeMs: 3_000,
    keepEvery: 100,
    longMs: 60_000,
  },
  full: {
    mass: 1_000_000,
    others: 50,
    letters: 200,
    pauseMs: 2_000,
    ownPauseMs: 200,
    beforeMs: 60_000,
    keepEvery: 1_000,
    longMs: 6 * 3_600_000,
  },
};

const MASS = 'Mass';
const FILLERS = 4;
const PASSWORD = 'correct horse';
const STEP_MS = 120_000;
const KEPT_LOOK_MS = 300;
/** Between filling and the first figure: what was written settles. */
const SETTLE_MS = 1_000;

/** Of the full drill: how many times slower than before the p95 of sessions may be meanwhile. */
const OTHERS_SLOWER_MAX = 1.5;
const OWN_SLOWER_MAX = 2;

/** Components that people with mailboxes feel. */
const FELT = ['mailboxes', 'imap', 'pop3'];

const PHASES = ['before', 'expunge', 'purge'] as const;
type Phase = (typeof PHASES)[number];
interface Span {
  /** Monotonic ms. */
  readonly from: number;
  readonly to: number;
}

/** What tests set. */
export interface MassPurgeKnobs {
  /** Done while the purge goes, to show that the drill sees it. */
  readonly meanwhile?: (ports: Installation['ports'], other: MailUser) => Promise<void>;
  readonly seed?: number;
}

/** As `holdfast mailbox list --json` says it. */
interface Account {
  readonly address: string;
  readonly messages: number;
  readonly recoverableMessages: number;
}

/** The mass of the one account: what is in it, and what of it is kept. */
interface Mass {
  readonly letters: number;
  /** UIDs, rising, and their letters. */
  readonly kept: ReadonlyMap<number, string>;
  readonly gone: number;
  /** All of those as an IMAP set. */
  readonly goneSet: string;
}

interface Evidence {
  readonly plan: Plan;
  readonly mass: Mass;
  readonly inboxes: readonly Inbox[];
  readonly looks: { readonly others: readonly Look[]; readonly own: readonly Look[] };
  readonly spans: Readonly<Record<Phase, Span>>;
  /** What was found in the emptied mailbox, each time that it was looked at: UIDs. */
  readonly massLooks: readonly (readonly number[])[];
  /** Of the account with the mass. */
  readonly recoverable: { readonly expunged: number; readonly purged: number };
  /** Messages that the purge says it took. */
  readonly purged: number;
  /** At the end: the letters that each INBOX really has, in its order, and those that were kept. */
  readonly read: readonly Inbox[];
  readonly readKept: ReadonlyMap<number, string>;
  readonly accounts: readonly Account[];
  /** Components that were not well meanwhile, with their state. */
  readonly ill: readonly string[];
  readonly times: Readonly<Record<string, number>>;
}

export const massPurge: Drill = {
  name: 'mass-purge',
  summary: 'a huge mailbox is emptied and purged while people read theirs; nobody is told a short list, nobody waits',
  run: (options) => runMassPurge(options),
};

/** Runs it; the knobs are for tests that show that it can fail. */
export async function runMassPurge(options: DrillOptions, knobs: MassPurgeKnobs = {}): Promise<DrillReport> {
  if (process.platform !== 'linux') throw new Refusal(2, 'This drill runs on Linux: it finds its processes in /proc.');
  const evidence = await gather(options, knobs);
  const asserts = judge(evidence);
  if (options.size === 'full') asserts.push(...judgeTimes(evidence.times));
  const passed = asserts.every((assert) => assert.passed);
  return { drill: massPurge.name, passed, did: tell(evidence), asserts, times: evidence.times };
}

async function gather({ size, signal, progress }: DrillOptions, knobs: MassPurgeKnobs): Promise<Evidence> {
  const plan = PLANS[size];
  const began = performance.now();
  const roll = die(knobs.seed ?? Date.now());
  progress('Starting a throwaway installation …');
  await using installation = await Installation.start({
    mailboxes: true,
    resources: resourcesFor(plan),
    verbMs: plan.longMs,
  });
  const { ports } = installation;
  const startMs = performance.now() - began;
  const [inboxes, mass] = await fillAll({ plan, ports, signal, progress });
  const fillMs = performance.now() - began - startMs;
  await pause(SETTLE_MS);
  await using readers = new AsyncDisposableStack();
  const [own, ...others] = inboxes.map((inbox) => {
    const pauseMs = inbox.user === OWNER ? plan.ownPauseMs : plan.pauseMs;
    return readers.use(new MailReader({ ports, inbox, roll, pauseMs, signal }));
  });
  await using look = new StatusLook(installation);
  const scene: Scene = { plan, installation, mass, signal, progress };
  const drilled = await empty(scene, knobs);
  await readers.disposeAsync();
  progress('Reading everything again …');
  const read = await Promise.all(inboxes.map((inbox) => readAgain(inbox, scene)));
  const readKept = await readKeptAgain(scene);
  const accounts = await installation.json<Account[]>('mailbox', 'list', '--limit', '1000');
  const looks = { own: own?.looks ?? [], others: others.flatMap((reader) => reader.looks) };
  const ill = [...look.firstIll.keys()].filter((one) => FELT.some((kind) => one.includes(kind)));
  const ends = { wholeMs: performance.now() - began };
  const times = rounded({ startMs, fillMs, ...timesOf(looks, drilled.spans), ...ends });
  return { plan, mass, inboxes, looks, ...drilled, read, readKept, accounts, ill, times };
}

interface Scene {
  readonly plan: Plan;
  readonly installation: Installation;
  readonly mass: Mass;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

function resourcesFor({ others }: Plan): string {
  const users = ['owner', ...Array.from({ length: others }, (_, at) => `reader-${at + 1}`)];
  const lines = users.map((name) => `      - { address: ${name}@acme.test, password: "${PASSWORD}" }\n`);
  return `tenants:\n  - id: acme\n    name: acme\n    domains: [acme.test]\n    users:\n${lines.join('')}`;
}

const OWNER: MailUser = { address: 'owner@acme.test', password: PASSWORD };

/** The INBOX of everybody, the owner's first, and the mass. */
async function fillAll(
  scene: Omit<Scene, 'installation' | 'mass'> & Pick<Installation, 'ports'>,
): Promise<[Inbox[], Mass]> {
  const { plan, ports, signal, progress } = scene;
  progress(`Putting ${plan.letters} letters into each of ${plan.others + 1} inboxes …`);
  const users = Array.from({ length: plan.others }, (_, at) => ({ ...OWNER, address: `reader-${at + 1}@acme.test` }));
  const inboxes: Inbox[] = [];
  for (const user of [OWNER, ...users]) inboxes.push(await fillInbox(user, scene));
  progress(`Putting ${plan.mass} messages into one mailbox …`);
  using client = await ImapClient.open(ports.imaps, OWNER, within(STEP_MS, signal));
  await client.asks(`CREATE ${MASS}`);
  const every = Math.max(1, Math.floor(plan.mass / 10));
  let told = 0;
  const uids = await fill({
    ...{ ports, user: OWNER, mailbox: MASS, count: plan.mass, connections: FILLERS, signal },
    progress: (done) => {
      if (done < told + every) return;
      told = done;
      progress(`${done} of ${plan.mass} messages …`);
    },
  });
  return [inboxes, partMass(uids, plan.keepEvery)];
}

async function fillInbox(user: MailUser, { plan, ports, signal }: Parameters<typeof fillAll>[0]): Promise<Inbox> {
  const uids = await fill({ ports, user, mailbox: 'INBOX', count: plan.letters, connections: 1, signal });
  using imap = await ImapClient.open(ports.imaps, user, within(STEP_MS, signal));
  const { uidValidity } = await imap.select('INBOX');
  using pop3 = await Pop3Client.open(ports.pop3s, user, within(STEP_MS, signal));
  const { uidls } = await pop3.tells();
  return { user, letters: uids.map((_, number) => letterOf(user.address, number)), uidValidity, uids, uidls };
}

function partMass(uids: readonly number[], keepEvery: number): Mass {
  const byUid = uids.map((uid, number) => ({ uid, number })).sort((a, b) => a.uid - b.uid);
  const kept = byUid.filter((_, at) => at % keepEvery === keepEvery - 1);
  const edges = [0, ...kept.map(({ uid }) => uid), (byUid.at(-1)?.uid ?? 0) + 1];
  const runs = edges.slice(1).flatMap((to, at) => {
    const from = (edges[at] ?? 0) + 1;
    return from < to ? [`${from}:${to - 1}`] : [];
  });
  return {
    letters: uids.length,
    kept: new Map(kept.map(({ uid, number }) => [uid, letterOf(OWNER.address, number)])),
    gone: uids.length - kept.length,
    goneSet: runs.join(','),
  };
}

type Drilled = Pick<Evidence, 'spans' | 'massLooks' | 'recoverable' | 'purged'>;

/** What the drill is about: people read; the mass is expunged; it is purged. */
async function empty(scene: Scene, { meanwhile }: MassPurgeKnobs): Promise<Drilled> {
  const { plan, installation, mass, signal, progress } = scene;
  const massLooks: (readonly number[])[] = [];
  progress('People read; their times are taken …');
  const before = await spanOf(() => pause(plan.beforeMs));
  signal.throwIfAborted();
  progress(`Expunging ${mass.gone} messages …`);
  const expunge = await spanOf(() => expungeMass(scene));
  massLooks.push(await lookAtMass(scene));
  const expunged = await recoverableOf(installation);
  progress('Purging them …');
  let purged = 0;
  const purge = await spanOf(async () => {
    await using _watch = new KeptWatch(scene, massLooks);
    const [answer] = await Promise.all([
      installation.json<{ messages: number }>('mailbox', 'purge', OWNER.address, '--now'),
      meanwhile?.(installation.ports, { ...OWNER, address: 'reader-1@acme.test' }),
    ]);
    purged = answer.messages;
  });
  massLooks.push(await lookAtMass(scene));
  const recoverable = { expunged, purged: await recoverableOf(installation) };
  return { spans: { before, expunge, purge }, massLooks, recoverable, purged };
}

async function spanOf(work: () => Promise<unknown>): Promise<Span> {
  const from = performance.now();
  await work();
  return { from, to: performance.now() };
}

async function expungeMass({ plan, installation, mass, signal }: Scene): Promise<void> {
  const commands = [`SELECT ${MASS}`, `UID STORE ${mass.goneSet} +FLAGS.SILENT (\\Deleted)`, 'EXPUNGE'];
  // A million answers, beside which this process must not be late with what it times.
  await askApart({ port: installation.ports.imaps, user: OWNER, commands, ms: plan.longMs }, signal);
}

async function lookAtMass({ installation, signal }: Scene): Promise<readonly number[]> {
  using client = await ImapClient.open(installation.ports.imaps, OWNER, within(STEP_MS, signal));
  await client.select(MASS);
  return await client.uids();
}

/** Looks at what was kept of the mass, again and again until it is disposed. */
class KeptWatch implements AsyncDisposable {
  readonly #watching: Promise<void>;
  #over = false;

  constructor(scene: Scene, looks: (readonly number[])[]) {
    this.#watching = this.#watch(scene, looks);
    // Whoever disposes hears of what went wrong.
    this.#watching.catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    await this.#watching;
  }

  async #watch(scene: Scene, looks: (readonly number[])[]): Promise<void> {
    while (!this.#over) {
      looks.push(await lookAtMass(scene));
      await pause(KEPT_LOOK_MS);
    }
  }
}

async function recoverableOf(installation: Installation): Promise<number> {
  const accounts = await installation.json<Account[]>('mailbox', 'list', '--limit', '1000');
  return accounts.find(({ address }) => address === OWNER.address)?.recoverableMessages ?? -1;
}

/** An INBOX as it is told in the end, each letter read. */
async function readAgain({ user }: Inbox, { installation: { ports }, signal }: Scene): Promise<Inbox> {
  using pop3 = await Pop3Client.open(ports.pop3s, user, within(STEP_MS, signal));
  const { uidls } = await pop3.tells();
  const letters: string[] = [];
  for (const at of uidls.keys()) letters.push(await pop3.letter(at + 1));
  using imap = await ImapClient.open(ports.imaps, user, within(STEP_MS, signal));
  const { uidValidity } = await imap.select('INBOX');
  return { user, letters, uidValidity, uids: await imap.uids(), uidls };
}

async function readKeptAgain({ mass, installation, signal }: Scene): Promise<ReadonlyMap<number, string>> {
  using client = await ImapClient.open(installation.ports.imaps, OWNER, within(STEP_MS, signal));
  await client.select(MASS);
  const read = new Map<number, string>();
  for (const uid of mass.kept.keys()) read.set(uid, await client.letter(uid));
  return read;
}

/** Everything that must be true; pure, so that it can be read as the list of promises that it is. */
function judge(evidence: Evidence): DrillAssert[] {
  return [
    everyListWhole,
    everySessionServed,
    deletedAtOnce,
    purgedJustThat,
    nothingElseGone,
    peopleWereThere,
    nothingToTell,
  ].map((check) => check(evidence));
}

function everyListWhole({ looks }: Evidence): DrillAssert {
  const all = [...looks.others, ...looks.own];
  const wrong = all.flatMap((look) => look.wrong ?? []);
  return {
    what: 'O5: every list was whole and in order, under the same UIDs and UIDLs',
    passed: wrong.length === 0 && all.length > 0,
    found: wrong.length === 0 ? `${all.length} sessions were told all` : `${wrong.length} were not: ${some(wrong)}`,
  };
}

function everySessionServed({ looks }: Evidence): DrillAssert {
  const all = [...looks.others, ...looks.own];
  const failed = all.flatMap((look) => look.failed ?? []);
  return {
    what: 'O7: every session was let in and came to its end',
    passed: failed.length === 0 && all.length > 0,
    found: failed.length === 0 ? `${all.length} sessions` : `${failed.length} did not: ${some(failed)}`,
  };
}

function deletedAtOnce({ mass, massLooks, recoverable }: Evidence): DrillAssert {
  const kept = [...mass.kept.keys()];
  const wrong = massLooks.filter((uids) => !isDeepStrictEqual(uids, kept));
  const all = recoverable.expunged === mass.gone;
  return {
    what: 'O3: what was expunged was gone at once, could be recovered, and what was kept amid it stayed',
    passed: wrong.length === 0 && all,
    found: `${recoverable.expunged} of ${mass.gone} could be recovered; ${massLooks.length} looks, ${wrong.length} of which did not show just the ${kept.length} that were kept`,
  };
}

function purgedJustThat({ mass, purged, recoverable }: Evidence): DrillAssert {
  return {
    what: 'O3: the purge took what was expunged, all of it and nothing else',
    passed: purged === mass.gone && recoverable.purged === 0,
    found: `${purged} of ${mass.gone} purged, ${recoverable.purged} left`,
  };
}

function nothingElseGone({ mass, inboxes, read, readKept, accounts }: Evidence): DrillAssert {
  const changed = inboxes.filter((inbox, at) => !isDeepStrictEqual(read[at], inbox)).map(({ user }) => user.address);
  const lost = [...mass.kept].filter(([uid, letter]) => readKept.get(uid) !== letter);
  const expected = inboxes.reduce((sum, { letters }) => sum + letters.length, mass.kept.size);
  const counted = accounts.reduce((sum, { messages }) => sum + messages, 0);
  const counts = `${counted} of ${expected} messages in the counts of the accounts`;
  return {
    what: 'O4: everything else is there, octet for octet, in its order, under its UIDs and UIDLs',
    passed: changed.length === 0 && lost.length === 0 && counted === expected,
    found:
      changed.length === 0 && lost.length === 0
        ? counts
        : `${counts}; ${changed.length} inboxes are not as they were: ${some(changed)}; of the kept ${lost.length} are not`,
  };
}

function peopleWereThere({ looks, spans }: Evidence): DrillAssert {
  const counts = PHASES.map((phase) => [phase, during(looks.others, spans[phase]).length] as const);
  return {
    what: 'others were reading in all that time: before, while it was expunged, while it was purged',
    passed: counts.every(([, count]) => count > 0),
    found: counts.map(([phase, count]) => `${phase} ${count} sessions`).join(', '),
  };
}

function nothingToTell({ ill }: Evidence): DrillAssert {
  return {
    what: 'O4, H9: the status page had nothing to tell: mailboxes, IMAP and POP3 were well all the time',
    passed: ill.length === 0,
    found: ill.length === 0 ? 'operational at every look' : ill.join(', '),
  };
}

function judgeTimes(times: Readonly<Record<string, number>>): DrillAssert[] {
  const compare = (who: 'others' | 'own', slowerMax: number): DrillAssert[] => {
    const before = times[`${who}BeforeP95Ms`] ?? 0;
    return (['Expunge', 'Purge'] as const).map((phase) => {
      const ms = times[`${who}${phase}P95Ms`] ?? Number.NaN;
      return {
        what: `${who === 'own' ? 'O3: the p95 of its owner’s sessions' : 'O4: the p95 of others’ sessions'} during the ${phase.toLowerCase()} is at most ${slowerMax} times that of before`,
        passed: ms <= before * slowerMax,
        found: `${ms} ms; before ${before} ms`,
      };
    });
  };
  return [...compare('others', OTHERS_SLOWER_MAX), ...compare('own', OWN_SLOWER_MAX)];
}

function timesOf(looks: Evidence['looks'], spans: Evidence['spans']): Record<string, number> {
  const times: Record<string, number> = {
    expungeMs: spans.expunge.to - spans.expunge.from,
    purgeMs: spans.purge.to - spans.purge.from,
  };
  for (const who of ['others', 'own'] as const) {
    for (const phase of PHASES) {
      const of = during(looks[who], spans[phase]).map(({ begunAt, endedAt }) => endedAt - begunAt);
      const name = `${who}${phase.charAt(0).toUpperCase()}${phase.slice(1)}`;
      for (const percent of [50, 95, 99]) times[`${name}P${percent}Ms`] = percentile(of, percent);
    }
  }
  return times;
}

/** Sessions that saw something of a span. */
function during(looks: readonly Look[], { from, to }: Span): Look[] {
  return looks.filter(({ begunAt, endedAt }) => begunAt < to && endedAt > from);
}

/** The smallest value that so many in a hundred do not exceed; 0 where there is none. */
function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

function tell({ plan, mass, looks }: Evidence): string {
  const sessions = looks.others.length + looks.own.length;
  return `${mass.gone} of ${mass.letters} messages of one mailbox were expunged and purged while its owner and ${plan.others} others read their INBOX in ${sessions} sessions of POP3 and IMAP.`;
}

function some(list: readonly string[]): string {
  return list.slice(0, 5).join(', ') + (list.length > 5 ? ' …' : '');
}

function rounded(times: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, Math.round(ms)]));
}
