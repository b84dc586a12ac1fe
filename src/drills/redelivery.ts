/**
 * The drill of redelivery: what comes after lost instructions that nothing puts right. In the failure that it replays, a tenth of the mail of four
 * minutes stayed where it was; the status page said so after two and a half hours, customers were mailed after six, the list of their mail took thirty,
 * and the mail itself went on the seventh day, by a function that was written meanwhile.
 * ```
 *   mail flows ─▶ a tenth loses its instruction, nothing is repaired ─▶ seen, called, drafted, told ─▶ mail flows
 *              ─▶ who is affected? ─▶ announced, some refuse, frozen ─▶ run, its process killed ─▶ counted, judged
 * ```
 * Mail of many companies goes in by the front door and out to a hop of ours that counts. The fault is switched on for a third of the mail, or for four
 * minutes. From its first moment on it is noted when the status, the page, the operator and the contacts knew of it; no time for thinking is in that, since
 * nobody thinks. Then a campaign serves the rest, while the process that runs it is killed.
 *
 * H6: who is affected is one query. H7: exactly the rest is served, and nothing twice. H8: contacts are told. H9: the status changes by itself, and an operator
 * is called.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '#/ports/index.ts';
import type { Drill, DrillOptions, DrillReport } from './drill.ts';
import { Crowd, Installation, type ScriptedHop, StatusLook, settingsFor, startHop, startPager } from './kit/index.ts';
import { firstWords } from './redelivery-alarm.ts';
import { runCampaign } from './redelivery-campaign.ts';
import { judgeRedelivery, judgeRedeliveryTimes, type RedeliveryEvidence } from './redelivery-judge.ts';
import { affectedIn, settled, unservedByTenant } from './redelivery-scene.ts';

/** How hard it is, by size. */
const PLANS = {
  small: { mails: 6_000, tenants: 20, kills: 1 },
  full: { mails: 1_000_000, tenants: 200, kills: 3 },
} as const;

const LOST_SHARE = 0.1;
/** Of the incident that is replayed: 12:07 to 12:11. */
const FAULT_MS = 4 * 60_000;
/** What was decided while the fault was there is written by then. */
const WRITTEN_MS = 2_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** HENNGE, 21 to 28 April 2021, from 12:07 (incidents.md 1). */
const ORIGINALS = {
  statusMs: 154 * MINUTE_MS,
  pageMs: 154 * MINUTE_MS,
  affectedMs: 30 * HOUR_MS,
  noticesMs: 6 * HOUR_MS,
  campaignMs: 2 * HOUR_MS,
};

/** What tests set. */
export interface RedeliveryKnobs {
  /** Lines of holdfast.yaml beside: the store, say. */
  readonly settings?: string;
  /** Those that `settings` name. */
  readonly cells?: readonly string[];
  /** Times that the process that runs the campaign is killed. */
  readonly kills?: number;
  /** Whether rows that are lost can be found by whoever looks for them: only where one process writes the store. */
  readonly isSeen?: boolean;
  /** Done when the campaign is completed, to show that the drill sees it. */
  readonly afterwards?: (hop: ScriptedHop) => void;
}

export const redelivery: Drill = {
  name: 'redelivery',
  summary: 'mail of minutes stays where it is; it is seen, told, listed, and sent once to all who do not refuse',
  scales: true,
  run: (options) => runRedelivery(options),
};

/** Runs it; the knobs are for tests. */
export async function runRedelivery(options: DrillOptions, knobs: RedeliveryKnobs = {}): Promise<DrillReport> {
  if (process.platform !== 'linux')
    throw new Refusal(2, 'This drill runs on Linux: it sends from addresses of the loopback beside 127.0.0.1.');
  const evidence = await gather(options, knobs);
  const asserts = judgeRedelivery(evidence);
  if (options.size === 'full') asserts.push(...judgeRedeliveryTimes(evidence.times));
  const passed = asserts.every((assert) => assert.passed);
  const did = tell(evidence);
  return { drill: redelivery.name, passed, did, asserts, times: evidence.times, originals: ORIGINALS };
}

async function gather(
  { size, scale, signal, progress }: DrillOptions,
  knobs: RedeliveryKnobs,
): Promise<RedeliveryEvidence> {
  const { mails, tenants, kills } = { ...PLANS[size], ...scale };
  const began = performance.now();
  const crowd = new Crowd(mails, tenants);
  await using hop = await startHop();
  hop.tally = crowd.tally;
  await using pager = await startPager();
  progress('Starting a throwaway installation …');
  const settings = [
    settingsFor(hop.port),
    'roles: [[gate, deliver], inspect, web, janitor]',
    `page: { url: "${pager.url}" }`,
    knobs.settings ?? '',
  ].join('\n');
  await using installation = await Installation.start({
    settings,
    web: true,
    resources: crowd.resources(knobs.cells),
    env: (folder) => ({
      HOLDFAST_CHAOS: '1',
      HOLDFAST_CHAOS_LOSE: String(LOST_SHARE),
      HOLDFAST_CHAOS_WHILE: faultIn(folder),
      HOLDFAST_CHAOS_REPAIR: 'off',
    }),
  });
  const startMs = performance.now() - began;
  const scene = { installation, hop, crowd, signal, progress };
  const { smtp } = installation.ports;
  const third = Math.floor(mails / 3);

  progress(`${mails} mails of ${tenants} companies: the first third, all is well …`);
  const loadFrom = performance.now();
  await crowd.send(smtp, 0, third, 0, signal);
  await using look = new StatusLook(installation);
  progress('A tenth of the mail loses its instruction, and nothing is repaired …');
  const from = Date.now();
  await writeFile(faultIn(installation.folder), '');
  const healed = heal(installation.folder, FAULT_MS);
  const unservedMax = Math.ceil(2 * LOST_SHARE * (mails / 3) * 1.25);
  const words = firstWords({ ...scene, pager, look, from, isSeen: knobs.isSeen ?? true });
  const [alarm] = await Promise.all([
    words,
    crowd.send(smtp, third, 2 * third, unservedMax, signal).then(() => healed.now()),
  ]);
  const to = (await healed.at) + WRITTEN_MS;
  progress('The fault is over; the last third …');
  await crowd.send(smtp, 2 * third, mails, unservedMax, signal);
  await settled(scene);
  const loadMs = performance.now() - loadFrom;
  const unserved = unservedByTenant(crowd);
  const [affected, affectedQueryMs] = await affectedIn(installation, from, to);
  const campaign = await runCampaign({ ...scene, from, to, affected, kills: knobs.kills ?? kills });
  knobs.afterwards?.(hop);
  progress('Counting everything again …');
  const audit = await installation.json<RedeliveryEvidence['audit']>('audit', '--full');
  const { times: own, ...run } = campaign;
  const times = { startMs, loadMs, ...alarm.times, affectedQueryMs, ...own, wholeMs: performance.now() - began };
  return { crowd, alarm, affected, unserved, campaign: run, audit, times: rounded(times) };
}

function faultIn(folder: string): string {
  return join(folder, 'faulty');
}

/** Ends the fault when it is told to, and by itself after a time. */
function heal(folder: string, afterMs: number): { readonly now: () => void; readonly at: Promise<number> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = setTimeout(resolve, afterMs);
  const at = promise.then(async () => {
    clearTimeout(late);
    await rm(faultIn(folder), { force: true });
    return Date.now();
  });
  return { now: resolve, at };
}

function tell({ crowd, campaign, affected }: RedeliveryEvidence): string {
  const { mails, tenants, tally } = crowd;
  return `${tenants} companies had their 250 for ${tally.promised} recipients of ${mails} mails; ${affected.unserved} recipients lost their instruction, and nothing was repaired. ${campaign.refusing.size} companies refused the redelivery of theirs, another one that of a single mail; the process that ran it was killed ${campaign.kills} times.`;
}

function rounded(times: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, Math.round(ms)]));
}
