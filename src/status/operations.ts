/** What operators ask of the status (ports/operation.ts). */
import { z } from 'zod';
import { COMPONENT_STATES, type StatusView } from '#/model/index.ts';
import { type Operation, operation, Refusal } from '#/ports/index.ts';
import type { Pager } from './pager.ts';
import { uptimeOf } from './uptime.ts';

export interface StatusOperationParts {
  readonly view: () => StatusView;
  readonly pager: Pick<Pager, 'view' | 'acknowledge'>;
}

/** All operations of this room. */
export function statusOperations(parts: StatusOperationParts): readonly Operation[] {
  return [show(parts), acknowledge(parts)];
}

const words = z.object({ en: z.string(), ja: z.string() });
const pace = z.object({
  waiting: z.int(),
  oldestSeconds: z.number().nullable(),
  arrivedPerMinute: z.number(),
  leftPerMinute: z.number(),
  drainSeconds: z.number().nullable(),
});
const shown = z.object({
  at: z.string(),
  region: z.string(),
  components: z.array(
    z.object({
      id: z.string(),
      state: z.enum(COMPONENT_STATES),
      since: z.string(),
      uptime: z.number().nullable(),
      reasons: z.array(z.object({ rule: z.string(), measured: z.number(), text: words })),
    }),
  ),
  flow: pace.nullable(),
  page: z
    .object({
      id: z.string(),
      beganAt: z.string(),
      acknowledged: z.object({ by: z.string(), at: z.string() }).nullable(),
      escalated: z.boolean(),
    })
    .nullable(),
});

function show({ view, pager }: StatusOperationParts): Operation {
  return operation({
    name: 'status.show',
    summary: 'How each component does, why, what waits, and whether an operator is being called.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({}),
    output: shown,
    async handle() {
      const { at, region, components, flow } = view();
      return {
        at: timeOf(at),
        region,
        components: components.map(({ id, state, since, reasons, days }) => ({
          ...{ id, state, since: timeOf(since), uptime: uptimeOf(days) },
          reasons: reasons.map(({ rule, measured, text }) => ({ rule, measured, text: { ...text } })),
        })),
        flow: flow === null ? null : paceOf(flow),
        page: pageOf(pager.view),
      };
    },
  });
}

function acknowledge({ pager }: StatusOperationParts): Operation {
  return operation({
    name: 'status.ack',
    summary: 'Says that somebody has seen the page: nobody else is called, unless it gets worse.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({}),
    output: z.object({ id: z.string() }),
    subject: () => null,
    async handle(_input, { by }) {
      const { id = null } = pager.view ?? {};
      if (id === null || !pager.acknowledge(by)) throw new Refusal(1, 'Nobody is being called: all components work.');
      return { id };
    },
  });
}

function paceOf({ waiting, oldestMs, arrivedPerMinute, leftPerMinute, drainMs }: NonNullable<StatusView['flow']>) {
  return {
    ...{ waiting, arrivedPerMinute, leftPerMinute },
    oldestSeconds: oldestMs === null ? null : oldestMs / 1_000,
    drainSeconds: drainMs === null ? null : drainMs / 1_000,
  };
}

function pageOf(page: Pager['view']) {
  if (page === null) return null;
  const { id, beganAt, acknowledged, escalated } = page;
  const seen = acknowledged === null ? null : { by: acknowledged.by, at: timeOf(acknowledged.at) };
  return { id, beganAt: timeOf(beganAt), acknowledged: seen, escalated };
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
