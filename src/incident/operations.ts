/** What operators do with incidents (ports/operation.ts). People who write say, where they like to, how many entries they had seen. */
import { z } from 'zod';
import { INCIDENT_PHASES, type Incident, type IncidentEntry, type IncidentId, isOver } from '#/model/index.ts';
import {
  type Clock,
  type IncidentBook,
  type Operation,
  type OperationContext,
  operation,
  Refusal,
} from '#/ports/index.ts';
import type { IncidentDesk } from './desk.ts';
import { FACTS, factsOf, type GivenFacts, INCIDENT_ID, STORY } from './input.ts';
import { INCIDENT_LIMITS } from './limits.ts';
import { incidentShape, recordShape, recordView, viewOf } from './shapes.ts';
import { TEMPLATES } from './templates.ts';

export interface IncidentOperationParts {
  readonly desk: IncidentDesk;
  readonly book: Pick<IncidentBook, 'keepPart' | 'file'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** How many entries the writer had seen; whoever wrote meanwhile is not overlooked then. */
export const SEEN = { seen: z.int().min(1).optional() } as const;

const template = z.enum(TEMPLATES.map(({ name }) => name) as [string, ...string[]]).optional();
const id = INCIDENT_ID;

/** All operations on incidents. */
export function incidentOperations(parts: IncidentOperationParts): readonly Operation[] {
  return [
    list(parts),
    show(parts),
    open(parts),
    update(parts),
    publish(parts),
    drop(parts),
    resolve(parts),
    postmortem(parts),
    promise(parts),
    templates(),
  ];
}

function list({ desk, clock }: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.list',
    summary: 'Incidents, newest first: drafts of rules too; whether a promised update is overdue.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({
      /** Those that are not over alone. */
      open: z.boolean().default(false),
      limit: z.int().min(1).max(INCIDENT_LIMITS.listMax).default(50),
    }),
    output: z.object({ incidents: z.array(incidentShape) }),
    async handle({ open: isOpen, limit }, { call }) {
      const found = await desk.all({ kind: 'incident', ...(isOpen ? { open: true } : {}) }, limit, call);
      return { incidents: found.map((one) => viewOf(one, clock.now())) };
    },
  });
}

function show({ desk, clock }: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.show',
    summary: 'One incident with every entry, and what rules measured.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({ id }),
    output: recordShape,
    async handle({ id: name }, { call }) {
      const found = await desk.found(name as IncidentId, call);
      if (found?.incident.kind !== 'incident') throw noSuch(name);
      return recordView(found.incident, found.record, clock.now());
    },
  });
}

function open({ desk, clock }: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.open',
    summary: 'Opens an incident, which people see at once.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      ...FACTS,
      title: FACTS.title.unwrap(),
      phase: z.enum(['investigating', 'identified', 'monitoring']).default('investigating'),
      template,
    }),
    output: incidentShape,
    subject: ({ title }) => (typeof title === 'string' ? title : title.en || title.ja),
    async handle(input, { by, call }) {
      const now = clock.now();
      const { phase, template: named, ...given } = input;
      const facts = { ...fromTemplate(named), ...promised(given, now), ...factsOf(given, now) };
      if (isEmpty(facts.title)) throw new Refusal(2, 'Say in a few words what is the matter (title).');
      if (isEmpty(facts.text)) throw new Refusal(2, 'Say what people are told (text), or name a template.');
      const entry: IncidentEntry = { kind: 'opened', at: now, by, ...facts, phase };
      return viewOf(await desk.open('incident', [entry], call), now);
    },
  });
}

function update(parts: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.update',
    summary: 'Tells people more, moves the incident on, or sets right what is said of it.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id, ...SEEN, ...FACTS, phase: z.enum(INCIDENT_PHASES).optional(), template }),
    output: incidentShape,
    subject: subjectOf,
    async handle({ id: name, seen, phase, template: named, ...given }, context) {
      const now = parts.clock.now();
      const facts = { ...fromTemplate(named), ...factsOf(given, now), ...(phase === undefined ? {} : { phase }) };
      if (Object.keys(facts).length === 0) throw new Refusal(2, 'Say what is new: a text, a phase, components …');
      if (facts.text !== undefined && isEmpty(facts.text)) throw new Refusal(2, 'The text is empty.');
      if (phase === 'resolved' || phase === 'postmortem')
        throw new Refusal(2, `Use incident ${phase === 'resolved' ? 'resolve' : 'postmortem'} for that.`);
      return await write(parts, name, seen, context, (incident) => [
        {
          ...{ kind: 'updated', at: now, by: context.by },
          // Where it goes on and nobody says when, the usual promise holds (C3).
          ...(facts.text === undefined || isOver(incident) ? {} : promised(given, now)),
          ...facts,
        },
      ]);
    },
  });
}

function publish(parts: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.publish',
    summary: 'Shows people what a rule has drafted, with other words where some are given.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id, ...SEEN, ...FACTS, phase: z.enum(INCIDENT_PHASES).optional() }),
    output: incidentShape,
    subject: subjectOf,
    async handle({ id: name, seen, phase, ...given }, context) {
      const now = parts.clock.now();
      const facts = { ...factsOf(given, now), ...(phase === undefined ? {} : { phase }) };
      return await write(parts, name, seen, context, (incident) => {
        if (!incident.isDraft) throw new Refusal(1, `${name} has been published already.`);
        if (incident.isDropped) throw new Refusal(1, `${name} was dropped. Open a new one.`);
        return [{ kind: 'published', at: now, by: context.by, ...promised(given, now), ...facts }];
      });
    },
  });
}

function drop(parts: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.drop',
    summary: 'Takes a draft away that is no incident; nobody has seen it.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id, ...SEEN, reason: z.string().min(1).max(INCIDENT_LIMITS.textCharsMax) }),
    output: incidentShape,
    subject: subjectOf,
    async handle({ id: name, seen }, context) {
      return await write(parts, name, seen, context, (incident) => {
        if (!incident.isDraft)
          throw new Refusal(1, `People have seen ${name}: it can be resolved, and not be taken away.`);
        return incident.isDropped ? null : [{ kind: 'dropped', at: parts.clock.now(), by: context.by }];
      });
    },
  });
}

function resolve(parts: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.resolve',
    summary: 'Says that it is over, with what is still felt after it (tail).',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id, ...SEEN, ...FACTS, template }),
    output: incidentShape,
    subject: subjectOf,
    async handle({ id: name, seen, template: named, ...given }, context) {
      const now = parts.clock.now();
      const facts = { ...fromTemplate(named ?? 'resolved'), ...factsOf(given, now), phase: 'resolved' as const };
      return await write(parts, name, seen, context, (incident) => {
        if (incident.isDraft) throw new Refusal(1, `${name} is a draft: publish it first, or drop it.`);
        if (isOver(incident)) throw new Refusal(1, `${name} is over already. To tell more, use update or postmortem.`);
        return [{ kind: 'updated', at: now, by: context.by, ...facts }];
      });
    },
  });
}

function postmortem(parts: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.postmortem',
    summary: 'Tells the cause and what is done against it, after the end.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id, ...SEEN, ...FACTS, ...STORY }),
    output: incidentShape,
    subject: subjectOf,
    async handle({ id: name, seen, ...given }, context) {
      const now = parts.clock.now();
      const facts = factsOf(given, now);
      if (isEmpty(facts.text) && isEmpty(facts.cause ?? undefined))
        throw new Refusal(2, 'Say what happened (text) or why (cause).');
      return await write(parts, name, seen, context, (incident) => {
        if (!isOver(incident) || incident.isDropped || incident.isDraft)
          throw new Refusal(1, `${name} is ${incident.phase}: a postmortem is written behind its end.`);
        const text = facts.text ?? facts.cause ?? null;
        return [
          {
            kind: 'updated',
            at: now,
            by: context.by,
            ...facts,
            phase: 'postmortem',
            ...(text === null ? {} : { text }),
          },
        ];
      });
    },
  });
}

function promise(parts: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.promise',
    summary: 'Says by when people hear more; shown as overdue when they do not.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id, ...SEEN, nextUpdate: z.string().max(40) }),
    output: incidentShape,
    subject: subjectOf,
    async handle({ id: name, seen, nextUpdate }, context) {
      const now = parts.clock.now();
      const facts = factsOf({ nextUpdate }, now);
      return await write(parts, name, seen, context, (incident) => {
        if (isOver(incident)) throw new Refusal(1, `${name} is over: nothing more is expected of it.`);
        return [{ kind: 'updated', at: now, by: context.by, ...facts }];
      });
    },
  });
}

function templates(): Operation {
  const said = z.object({ en: z.string(), ja: z.string() });
  return operation({
    name: 'incident.templates',
    summary: 'Texts for the usual turns of an incident, in English and Japanese.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({}),
    output: z.array(
      z.object({ name: z.string(), phase: z.enum(INCIDENT_PHASES), text: said, advice: said.nullable() }),
    ),
    handle: async () => TEMPLATES.map((one) => ({ ...one, phase: one.phase as (typeof INCIDENT_PHASES)[number] })),
  });
}

/** Adds entries to an incident that is one. */
async function write(
  { desk, clock }: IncidentOperationParts,
  name: string,
  seen: number | undefined,
  { call }: OperationContext,
  think: (incident: Incident) => readonly IncidentEntry[] | null,
): Promise<z.input<typeof incidentShape>> {
  const written = await desk.add(
    name as IncidentId,
    seen ?? null,
    (incident) => {
      if (incident.kind !== 'incident') throw new Refusal(1, `${name} is a maintenance: holdfast maintenance.`);
      return think(incident);
    },
    call,
  );
  return viewOf(written, clock.now());
}

function fromTemplate(name: string | undefined): Partial<Pick<IncidentEntry, 'text' | 'advice' | 'phase'>> {
  const found = TEMPLATES.find((one) => one.name === name);
  if (found === undefined) return {};
  return { text: found.text, phase: found.phase, ...(found.advice === null ? {} : { advice: found.advice }) };
}

function promised({ nextUpdate }: Pick<GivenFacts, 'nextUpdate'>, now: number): { readonly nextUpdateAt?: number } {
  return nextUpdate === undefined ? { nextUpdateAt: now + INCIDENT_LIMITS.promiseMs } : {};
}

function isEmpty(text: { readonly en: string; readonly ja: string } | undefined): boolean {
  return text === undefined || (text.en === '' && text.ja === '');
}

function subjectOf({ id: name }: { readonly id: string }): string {
  return name;
}

function noSuch(name: string): Refusal {
  return new Refusal(1, `There is no incident ${name}. "holdfast incident list" shows those that there are.`);
}
