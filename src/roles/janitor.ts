/** The role `janitor`: periodic work on custody, which it reaches by the local socket. It may die, be late or be there twice: nothing waits for it. */
import { join } from 'node:path';
import type { Settings } from '#/config/index.ts';
import type { ProcessMeter } from '#/log/index.ts';
import { connectLocal, type LocalClient, startLocalServer } from '#/net/index.ts';
import type { Clock, Custody, Log } from '#/ports/index.ts';
import { startJanitorWork } from '#/queue/index.ts';
import { remoteCustody } from '#/store/remote/index.ts';
import { healthMethods } from './local-methods.ts';
import { CUSTODY_SOCKET, JANITOR_SOCKET } from './places.ts';
import { janitorSettingsOf } from './settings.ts';

export interface JanitorRoleParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: ProcessMeter;
}

/** A sweep is due every few seconds; one that is so old says that the janitor does not get through. */
const STALE_MS = 30_000;
const RECONNECT_MS = 500;

/** Runs until it is disposed. Waits for the process that writes custody. */
export async function startJanitor(
  settings: Settings,
  parts: JanitorRoleParts,
  stop: AbortSignal,
): Promise<AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const client = opening.use(await reachCustody(settings, parts.clock, stop));
  const work = opening.use(
    await startJanitorWork({ ...parts, custody: remoteCustody(client) }, janitorSettingsOf(settings)),
  );
  opening.use(await serveHealth(settings, parts, work));
  return opening.move();
}

/** The same in the process that writes custody (`npm run dev`, or roles that share it). */
export async function startJanitorHere(
  settings: Settings,
  parts: JanitorRoleParts & { readonly custody: Custody },
): Promise<AsyncDisposable> {
  return startJanitorWork(parts, janitorSettingsOf(settings));
}

async function reachCustody(settings: Settings, clock: Clock, stop: AbortSignal): Promise<LocalClient> {
  for (;;) {
    try {
      return await connectLocal(join(settings.data, CUSTODY_SOCKET));
    } catch (error) {
      if (stop.aborted) throw error;
      await clock.sleep(RECONNECT_MS, stop);
    }
  }
}

function serveHealth(
  settings: Settings,
  { clock, meter }: JanitorRoleParts,
  work: { lastRunAt(): number },
): Promise<AsyncDisposable> {
  const ready = async (): Promise<void> => {
    const agoMs = clock.monotonic() - work.lastRunAt();
    if (agoMs > STALE_MS) throw new Error('the last sweep for orphans is too long ago');
  };
  const methods = healthMethods({ ready, metrics: () => meter.exposition() });
  return startLocalServer({ path: join(settings.data, JANITOR_SOCKET), methods });
}
