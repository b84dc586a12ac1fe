/** "Mail waits for inspection": said to whoever inspects on this host, in this process or in others. Losing a ring costs a second. */
import type { Settings } from '#/config/index.ts';
import type { Clock } from '#/ports/index.ts';
import { type Bell, bellOf } from './bell.ts';
import { type Group, groupsOf } from './groups.ts';
import { inspectWorkersOf, isScaled, workerName } from './inspect-pool.ts';

export interface InspectBell extends Bell {
  /** Rings here too. */
  attach(ring: () => void): void;
}

/** `home` is the data directory of the installation, where its processes find each other; `own` the name of this one. */
export function inspectBellOf(
  settings: Pick<Settings, 'roles' | 'inspect'>,
  { home, own, clock }: { readonly home: string; readonly own: string; readonly clock: Clock },
): InspectBell {
  const others = groupsOf(settings).filter(({ name, roles }) => name !== own && roles.includes('inspect'));
  const bells = others.map((group) => bellOf(home, namesOf(group, settings), clock));
  const here: (() => void)[] = [];
  return {
    ring: () => {
      for (const ring of here) ring();
      for (const bell of bells) bell.ring();
    },
    attach: (ring) => {
      here.push(ring);
    },
    [Symbol.asyncDispose]: async () => {
      for (const bell of bells) await bell[Symbol.asyncDispose]();
    },
  };
}

/** Whoever of them is not there does not hear it. */
function namesOf(group: Group, settings: Pick<Settings, 'inspect'>): readonly string[] {
  if (!isScaled(group)) return [group.name];
  return Array.from({ length: inspectWorkersOf(settings).max }, (_, i) => workerName(group.name, i + 1));
}
