/** How a process works on mail in custody: the whole queue where it delivers, the door alone where it does not. */
import type { Settings } from '#/config/index.ts';
import type { IncarnationId, Settlement } from '#/model/index.ts';
import type { Clock, Intake, Work } from '#/ports/index.ts';
import { freeBytesOf, startIntake, startQueue } from '#/queue/index.ts';
import { type Bell, bellOf, NO_BELL } from './bell.ts';
import type { Core } from './core.ts';
import { groupsOf, isShared } from './groups.ts';
import { type InspectBell, inspectBellOf } from './inspect-bell.ts';
import type { Opened } from './opened.ts';
import { startLearning } from './policy-memory.ts';
import { queueSettingsOf } from './settings.ts';

export interface Claims extends AsyncDisposable {
  readonly intake: Intake;
  /** Null where this process delivers nothing. */
  readonly work: Work | null;
  readonly worker: IncarnationId;
  /** Rows wait: look now, here or in the processes that deliver and inspect. */
  doorbell(): void;
  /** Rows wait for those who deliver. */
  deliverable(): void;
  /** Whoever inspects hears it when mail waits for them. */
  readonly inspectBell: InspectBell;
  settleLater(settlement: Settlement): void;
  /** Another process has recorded this in the store that this one writes. */
  settledElsewhere(settlement: Settlement): void;
  /** Monotonic ms since the last stored heartbeat. */
  beatAgeMs(): number;
}

/** Enlists the incarnation. `home` is the data directory of the installation, where its processes find each other. */
export async function openClaims(
  opened: Opened,
  {
    notices,
    people,
    bypasses,
    routes,
    directory,
  }: Pick<Core, 'notices' | 'people' | 'bypasses' | 'routes' | 'directory'>,
  home: string = opened.settings.data,
): Promise<Claims> {
  const { settings, parts, incarnation, stores } = opened;
  await using opening = new AsyncDisposableStack();
  const own = parts.group.name;
  const inspectBell = opening.use(inspectBellOf(settings, { home, own, clock: parts.clock }));
  const queueParts = {
    ...parts,
    custody: stores.custody,
    incarnation,
    notices,
    people,
    freeBytes: () => freeBytes(opened),
    random: Math.random,
    onUninspected: () => inspectBell.ring(),
    around: { bypasses, routing: routes },
  };
  const worker = incarnation.id;
  if (parts.group.roles.includes('deliver')) {
    const learner = opening.use(startLearning(opened, directory));
    const onSettled = (settlement: Settlement): void => learner.settled(settlement);
    const queue = opening.use(await startQueue(queueSettingsOf(settings), { ...queueParts, onSettled }));
    const kept = opening.move();
    return {
      intake: queue.intake,
      work: queue.work,
      worker,
      doorbell: () => {
        queue.doorbell();
        inspectBell.ring();
      },
      deliverable: () => queue.doorbell(),
      inspectBell,
      settleLater: (settlement) => queue.settleLater(settlement),
      settledElsewhere: (settlement) => queue.settledElsewhere(settlement),
      beatAgeMs: () => queue.beatAgeMs(),
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  }
  return await doorAlone(opened, queueParts, { home, inspectBell, opening: opening.move() });
}

/** For custody: on an embedded store the disk of its folder. In a shared one the outcomes of the queue take no room of ours. */
async function freeBytes({ settings, stores }: Opened): Promise<number> {
  if (!isShared(settings)) return freeBytesOf(settings.store ?? settings.data);
  return (await freeBytesOf(settings.data)) + stores.custody.reserveBytes();
}

/** What stands before the door does. */
interface Begun {
  readonly home: string;
  readonly inspectBell: InspectBell;
  readonly opening: AsyncDisposableStack;
}

/** Whether those of this host who deliver write the store: then they hear of all that other processes record in it. */
export function isDeliveredByOwner(settings: Pick<Settings, 'roles' | 'store'>): boolean {
  return !isShared(settings) && groupsOf(settings).some(({ owner, roles }) => owner && roles.includes('deliver'));
}

/** Rings at the process of this host that delivers. */
export function deliverBellOf(
  settings: Pick<Settings, 'roles'>,
  { home, clock }: { readonly home: string; readonly clock: Clock },
): Bell {
  const delivering = groupsOf(settings).find(({ roles }) => roles.includes('deliver'));
  return delivering === undefined ? NO_BELL : bellOf(home, [delivering.name], clock);
}

async function doorAlone(
  { settings, parts, incarnation }: Opened,
  queueParts: Omit<Parameters<typeof startIntake>[1], 'ring'>,
  { home, inspectBell, opening: begun }: Begun,
): Promise<Claims> {
  await using opening = begun;
  const bell = opening.use(deliverBellOf(settings, { home, clock: parts.clock }));
  const door = opening.use(await startIntake(queueSettingsOf(settings), { ...queueParts, ring: () => bell.ring() }));
  const kept = opening.move();
  return {
    intake: door.intake,
    work: null,
    worker: incarnation.id,
    doorbell: () => {
      bell.ring();
      inspectBell.ring();
    },
    deliverable: () => bell.ring(),
    inspectBell,
    settleLater: (settlement) => door.settleLater(settlement),
    // Who recorded it rings at those who deliver.
    settledElsewhere: () => {},
    beatAgeMs: () => door.beatAgeMs(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
