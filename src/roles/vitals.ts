/** How a process that stands is asked whether its roles work, and whether its heart beats. */
import { faultOf } from '#/inspect/index.ts';
import { type Call, within } from '#/model/index.ts';
import type { JanitorWork } from '#/queue/index.ts';
import type { Claims } from './claims.ts';
import type { RunningDeliver } from './deliver.ts';
import type { Vitals } from './health.ts';
import type { RunningInspect } from './inspect.ts';
import type { RunningMail } from './mail.ts';
import type { Opened } from './opened.ts';
import type { StoreWatch } from './store-watch.ts';

/** A heartbeat older than this has missed two of its times, and attempts are about to stop. */
const LATE_BEAT_MS = 7_000;
/** A sweep is due every few seconds; one that is so old says that the janitor does not get through. */
const STALE_SWEEP_MS = 10_000;
const STORE_MS = 2_000;

/** What of a process is asked; null where it does not have it. */
export interface Vital {
  readonly claims: Claims | null;
  readonly deliver: RunningDeliver | null;
  readonly janitor: JanitorWork | null;
  readonly mail: RunningMail | null;
  readonly inspect: RunningInspect | null;
}

/** Vitals of a process with these parts. */
export function vitalsOf(
  { parts, stores }: Opened,
  store: StoreWatch,
  { claims, deliver, janitor, mail, inspect }: Vital,
): Vitals {
  const hearts = [claims, inspect].filter((one) => one !== null);
  const alive = async (call: Call): Promise<void> => {
    if (hearts.some((one) => one.beatAgeMs() > LATE_BEAT_MS)) throw new Error('its heartbeat is late');
    await stores.custody.recall('ready', { ...within(STORE_MS), ...(call.signal && { signal: call.signal }) });
  };
  const sweeps = (): void => {
    if (janitor !== null && parts.clock.monotonic() - janitor.lastRunAt() > STALE_SWEEP_MS)
      throw new Error('the last sweep for orphans is too long ago');
  };
  return {
    async prove(role, call) {
      if (!parts.group.roles.some((own) => own === role)) throw new Error(`there is no role ${role} in this process`);
      await alive(call);
      if (role === 'deliver') await deliver?.prove(call);
      if (role === 'janitor') sweeps();
      if (role === 'mail') await mail?.prove(call);
      if (role === 'inspect') await proveInspect(inspect);
      return undefined;
    },
    stillMs() {
      const since = store.answersSince();
      if (hearts.length === 0 || since === null) return 0;
      const still = Math.max(...hearts.map((one) => one.beatAgeMs()));
      return Math.min(still, parts.clock.monotonic() - since);
    },
    doorbell: () => {
      claims?.deliverable();
      inspect?.ring();
    },
    look: async () => {
      if (inspect === null) throw new Error('there is no role inspect in this process');
      return inspect.look();
    },
  };
}

async function proveInspect(inspect: RunningInspect | null): Promise<void> {
  const fault = inspect === null ? null : faultOf(await inspect.probe());
  if (fault !== null) throw new Error(fault);
}
