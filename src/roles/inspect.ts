/**
 * The role `inspect`: judges mail that rules may concern. Any number of processes on any host may have it; each claims for itself, under an
 * incarnation that is this role's alone, so that a worker whose answers are wrong can be fenced without touching what shares its process.
 */
import { INSPECT_LIMITS, InspectionWorker, inspectMeters, type ProbeAnswer, RuleInspector } from '#/inspect/index.ts';
import type { Incarnation } from '#/model/index.ts';
import { startInspectionWork } from '#/queue/index.ts';
import type { Core } from './core.ts';
import { newIncarnation } from './incarnation.ts';
import type { Opened } from './opened.ts';
import { queueSettingsOf } from './settings.ts';
import { registerWorker } from './workers.ts';

export interface InspectParts {
  readonly core: Pick<Core, 'rules' | 'routes' | 'notices'>;
  /** Whether this process has other roles, which are not to end with a worker that is fenced. */
  readonly shared: boolean;
  /** Mail waits for its next hop: whoever delivers may look. */
  readonly onPassed: () => void;
}

export interface RunningInspect extends AsyncDisposable {
  /** What it says to a mail whose verdict is known. */
  probe(): Promise<ProbeAnswer>;
  /** Mails that it works on. */
  readonly mails: number;
  ring(): void;
  /** Monotonic ms since the last stored heartbeat. */
  beatAgeMs(): number;
}

const WORKER = 'inspect';

/** Inspects until it is disposed, or until its answers are found wrong: then the process begins anew. */
export async function startInspect(opened: Opened, { core, shared, onPassed }: InspectParts): Promise<RunningInspect> {
  const { settings, parts, stores } = opened;
  await using opening = new AsyncDisposableStack();
  const incarnation = await enlisted(opened, shared, opening);
  const inspector = opening.use(new RuleInspector(core.rules));
  const { custody, blobs } = stores;
  const work = opening.use(
    await startInspectionWork(queueSettingsOf(settings), {
      ...parts,
      custody,
      incarnation,
      random: Math.random,
      onPassed,
    }),
  );
  // What it claimed is due again before the process ends: whoever comes next finds it.
  const onUnfit = (why: string, clean: boolean): void => {
    void work.fence(clean).finally(() => (shared ? parts.onDoubt(why) : parts.onFatal(why)));
  };
  const worker = opening.use(
    new InspectionWorker(INSPECT_LIMITS, {
      ...parts,
      work,
      inspector,
      custody,
      blobs,
      routing: core.routes,
      notices: core.notices,
      meters: inspectMeters(parts.meter),
      onUnfit,
    }),
  );
  const kept = opening.move();
  return {
    probe: () => worker.probe(),
    get mails() {
      return worker.mails;
    },
    ring: () => work.ring(),
    beatAgeMs: () => work.beatAgeMs(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** In a process of its own that of the process; beside other roles another one, written down like it. */
async function enlisted(
  { settings, parts, incarnation, stores }: Opened,
  shared: boolean,
  opening: AsyncDisposableStack,
): Promise<Incarnation> {
  if (!shared) return incarnation;
  const own = newIncarnation(WORKER, parts.clock.now());
  const { custody } = stores;
  opening.use(await registerWorker(settings.data, { ...parts, custody, incarnation: own, alone: false }));
  return own;
}
