/** Planned work: told beforehand, begins and ends by itself unless it is led by hand. */
import { z } from 'zod';
import {
  type ComponentState,
  type Incident,
  type IncidentEntry,
  type IncidentId,
  isOver,
  type MAINTENANCE_PHASES,
} from '#/model/index.ts';
import { type Operation, type OperationContext, operation, Refusal } from '#/ports/index.ts';
import { comingTime, FACTS, factsOf, INCIDENT_ID } from './input.ts';
import { INCIDENT_LIMITS } from './limits.ts';
import { type IncidentOperationParts, SEEN } from './operations.ts';
import { incidentShape, recordShape, recordView, viewOf } from './shapes.ts';

const id = INCIDENT_ID;
const moment = z.string().max(40);
const names = z.array(z.string().regex(/^[a-z0-9][a-z0-9._:-]{0,99}$/)).max(INCIDENT_LIMITS.componentsMax);
const { title, text, advice, tenants } = FACTS;

/** All operations on maintenances. */
export function maintenanceOperations(parts: IncidentOperationParts): readonly Operation[] {
  return [list(parts), show(parts), schedule(parts), update(parts), ...MOVES.map((move) => moved(move, parts))];
}

function list({ desk, clock }: IncidentOperationParts): Operation {
  return operation({
    name: 'maintenance.list',
    summary: 'Planned work, newest first.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({
      open: z.boolean().default(false),
      limit: z.int().min(1).max(INCIDENT_LIMITS.listMax).default(50),
    }),
    output: z.object({ maintenances: z.array(incidentShape) }),
    async handle({ open, limit }, { call }) {
      const found = await desk.all({ kind: 'maintenance', ...(open ? { open: true } : {}) }, limit, call);
      return { maintenances: found.map((one) => viewOf(one, clock.now())) };
    },
  });
}

function show({ desk, clock }: IncidentOperationParts): Operation {
  return operation({
    name: 'maintenance.show',
    summary: 'One maintenance with every entry.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({ id }),
    output: recordShape,
    async handle({ id: name }, { call }) {
      const found = await desk.found(name as IncidentId, call);
      if (found?.incident.kind !== 'maintenance') throw noSuch(name);
      return recordView(found.incident, found.record, clock.now());
    },
  });
}

function schedule({ desk, clock }: IncidentOperationParts): Operation {
  return operation({
    name: 'maintenance.schedule',
    summary: 'Tells people of work that is to come.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      title: title.unwrap(),
      text: text.unwrap(),
      advice,
      tenants,
      components: names.min(1),
      from: moment,
      until: moment,
      /** It does not begin and end by itself. */
      byHand: z.boolean().default(false),
    }),
    output: incidentShape,
    subject: ({ from, until, components }) => `${components.join(', ')} from ${from} until ${until}`,
    async handle({ from, until, components, byHand, ...given }, { by, call }) {
      const now = clock.now();
      const entry: IncidentEntry = {
        ...{ kind: 'opened', at: now, by, phase: 'scheduled', byHand },
        ...factsOf(given, now),
        ...windowOf(from, until, now),
        components: statesOf(components),
      };
      return viewOf(await desk.open('maintenance', [entry], call), now);
    },
  });
}

function update({ desk, clock }: IncidentOperationParts): Operation {
  return operation({
    name: 'maintenance.update',
    summary: 'Tells people more of planned work, or gives it another time.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      ...{ id, ...SEEN, title, text, advice, tenants },
      components: names.min(1).optional(),
      from: moment.optional(),
      until: moment.optional(),
      byHand: z.boolean().optional(),
    }),
    output: incidentShape,
    subject: ({ id: name }) => name,
    async handle({ id: name, seen, from, until, components, byHand, ...given }, { by, call }) {
      const now = clock.now();
      const facts = factsOf(given, now);
      const think = (one: Incident): readonly IncidentEntry[] => {
        const live = liveOf(one, name);
        if (from !== undefined && live.phase !== 'scheduled')
          throw new Refusal(1, `${name} has begun: only its end can be moved.`);
        return [
          {
            ...{ kind: 'updated', at: now, by, ...facts },
            ...(from === undefined && until === undefined ? {} : movedWindow(live, from, until, now)),
            ...(components === undefined ? {} : { components: statesOf(components) }),
            ...(byHand === undefined ? {} : { byHand }),
          },
        ];
      };
      return viewOf(await desk.add(name as IncidentId, seen ?? null, think, call), now);
    },
  });
}

interface Move {
  readonly verb: 'start' | 'verify' | 'complete' | 'cancel';
  readonly summary: string;
  readonly from: readonly string[];
  readonly phase: (typeof MAINTENANCE_PHASES)[number];
  readonly text: { readonly en: string; readonly ja: string };
}

const MOVES: readonly Move[] = [
  {
    verb: 'start',
    summary: 'Planned work begins now.',
    from: ['scheduled'],
    phase: 'in_progress',
    text: { en: 'The maintenance has begun.', ja: 'メンテナンスを開始しました。' },
  },
  {
    verb: 'verify',
    summary: 'The work is done, and is being looked over.',
    from: ['in_progress'],
    phase: 'verifying',
    text: { en: 'The work is done. We are checking it.', ja: '作業が完了し、動作を確認しております。' },
  },
  {
    verb: 'complete',
    summary: 'The work is over.',
    from: ['in_progress', 'verifying'],
    phase: 'completed',
    text: { en: 'The maintenance is complete.', ja: 'メンテナンスが完了しました。' },
  },
  {
    verb: 'cancel',
    summary: 'Planned work does not take place.',
    from: ['scheduled'],
    phase: 'completed',
    text: { en: 'The maintenance was cancelled.', ja: 'メンテナンスは中止となりました。' },
  },
];

/** What it says by itself when its time has come. */
export function turnOf(one: Incident, now: number): IncidentEntry | null {
  if (one.byHand || isOver(one)) return null;
  const verb = one.phase === 'scheduled' ? 'start' : 'complete';
  const due = verb === 'start' ? one.scheduledFor : one.scheduledUntil;
  const move = MOVES.find((other) => other.verb === verb);
  if (due === null || due > now || move === undefined) return null;
  return { kind: 'updated', at: now, by: 'time', phase: move.phase, text: move.text };
}

function moved({ verb, summary, from, phase, text: usual }: Move, { desk, clock }: IncidentOperationParts): Operation {
  return operation({
    name: `maintenance.${verb}`,
    summary,
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id, ...SEEN, text }),
    output: incidentShape,
    subject: ({ id: name }) => name,
    async handle({ id: name, seen, ...given }, { by, call }: OperationContext) {
      const now = clock.now();
      const facts = { text: usual, ...factsOf(given, now) };
      const think = (one: Incident): readonly IncidentEntry[] => {
        const live = liveOf(one, name);
        if (!from.includes(live.phase)) throw new Refusal(1, `${name} is ${live.phase.replace('_', ' ')} now.`);
        return [{ kind: 'updated', at: now, by, ...facts, phase }];
      };
      return viewOf(await desk.add(name as IncidentId, seen ?? null, think, call), now);
    },
  });
}

function liveOf(one: Incident, name: string): Incident {
  if (one.kind !== 'maintenance') throw noSuch(name);
  if (isOver(one)) throw new Refusal(1, `${name} is over.`);
  return one;
}

function windowOf(from: string, until: string, now: number) {
  const scheduledFor = comingTime(from, now);
  const scheduledUntil = comingTime(until, now);
  if (scheduledUntil <= scheduledFor) throw new Refusal(2, 'It would end before it begins.');
  return { scheduledFor, scheduledUntil };
}

function movedWindow(one: Incident, from: string | undefined, until: string | undefined, now: number) {
  const scheduledFor = from === undefined ? (one.scheduledFor ?? now) : comingTime(from, now);
  const scheduledUntil = until === undefined ? (one.scheduledUntil ?? now) : comingTime(until, now);
  if (scheduledUntil <= scheduledFor) throw new Refusal(2, 'It would end before it begins.');
  return { scheduledFor, scheduledUntil };
}

function statesOf(components: readonly string[]): Readonly<Record<string, ComponentState>> {
  return Object.fromEntries(components.map((name) => [name, 'under_maintenance']));
}

function noSuch(name: string): Refusal {
  return new Refusal(1, `There is no maintenance ${name}. "holdfast maintenance list" shows those that there are.`);
}
