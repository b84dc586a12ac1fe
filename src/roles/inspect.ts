/**
 * The role `inspect`: judges mail that rules may concern. Any number of processes on any host may have it; each claims for itself, under an
 * incarnation that is this role's alone, so that a worker whose answers are wrong can be fenced without touching what shares its process.
 */
import {
  faultOf,
  INSPECT_LIMITS,
  InspectionWorker,
  inspectMeters,
  type ProbeAnswer,
  RuleInspector,
} from '#/inspect/index.ts';
import { INSPECT_DESTINATION, type Incarnation, within } from '#/model/index.ts';
import { startInspectionWork } from '#/queue/index.ts';
import { moody } from './chaos.ts';
import type { Core } from './core.ts';
import { shareMakerOf } from './downloads.ts';
import { openHooks } from './hooks.ts';
import { newIncarnation } from './incarnation.ts';
import type { Opened } from './opened.ts';
import { pastKeeperOf } from './past.ts';
import { recallOf } from './policy-memory.ts';
import { queueSettingsOf } from './settings.ts';
import { registerWorker } from './workers.ts';

export interface InspectParts {
  readonly core: Pick<Core, 'rules' | 'bypasses' | 'copies' | 'routes' | 'notices' | 'people' | 'directory'>;
  /** Whether this process has other roles, which are not to end with a worker that is fenced. */
  readonly shared: boolean;
  /** Mail waits for its next hop: whoever delivers may look. */
  readonly onPassed: () => void;
}

export interface RunningInspect extends AsyncDisposable {
  /** What it says to a mail whose verdict is known. */
  probe(): Promise<ProbeAnswer>;
  /** How it does: for whoever starts and stops workers. */
  look(): Promise<InspectLook>;
  ring(): void;
  /** Monotonic ms since the last stored heartbeat. */
  beatAgeMs(): number;
}

/** What a worker says when it is asked how it does. */
export interface InspectLook {
  /** Its verdicts on a mail whose verdicts are known. */
  readonly answer: ProbeAnswer;
  /** Part of its places that is taken, from 0 to 1. */
  readonly load: number;
  /** Age of the oldest mail that is due for inspection and that nobody has taken, ms; null where the store does not say. */
  readonly oldestMs: number | null;
}

/** Of several workers in one process: each must be right, and the one that is worst off counts. */
export function mergedLook(looks: readonly unknown[]): InspectLook {
  const all = looks as readonly InspectLook[];
  const wrong = all.find(({ answer }) => faultOf(answer) !== null) ?? all[0];
  if (wrong === undefined) throw new Error('no store is open');
  const known = all.flatMap(({ oldestMs }) => oldestMs ?? []);
  return {
    answer: wrong.answer,
    load: Math.max(...all.map(({ load }) => load)),
    oldestMs: known.length === 0 ? null : Math.max(...known),
  };
}

const WORKER = 'inspect';
/** For the age of the oldest mail: less than a probe has, so that a store that does not answer never makes a worker look dumb (H10). */
const OLDEST_MS = 2_000;

/** Inspects until it is disposed, or until its answers are found wrong: then the process begins anew. */
export async function startInspect(opened: Opened, { core, shared, onPassed }: InspectParts): Promise<RunningInspect> {
  const { settings, parts, stores } = opened;
  await using opening = new AsyncDisposableStack();
  const incarnation = await enlisted(opened, shared, opening);
  await tellSetAside(opened);
  // Closed behind the worker, whose last verdicts it writes down.
  const past = pastKeeperOf(opened, core.directory);
  if (past !== null) opening.use(past);
  const inspector = moody(
    opening.use(
      new RuleInspector(
        core.rules,
        opening.use(openHooks(settings, parts)).hooks,
        (check, why) => parts.log.warn('inspect.check-failed', { check, why }),
        shareMakerOf(opened, core.directory),
        past,
        await recallOf(opened),
      ),
    ),
    process.env,
  );
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
      people: core.people,
      bypasses: core.bypasses,
      copies: core.copies,
      past,
      meters: inspectMeters(parts.meter),
      onUnfit,
    }),
  );
  const kept = opening.move();
  return {
    probe: () => worker.probe(),
    look: async () => {
      const [answer, oldestMs] = await Promise.all([worker.probe(), work.oldestMs(OLDEST_MS)]);
      return { answer, oldestMs, load: worker.load };
    },
    ring: () => work.ring(),
    beatAgeMs: () => work.beatAgeMs(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/**
 * Mail that was set aside waits for an operator, who has to know of it. A worker follows the one that was lost, so it is the first that can
 * tell; and tells again, as long as the mail is there, whenever one starts.
 */
async function tellSetAside({ parts, stores }: Opened): Promise<void> {
  const filter = { state: 'held', reason: 'set-aside', destination: INSPECT_DESTINATION } as const;
  try {
    const { items } = await stores.journal.queue(filter, null, TOLD_MAX, within(TELL_MS));
    for (const { id } of items) parts.log.error('inspect.set-aside', { incident: true, message: id });
  } catch (error) {
    parts.log.warn('inspect.set-aside-unknown', { why: error instanceof Error ? error.message : String(error) });
  }
}

const TOLD_MAX = 20;
const TELL_MS = 5_000;

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
