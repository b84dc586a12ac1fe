/** What the operations of this room share: their parts, and how a query names mail. */
import { z } from 'zod';
import type { Call, IncarnationId, Settlement } from '#/model/index.ts';
import {
  type Blobs,
  type Clock,
  type Custody,
  type Journal,
  type Log,
  type NoticeMaker,
  Refusal,
  type TraceQuery,
} from '#/ports/index.ts';
import { parseQuery } from './query.ts';

export interface OperationParts {
  readonly custody: Custody;
  readonly journal: Journal;
  readonly blobs: Pick<Blobs, 'read'>;
  /** Computes the chain of the audit log again; `brokenAt` is the first entry that does not fit. */
  readonly auditLog: {
    verifyAudit(call: Call): Promise<{ readonly entries: number; readonly brokenAt: number | null }>;
  };
  readonly clock: Clock;
  readonly log: Log;
  readonly notices: NoticeMaker;
  /** Who claims what an operator bounces; enlisted. */
  readonly worker: IncarnationId;
  /** Records a settlement that custody could not take at once, in the background. */
  readonly settleLater: (settlement: Settlement) => void;
  /** IANA zone in which bare times are meant: the tenant's, or the machine's for null. */
  readonly timezoneOf: (tenant: string | null) => string;
  /** Rows may have become due. */
  readonly doorbell: () => void;
  /** `retention.held`: how long an operator's hold lasts when nothing is said. */
  readonly heldMs: number;
}

/** The words of a query and the tenant it is limited to. */
export const queryInput = {
  query: z.string().default(''),
  tenant: z.string().optional(),
};

/** Reads a query in the zone of the tenant that it names; the caller's tenant wins over the one in the words. */
export function readQuery(
  input: { readonly query: string; readonly tenant?: string | undefined },
  parts: Pick<OperationParts, 'clock' | 'timezoneOf'>,
): TraceQuery {
  const named = input.tenant ?? /(?:^|\s)tenant:(\S+)/.exec(input.query)?.[1] ?? null;
  const query = parseQuery(input.query, { now: parts.clock.now(), timezone: parts.timezoneOf(named) });
  return input.tenant === undefined ? query : { ...query, tenant: input.tenant as NonNullable<TraceQuery['tenant']> };
}

/** A query as custody's acts take it: a Message-ID becomes the ids that carry it, null where there are none; an address alone would be ambiguous. */
export async function queueFilter(query: TraceQuery, journal: Journal, call: Call): Promise<TraceQuery | null> {
  if (query.address !== undefined) {
    throw new Refusal(2, `Say from:${query.address} or to:${query.address}: an address alone could mean either.`);
  }
  const { messageId, ...filter } = query;
  if (messageId === undefined) return filter;
  const found = await journal.trace(query, 100, call);
  return found.length === 0 ? null : { ...filter, ids: found.map(({ id }) => id) };
}
