/** The processes of this host that inspect: as many as the work asks for, each asked for a verdict that we know. */
import { availableParallelism } from 'node:os';
import type { Settings } from '#/config/index.ts';
import { faultOf } from '#/inspect/index.ts';
import { type Child, POOL_DEFAULTS, Pool, type PoolMember, type WorkerLook } from '#/steward/index.ts';
import type { Group } from './groups.ts';
import type { InspectLook } from './inspect.ts';
import type { ProcessParts } from './process-parts.ts';

/** Whether a group of roles is scaled: it inspects, and nothing else. */
export function isScaled({ roles }: Group): boolean {
  return roles.length === 1 && roles[0] === 'inspect';
}

/** Workers at least and at most, as the settings say; one for each processor where they say nothing. */
export function inspectWorkersOf({ inspect }: Pick<Settings, 'inspect'>): {
  readonly min: number;
  readonly max: number;
} {
  const max = inspect.maxWorkers === 0 ? availableParallelism() : inspect.maxWorkers;
  return { min: inspect.minWorkers, max: Math.max(inspect.minWorkers, max) };
}

/** The name by which a worker is found, in sockets and in figures: `inspect`, `inspect-2` … */
export function workerName(role: string, number: number): string {
  return number <= 1 ? role : `${role}-${number}`;
}

export interface InspectPoolParts extends ProcessParts {
  readonly start: (number: number) => Child;
  readonly ask: (child: Child, number: number, withinMs: number) => Promise<InspectLook>;
}

/** Runs until disposed. `children` are those of now. */
export function startInspectPool(
  settings: Settings,
  parts: InspectPoolParts,
): AsyncDisposable & { readonly children: () => readonly Child[] } {
  const children = new Map<PoolMember, Child>();
  const pool = new Pool(
    { ...POOL_DEFAULTS, ...inspectWorkersOf(settings) },
    {
      ...parts,
      start: (number) => {
        const child = parts.start(number);
        const member = memberOf(child, async (ms) => looked(await parts.ask(child, number, ms)));
        children.set(member, child);
        return member;
      },
    },
  );
  return {
    children: () => pool.members.flatMap((member) => children.get(member) ?? []),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

function memberOf(child: Child, look: PoolMember['look']): PoolMember {
  return {
    get pid() {
      return child.pid;
    },
    get state() {
      return child.state;
    },
    look,
    giveUp: (pid, why) => child.giveUp(pid, why),
    stop: () => child.stop(),
  };
}

function looked({ answer, load, oldestMs }: InspectLook): WorkerLook {
  return { fault: faultOf(answer), load, oldestMs };
}
