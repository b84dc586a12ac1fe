/** "Mail waits for inspection": said to whoever inspects on this host, in this process or in others. Losing a ring costs a second. */
import type { Settings } from '#/config/index.ts';
import type { Clock } from '#/ports/index.ts';
import { type Bell, bellOf } from './bell.ts';
import { groupsOf } from './groups.ts';

export interface InspectBell extends Bell {
  /** Rings here too. */
  attach(ring: () => void): void;
}

/** `home` is the data directory of the installation, where its processes find each other; `own` the name of this one. */
export function inspectBellOf(
  settings: Pick<Settings, 'roles'>,
  { home, own, clock }: { readonly home: string; readonly own: string; readonly clock: Clock },
): InspectBell {
  const others = groupsOf(settings).filter(({ name, roles }) => name !== own && roles.includes('inspect'));
  const bells = others.map(({ name }) => bellOf(home, name, clock));
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
