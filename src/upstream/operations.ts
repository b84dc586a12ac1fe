/** What operators ask of other servers (ports/operation.ts). */
import { z } from 'zod';
import { providerOf } from '#/codec/refusal/index.ts';
import { BOUNCE_CLASSES, type Call, type Upstream, type UpstreamFigures, upstreamsOf } from '#/model/index.ts';
import {
  type Clock,
  type Custody,
  type Depth,
  type Operation,
  operation,
  Refusal,
  type StatusHistory,
} from '#/ports/index.ts';
import { hostOf } from './host-of.ts';
import { recentMinutes, silentMs } from './limits.ts';

export interface UpstreamOperationParts {
  readonly history: Pick<StatusHistory, 'upstreams'>;
  readonly custody: Pick<Custody, 'depth'>;
  readonly clock: Pick<Clock, 'now'>;
}

const figures = z.object({
  sessions: z.int(),
  unreachable: z.int(),
  delivered: z.int(),
  deferred: z.int(),
  bounced: z.int(),
  classes: z.partialRecord(z.enum(BOUNCE_CLASSES), z.int()),
  p50Ms: z.number(),
  p95Ms: z.number(),
});

const upstream = z.object({
  provider: z.string(),
  name: z.string(),
  /** First and last sign of the trouble that is there now. */
  trouble: z.object({ since: z.string(), last: z.string(), signs: z.int() }).nullable(),
  lastServedAt: z.string().nullable(),
  last5Minutes: figures,
  last60Minutes: figures,
  usual: z.object({ failingShare: z.number(), p95Ms: z.number() }),
  /** Recipients, and tenants of theirs, that wait for it. */
  waiting: z.int(),
  tenants: z.int(),
  oldestAt: z.string().nullable(),
  /** Until all that waits is through at the pace of the last minutes; null where nothing gets through. */
  forecastMs: z.number().nullable(),
});

const shown = upstream.extend({
  destinations: z.array(
    z.object({
      destination: z.string(),
      delivered: z.int(),
      deferred: z.int(),
      bounced: z.int(),
      troubleSince: z.string().nullable(),
      waiting: z.int(),
    }),
  ),
  moreDestinations: z.int(),
  /** Whose mail it is, those with most refusals first. */
  byTenant: z.array(z.object({ tenant: z.string(), delivered: z.int(), deferred: z.int(), bounced: z.int() })),
  /** Addresses of ours that it does not trust, and until when they are not used for it. */
  resting: z.array(z.object({ address: z.string(), until: z.string() })),
  refusals: z.array(
    z.object({
      class: z.enum(BOUNCE_CLASSES),
      code: z.int(),
      words: z.string(),
      count: z.int(),
      lastAt: z.string(),
    }),
  ),
});

/** All operations of this room. */
export function upstreamOperations(parts: UpstreamOperationParts): readonly Operation[] {
  return [list(parts), show(parts)];
}

function list(parts: UpstreamOperationParts): Operation {
  return operation({
    name: 'upstream.list',
    summary: 'How the mail servers of each provider take our mail: those in trouble first.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({}),
    output: z.array(upstream),
    async handle(_input, { call }) {
      const { all, depths } = await known(parts, call);
      return all
        .map((one) => viewOf(one, depths))
        .toSorted((a, b) => Number(b.trouble !== null) - Number(a.trouble !== null));
    },
  });
}

function show(parts: UpstreamOperationParts): Operation {
  return operation({
    name: 'upstream.show',
    summary: 'One provider with its destinations, and with what its servers say when they refuse.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({ provider: z.string().min(1).max(253) }),
    output: shown,
    async handle({ provider }, { call }) {
      const { all, depths } = await known(parts, call);
      const one = all.find((each) => each.provider === provider || each.name.toLowerCase() === provider.toLowerCase());
      if (one === undefined)
        throw new Refusal(
          1,
          `No mail went to ${provider} within the hour. "upstream list" has the providers that are known.`,
        );
      return {
        ...viewOf(one, depths),
        destinations: one.destinations.map(({ troubleSince, ...rest }) => ({
          ...rest,
          troubleSince: timeOf(troubleSince),
          waiting: waitingAt(depths, (depth) => depth.destination === rest.destination),
        })),
        moreDestinations: one.moreDestinations,
        byTenant: (one.tenants ?? []).map((each) => ({ ...each })),
        resting: (one.resting ?? []).map(({ address, until }) => ({ address, until: time(until) })),
        refusals: one.refusals.map(({ lastAt, ...rest }) => ({ ...rest, lastAt: time(lastAt) })),
      };
    },
  });
}

interface Known {
  readonly all: readonly Upstream[];
  readonly depths: readonly Depth[];
}

async function known({ history, custody, clock }: UpstreamOperationParts, call: Call): Promise<Known> {
  const [reports, depths] = await Promise.all([history.upstreams(clock.now() - silentMs, call), custody.depth(call)]);
  return { all: upstreamsOf(reports), depths };
}

function viewOf(one: Upstream, depths: readonly Depth[]): z.input<typeof upstream> {
  const { provider, name, trouble, last5, last60, usual } = one;
  const own = new Set(one.destinations.map(({ destination }) => destination));
  const isOwn = ({ destination }: Depth): boolean =>
    own.has(destination) || (one.moreDestinations > 0 && providerOf(hostOf(destination)).id === provider);
  const mine = depths.filter((depth) => depth.waiting > 0 && isOwn(depth));
  const waiting = waitingAt(mine, () => true);
  const perMs = last5.delivered / (recentMinutes * 60_000);
  return {
    provider,
    name,
    trouble: trouble === null ? null : { since: time(trouble.since), last: time(trouble.last), signs: trouble.signs },
    lastServedAt: timeOf(one.lastServedAt),
    last5Minutes: figuresOf(last5),
    last60Minutes: figuresOf(last60),
    usual: { failingShare: usual.failingShare, p95Ms: usual.p95 },
    waiting,
    tenants: new Set(mine.map(({ tenant }) => tenant)).size,
    oldestAt: mine.length === 0 ? null : time(Math.min(...mine.map(({ oldestAt }) => oldestAt))),
    forecastMs: waiting === 0 ? 0 : perMs > 0 ? Math.round(waiting / perMs) : null,
  };
}

function figuresOf({ p50, p95, failing: _failing, classes, ...counts }: UpstreamFigures): z.input<typeof figures> {
  return { ...counts, classes: { ...classes }, p50Ms: p50, p95Ms: p95 };
}

function waitingAt(depths: readonly Depth[], is: (depth: Depth) => boolean): number {
  return depths.filter(is).reduce((sum, { waiting }) => sum + waiting, 0);
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : time(ms);
}

/** RFC 3339, in UTC. */
function time(ms: number): string {
  return new Date(ms).toISOString();
}
