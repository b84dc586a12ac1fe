/**
 * The inspection act of the drill of lost instructions: mail whose verdicts are known flows through workers that are killed, drained, answer
 * garbage, or die by themselves. At the end every recipient must be where the rules of a calm day would have put them, once.
 *
 * H1: the verdicts are those of a calm run. H10: a worker that goes wrong is found out before anything that it said counts.
 */
import type { DrillAssert } from './drill.ts';
import {
  eventually,
  GENTLE,
  Installation,
  pause,
  type ScriptedHop,
  settingsFor,
  startHop,
  TestClient,
} from './kit/index.ts';

export interface InspectionPlan {
  readonly mails: number;
  /** Times that a worker is struck, now killed, now asked to end. */
  readonly strikes: number;
  readonly everyMs: number;
  /** Chances for each mail that its worker answers garbage from then on, or dies. */
  readonly garbage: number;
  readonly die: number;
  /** Between how many workers the steward scales; two and three where it is left out. */
  readonly workers?: readonly [min: number, max: number];
  /** Holdfast.yaml beside: the store, say. */
  readonly settings?: string;
}

export interface InspectionActParts {
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface InspectionReport {
  readonly did: string;
  readonly asserts: readonly DrillAssert[];
  readonly times: Readonly<Record<string, number>>;
}

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    notices: { held: off }
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
    policies:
      - { name: refused, when: { recipients: ["*@refused.example"] }, action: { reject: "Not to them" } }
      - { name: held, when: { recipients: ["*@held.example"] }, action: { hold: 4h } }
`;
const CONNECTIONS = 4;
const FROM = 'alice@acme.test';
/** Bounds for hangs. */
const SEND_MS = 30_000;
const SETTLED_MS = 300_000;
const AGAIN_MS = 250;

/** Where a calm run leaves a recipient, by the domain. */
const CALM: Readonly<Record<string, string>> = {
  'passed.example': 'delivered',
  'held.example': 'held policy',
  'refused.example': 'bounced',
};

interface TracedMail {
  readonly id: string;
  readonly parent: string | null;
  readonly recipients: readonly { readonly address: string; readonly state: string; readonly reason: string }[];
  readonly events: readonly { readonly kind: string; readonly stage: string; readonly recipient: string | null }[];
}

interface Audit {
  readonly balanced: boolean;
  readonly orphans: readonly unknown[];
  readonly tenants: readonly { readonly queued: number }[];
}

interface Evidence {
  readonly promised: readonly string[];
  readonly listed: ReadonlyMap<string, TracedMail>;
  readonly hop: Pick<ScriptedHop, 'taken'>;
  readonly audit: Audit;
  readonly strikes: number;
  readonly released: number;
}

/** Runs it on an installation of its own. */
export async function runInspectionAct(plan: InspectionPlan, parts: InspectionActParts): Promise<InspectionReport> {
  const began = performance.now();
  await using hop = await startHop();
  hop.temper = { ...GENTLE };
  const { garbage, die, workers: [min, max] = [2, 3], settings: more = '' } = plan;
  const workers = `inspect: { minWorkers: ${min}, maxWorkers: ${max} }`;
  const settings = [settingsFor(hop.port), 'roles: [[gate, deliver], inspect, janitor]', workers, more].join('\n');
  const env = { HOLDFAST_CHAOS: '1', HOLDFAST_CHAOS_INSPECT: `garbage=${garbage},die=${die}` };
  parts.progress('Inspection: starting a throwaway installation …');
  await using installation = await Installation.start({ settings, resources: RESOURCES, env });
  const since = Date.now();
  const stop = new AbortController();
  const striking = strike(installation, plan, stop.signal);
  const promised = await send(installation, plan.mails, parts);
  const strikes = await striking.finally(() => stop.abort());
  parts.progress('Inspection: waiting until every mail has its verdict …');
  const released = await settled(installation, parts.signal);
  const listedFrom = performance.now();
  const listed = await list(installation, since);
  const listMs = performance.now() - listedFrom;
  const audit = await installation.json<Audit>('audit', '--full');
  const evidence = { promised, listed, hop, audit, strikes, released };
  const asserts = [verdictsOfACalmRun, nothingTwice, lostWorkersShow, booksBalance].map((check) => check(evidence));
  const times = { inspectionListMs: Math.round(listMs), inspectionMs: Math.round(performance.now() - began) };
  return { did: tell(evidence), asserts, times };
}

async function send(installation: Installation, mails: number, { signal }: InspectionActParts): Promise<string[]> {
  const ids: string[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < mails) {
      signal.throwIfAborted();
      const client = await TestClient.open(installation.ports.smtp, '127.0.0.2', SEND_MS);
      while (client !== null && !client.gone && next < mails) {
        const id = `inspected-${next++}`;
        const to = Object.keys(CALM).map((domain) => `${id}@${domain}`);
        const answer = await client.send({ id, from: FROM, to, bodyBytes: 1_500 });
        if (answer.queueId !== null) ids.push(answer.queueId);
      }
      client?.close();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  return ids;
}

/** Strikes one worker after the other; how often it found one. */
async function strike(
  installation: Installation,
  { strikes, everyMs }: InspectionPlan,
  signal: AbortSignal,
): Promise<number> {
  let struck = 0;
  for (let looks = 0; struck < strikes && looks < 10 * strikes && !signal.aborted; looks++) {
    await pause(everyMs);
    const pids = await installation.pidsOf('inspect');
    const pid = pids[looks % Math.max(1, pids.length)];
    if (pid === undefined) continue;
    try {
      process.kill(pid, struck % 3 === 2 ? 'SIGTERM' : 'SIGKILL');
      struck += 1;
    } catch {
      // It had ended by itself.
    }
  }
  return struck;
}

/** Waits until nothing is under way; lets go what was set aside, as an operator would. How many recipients that were. */
async function settled(installation: Installation, signal: AbortSignal): Promise<number> {
  let released = 0;
  await eventually(
    'every mail has its verdict',
    async () => {
      signal.throwIfAborted();
      await pause(AGAIN_MS);
      // Asked first: where nothing is queued nothing moves any more, and who is set aside then stays there.
      const { tenants } = await installation.json<Audit>('audit');
      const aside = await installation.json<readonly { recipients: readonly unknown[] }[]>(
        'queue',
        'list',
        'reason:set-aside',
      );
      released += aside.reduce((sum, { recipients }) => sum + recipients.length, 0);
      if (aside.length > 0) await installation.cli('queue', 'release', 'reason:set-aside');
      return aside.length === 0 && tenants.every(({ queued }) => queued === 0);
    },
    SETTLED_MS,
  ).catch(() => signal.throwIfAborted());
  return released;
}

async function list(installation: Installation, since: number): Promise<ReadonlyMap<string, TracedMail>> {
  const words = ['trace', `since:${new Date(since).toISOString()}`, '--limit', '1000000'];
  const mails = await installation.json<TracedMail[]>(...words);
  return new Map(mails.map((mail) => [mail.id, mail]));
}

function verdictsOfACalmRun({ promised, listed }: Evidence): DrillAssert {
  const wrong = promised.flatMap((id) => {
    const recipients = listed.get(id)?.recipients ?? [];
    if (recipients.length !== Object.keys(CALM).length) return [`${id} is not listed whole`];
    return recipients.flatMap(({ address, state, reason }) => {
      const now = [state, ...(state === 'held' ? [reason] : [])].join(' ');
      return now === CALM[address.slice(address.indexOf('@') + 1)] ? [] : [`${id} ${address} (${now})`];
    });
  });
  return {
    what: 'H1: every recipient is where the rules of a calm day would have put them',
    passed: wrong.length === 0 && promised.length > 0,
    found: wrong.length === 0 ? `${promised.length} mails, passed, held and refused as they should be` : some(wrong),
  };
}

function nothingTwice({ promised, listed, hop }: Evidence): DrillAssert {
  const served = [...hop.taken].filter(([key]) => key.includes('inspected-'));
  const twice = served.filter(([, times]) => times > 1).map(([key]) => key);
  const leaked = served.filter(([key]) => !key.endsWith('@passed.example')).map(([key]) => key);
  const reports = Map.groupBy([...listed.values()], ({ parent }) => parent);
  const told = promised.filter((id) => reports.get(id)?.length !== 1);
  const wrong = [...twice, ...leaked, ...told];
  return {
    what: 'H4: nothing arrived twice, nothing that was held or refused arrived, and each refusal was told once',
    passed: wrong.length === 0 && served.length > 0,
    found: wrong.length === 0 ? `${served.length} arrived, ${promised.length} reports` : some(wrong),
  };
}

function lostWorkersShow({ listed, strikes }: Evidence): DrillAssert {
  const touched = [...listed.values()].filter(({ events }) =>
    events.some(({ kind, stage }) => stage === 'inspect' && kind === 'repaired'),
  );
  return {
    what: 'H10: workers were lost under load, and one query lists every mail that this touched',
    passed: strikes > 0,
    found: `${strikes} strikes; ${touched.length} mails were inspected again`,
  };
}

function booksBalance({ audit }: Evidence): DrillAssert {
  return {
    what: 'H5: behind inspection, too, the books balance and no row is an orphan',
    passed: audit.balanced && audit.orphans.length === 0,
    found: `${audit.balanced ? 'balanced' : 'NOT balanced'}; ${audit.orphans.length} orphans`,
  };
}

function tell({ promised, strikes, released }: Evidence): string {
  return `${promised.length} mails were inspected while workers answered garbage, died, and were killed or drained ${strikes} times; ${released} recipients were set aside and let go by hand.`;
}

function some(list: readonly string[]): string {
  return `${list.length} are not: ${list.slice(0, 5).join(', ')}${list.length > 5 ? ' …' : ''}`;
}
