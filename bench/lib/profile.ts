/** CPU profiles of a program's threads: Node is told to take them, and here they are read and cut to the time of interest. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** From and until, in microseconds of the monotonic clock. */
export type TimeWindow = readonly [from: number, until: number];

/** What one thread did in the windows. */
export interface ThreadProfile {
  /** File that the thread runs, or `main`. */
  readonly name: string;
  /** Not idle. A thread that waits in a system call, as for a flush, counts as busy. */
  readonly busyMs: number;
  /** Functions that took most, without what they called, and who called them. */
  readonly top: readonly { readonly name: string; readonly selfMs: number; readonly callers: readonly string[] }[];
}

interface Share {
  ms: number;
  readonly callers: Map<string, number>;
}

const CALLERS = 3;
const UNCOUNTED = new Set(['(idle)', '(root)']);

/** The monotonic clock in microseconds, as profiles count. */
export function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Makes every Node process of a program, and each of its threads, leave a profile in `folder` when it ends. */
export function profilingEnvironment(folder: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
}

/** Profiles of process `pid` in `folder`, the busiest thread first. */
export function readProfiles(folder: string, pid: number, windows: readonly TimeWindow[], top = 25): ThreadProfile[] {
  return readdirSync(folder)
    .filter((file) => file.split('.')[3] === String(pid))
    .map((file) => summarize(JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile, windows, top))
    .toSorted((a, b) => b.busyMs - a.busyMs);
}

function summarize(profile: CpuProfile, windows: readonly TimeWindow[], top: number): ThreadProfile {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const shares = new Map<string, Share>();
  let busyMs = 0;
  for (const [node, ms] of samplesIn(profile, windows)) {
    const name = names.get(node) ?? '';
    if (UNCOUNTED.has(name)) continue;
    busyMs += ms;
    const share = shares.getOrInsertComputed(name, () => ({ ms: 0, callers: new Map() }));
    const caller = names.get(parents.get(node) ?? -1) ?? '';
    share.ms += ms;
    share.callers.set(caller, (share.callers.get(caller) ?? 0) + ms);
  }
  const most = [...shares].toSorted(([, a], [, b]) => b.ms - a.ms).slice(0, top);
  const tops = most.map(([name, { ms, callers }]) => ({ name, selfMs: ms, callers: mostOf(callers) }));
  return { name: threadNameOf(profile), busyMs, top: tops };
}

function* samplesIn(
  profile: CpuProfile,
  windows: readonly TimeWindow[],
): Generator<readonly [node: number, ms: number]> {
  let now = profile.startTime;
  for (const [index, node] of profile.samples.entries()) {
    const spent = profile.timeDeltas[index] ?? 0;
    now += spent;
    if (windows.some(([from, until]) => now >= from && now <= until)) yield [node, spent / 1000];
  }
}

function mostOf(callers: ReadonlyMap<string, number>): string[] {
  const sorted = [...callers].toSorted(([, a], [, b]) => b - a).slice(0, CALLERS);
  return sorted.map(([name, ms]) => `${ms.toFixed(0)} ms ${name}`);
}

function threadNameOf({ nodes }: CpuProfile): string {
  const file = nodes.map(({ callFrame }) => callFrame.url).find((url) => /\/src\/.*-thread\.[jt]s$/.test(url));
  return file === undefined ? 'main' : file.replace(/^.*\/src\//, 'src/');
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${url.replace(/^.*\/src\//, 'src/')}:${lineNumber + 1}`;
}
