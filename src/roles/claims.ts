/** How a process works on mail in custody: the whole queue where it delivers, the door alone where it does not. */
import type { IncarnationId, Settlement } from '#/model/index.ts';
import type { Intake, Work } from '#/ports/index.ts';
import { freeBytesOf, startIntake, startQueue } from '#/queue/index.ts';
import { bellOf, NO_BELL } from './bell.ts';
import type { Core } from './core.ts';
import { groupsOf, isShared } from './groups.ts';
import type { Opened } from './opened.ts';
import { queueSettingsOf } from './settings.ts';

export interface Claims extends AsyncDisposable {
  readonly intake: Intake;
  /** Null where this process delivers nothing. */
  readonly work: Work | null;
  readonly worker: IncarnationId;
  /** Rows wait: look now, here or in the process that delivers. */
  doorbell(): void;
  settleLater(settlement: Settlement): void;
  /** Monotonic ms since the last stored heartbeat. */
  beatAgeMs(): number;
}

/** Enlists the incarnation. `home` is the data directory of the installation, where its processes find each other. */
export async function openClaims(
  opened: Opened,
  { notices }: Pick<Core, 'notices'>,
  home: string = opened.settings.data,
): Promise<Claims> {
  const { settings, parts, incarnation, stores } = opened;
  const queueParts = {
    ...parts,
    custody: stores.custody,
    incarnation,
    notices,
    freeBytes: () => freeBytes(opened),
    random: Math.random,
  };
  const worker = incarnation.id;
  if (parts.group.roles.includes('deliver')) {
    const queue = await startQueue(queueSettingsOf(settings), queueParts);
    return {
      intake: queue.intake,
      work: queue.work,
      worker,
      doorbell: () => queue.doorbell(),
      settleLater: (settlement) => queue.settleLater(settlement),
      beatAgeMs: () => queue.beatAgeMs(),
      [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
    };
  }
  return doorAlone(opened, queueParts, home);
}

/** For custody: on an embedded store the disk of its folder. In a shared one the outcomes of the queue take no room of ours. */
async function freeBytes({ settings, stores }: Opened): Promise<number> {
  if (!isShared(settings)) return freeBytesOf(settings.store ?? settings.data);
  return (await freeBytesOf(settings.data)) + stores.custody.reserveBytes();
}

async function doorAlone(
  { settings, parts, incarnation }: Opened,
  queueParts: Omit<Parameters<typeof startIntake>[1], 'ring'>,
  home: string,
): Promise<Claims> {
  await using opening = new AsyncDisposableStack();
  const delivering = groupsOf(settings).find(({ roles }) => roles.includes('deliver'));
  const bell = opening.use(delivering === undefined ? NO_BELL : bellOf(home, delivering.name, parts.clock));
  const door = opening.use(await startIntake(queueSettingsOf(settings), { ...queueParts, ring: () => bell.ring() }));
  const kept = opening.move();
  return {
    intake: door.intake,
    work: null,
    worker: incarnation.id,
    doorbell: () => bell.ring(),
    settleLater: (settlement) => door.settleLater(settlement),
    beatAgeMs: () => door.beatAgeMs(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
