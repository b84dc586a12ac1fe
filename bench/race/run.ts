/** Runs rows, stage by stage. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profilingEnvironment, readProfiles, type TimeWindow } from '../lib/profile.ts';
import type { RatioLine } from '../lib/ratios.ts';
import { type Contest, contend, type Effort } from './contest.ts';
import { type DrainEffort, drainInTurn } from './drain.ts';
import { type CostLine, linesOfContest, linesOfDrain, noteOfDrain } from './lines.ts';
import type { Load } from './phase.ts';
import { formatProfiles } from './profile-report.ts';
import type { Findings } from './report.ts';
import type { Row, StageName } from './rows.ts';
import { openStage, type Stage } from './stage.ts';

export interface Plan {
  readonly rows: readonly Row[];
  readonly effort: Effort;
  readonly drain: DrainEffort;
  /** Holdfast alone, profiled; only for the eye. */
  readonly profile: boolean;
  /** Where a row's figures go as soon as they are there. */
  readonly print: (text: string) => void;
}

const THREAD_MS_MIN = 0.0005;

/** Runs them all. A row whose program is missing is named with the reason, and so is one that fails; the others run. */
export async function runRows(plan: Plan): Promise<Findings> {
  const findings: Growing = { ratios: [], costs: [], notRun: [], notes: [] };
  for (const name of new Set(plan.rows.map(({ stage }) => stage))) {
    const rows = plan.rows.filter(({ stage }) => stage === name);
    const run = plan.profile ? profileStage(name, rows, plan) : runStage(name, rows, plan, findings);
    const missing = await run.catch(reasonOf);
    if (missing !== null) findings.notRun.push(...rows.map(({ title: work }) => ({ work, why: missing })));
  }
  return findings;
}

interface Growing {
  readonly ratios: RatioLine[];
  readonly costs: CostLine[];
  readonly notRun: { work: string; why: string }[];
  readonly notes: string[];
}

/** Why none of them can run, or null. */
async function runStage(name: StageName, rows: readonly Row[], plan: Plan, found: Growing): Promise<string | null> {
  const opened = await openStage(name, { alone: false, env: {} });
  if ('missing' in opened) return opened.missing;
  await using stage = opened;
  for (const row of rows) {
    try {
      await (row.load === null ? runDrain(row, stage, plan, found) : runContest(row, row.load, stage, plan, found));
    } catch (error) {
      found.notRun.push({ work: row.title, why: reasonOf(error) });
    }
  }
  return null;
}

async function runContest(row: Row, load: Load, stage: Stage, plan: Plan, found: Growing): Promise<void> {
  const contest = await contend(row.name, stage, load, plan.effort);
  const lines = linesOfContest(row, stage.peer?.name ?? '', contest);
  found.ratios.push(...lines);
  if (contest.peer !== null) found.costs.push({ work: row.title, peer: contest.peer, ours: contest.ours });
  plan.print([...lines.map(formatLine), ...formatThreads(contest)].join('\n'));
}

async function runDrain(row: Row, { peer, ours, sink }: Stage, plan: Plan, found: Growing): Promise<void> {
  if (peer === null || sink === null) return;
  const drained = await drainInTurn([peer, ours], sink, plan.drain);
  const [theirs, mine] = [drained.get(peer.name) ?? [], drained.get(ours.name) ?? []];
  const lines = linesOfDrain(row, plan.drain.messages, theirs, mine);
  found.ratios.push(...lines);
  found.notes.push(noteOfDrain(theirs, mine));
  plan.print(lines.map(formatLine).join('\n'));
}

async function profileStage(name: StageName, rows: readonly Row[], plan: Plan): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-profile-'));
  try {
    const windows: TimeWindow[] = [];
    const opened = await openStage(name, { alone: true, env: profilingEnvironment(folder) });
    if ('missing' in opened) return opened.missing;
    let worker = 0;
    {
      await using stage = opened;
      worker = await workingPid(stage);
      for (const { load, name: rowName } of rows) {
        if (load === null) {
          windows.push(...(await drainAlone(stage, plan.drain)));
          continue;
        }
        const contest = await contend(rowName, stage, load, plan.effort);
        plan.print(formatThreads(contest).join('\n'));
        windows.push(...contest.rounds.map(({ window }) => window));
      }
    }
    plan.print(formatProfiles(readProfiles(folder, worker, windows), windows));
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of the process in which mail comes in. */
async function workingPid({ ours }: Stage): Promise<number> {
  const found = [...(await ours.installation.pids())].find(([role]) => role.split('+').includes('gate'));
  return found?.[1] ?? ours.installation.pid;
}

async function drainAlone({ ours, sink }: Stage, effort: DrainEffort): Promise<readonly TimeWindow[]> {
  if (sink === null) return [];
  const drained = await drainInTurn([ours], sink, effort);
  return [...drained.values()].flatMap((all) => all.map(({ window }) => window));
}

function formatLine({ work, peer, ours, ratio, first, goal }: RatioLine): string {
  const bars = [first, goal].flatMap((one) => (one === null ? [] : [`${one.text} ${one.met ? 'met' : 'missed'}`]));
  return `${work}: ${peer}, Holdfast ${ours}, ${ratio}${bars.length === 0 ? '' : `; ${bars.join(', ')}`}`;
}

function formatThreads({ ours }: Contest): string[] {
  return [...ours.threads]
    .filter(([, ms]) => ms >= THREAD_MS_MIN)
    .map(([name, ms]) => `  ${ms.toFixed(4)} ms a message  ${name}`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
