/**
 * What a process answers about itself: its pulse, whether each of its roles has proved itself, its figures, its doorbell. It answers from
 * the first moment, before anything else of it stands, so that the steward can tell a slow start from a dead one.
 */
import { z } from 'zod';
import type { ProcessMeter } from '#/log/index.ts';
import type { Call } from '#/model/index.ts';
import type { LocalMethod } from '#/net/index.ts';
import type { Pulse } from '#/steward/index.ts';
import type { LoopDelay } from './loop-delay.ts';

/** What stands in a process and can be asked. */
export interface Vitals {
  /** Resolves when the role did its work just now, with what is worth knowing all the same; rejects with a plain reason. */
  prove(role: string, call: Call): Promise<string | undefined>;
  /** See `Pulse`. Must not wait. */
  stillMs(): number;
  doorbell(): void;
  /** How inspection does; rejects where the process has none. */
  look(): Promise<unknown>;
}

export interface Health {
  readonly methods: ReadonlyMap<string, LocalMethod>;
  /** It waits for another process or a database, and goes on by itself. */
  readonly waits: () => void;
  readonly stands: (vitals: Vitals) => void;
}

const question = z.object({ role: z.string().max(40) });

/** Answers `starting` until it is told otherwise. */
export function openHealth(parts: { readonly meter: ProcessMeter; readonly loop: LoopDelay }): Health {
  let phase: Pulse['phase'] = 'starting';
  let standing: Vitals | null = null;
  const pulse = (): Pulse => ({
    pid: process.pid,
    phase,
    loopDelayMs: Math.round(parts.loop.look()),
    stillMs: Math.round(standing?.stillMs() ?? 0),
  });
  const ready: LocalMethod = async (args, { call }) => {
    if (standing === null) throw new Error(WHY_NOT[phase]);
    return (await standing.prove(question.parse(args).role, call)) ?? null;
  };
  return {
    methods: new Map<string, LocalMethod>([
      ['pulse', async () => pulse()],
      ['ready', ready],
      ['metrics', async () => parts.meter.exposition()],
      ['doorbell', async () => standing?.doorbell()],
      [
        'look',
        async () => {
          if (standing === null) throw new Error(WHY_NOT[phase]);
          return standing.look();
        },
      ],
    ]),
    waits: () => {
      phase = 'waiting';
    },
    stands: (vitals) => {
      phase = 'running';
      standing = vitals;
    },
  };
}

const WHY_NOT: Readonly<Record<Pulse['phase'], string>> = {
  starting: 'it is still starting',
  waiting: 'it waits for the store',
  running: 'it is ending',
};
