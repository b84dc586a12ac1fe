/** Which tenants, messages and recipients a window, a component, a worker, a rule or a next hop touched, and who is still unserved (H6). */
import { z } from 'zod';
import type { MailAddress, MailId, TenantId } from '#/model/index.ts';
import { RECIPIENT_STATES, type RecipientState } from '#/model/index.ts';
import {
  type AffectedQuery,
  type AffectedRecipient,
  type Clock,
  type DirectorySource,
  type Journal,
  type Operation,
  operation,
  Refusal,
} from '#/ports/index.ts';
import { NAME_CHARS_MAX, PAGE_DEFAULT, PAGE_MAX, WINDOW_MS_MAX } from './limits.ts';

export interface AffectedParts {
  readonly journal: Pick<Journal, 'affected' | 'affectedCounts'>;
  readonly directory: DirectorySource;
  readonly clock: Pick<Clock, 'now'>;
  /** A time as people write it, in the zone of the tenant or the machine; refuses what is none. */
  readonly readTime: (text: string, tenant: string | null) => number;
}

const name = z.string().min(1).max(NAME_CHARS_MAX).optional();

/** The words that name what is affected. */
export const windowInput = {
  /** Times: RFC 3339, `2h` (ago), or bare in the tenant's zone. */
  from: z.string().max(64),
  /** Now, where it is absent. */
  to: z.string().max(64).optional(),
  /** Such as `inspect` or `deliver`; or a stage of the way, such as `hold`. */
  component: name,
  /** An incarnation, or its host, role or process: `host/role/pid`. */
  worker: name,
  /** A rule of policy. */
  policy: name,
  /** A next hop, such as `mx:peer.test`; a bare domain is its MX hosts. */
  destination: name,
  tenant: z.string().optional(),
};

type WindowInput = z.output<z.ZodObject<typeof windowInput>>;

/** What an answer of `affected.count` is (contract). */
const counted = z.object({
  messages: z.int(),
  recipients: z.int(),
  unserved: z.int(),
  tenants: z.array(
    z.object({
      tenant: z.string(),
      /** Empty where nobody is named: somebody has to be found (H8). */
      contacts: z.array(z.string()),
      messages: z.int(),
      recipients: z.int(),
      unserved: z.int(),
    }),
  ),
});

const listed = z.object({
  id: z.string(),
  tenant: z.string(),
  from: z.string().nullable(),
  subject: z.string(),
  receivedAt: z.string(),
  recipient: z.int(),
  address: z.string(),
  state: z.enum(Object.keys(RECIPIENT_STATES) as [RecipientState, ...RecipientState[]]),
  reason: z.string(),
  served: z.boolean(),
});

/** The operations of this question. */
export function affectedOperations(parts: AffectedParts): readonly Operation[] {
  return [count(parts), list(parts)];
}

function count(parts: AffectedParts): Operation {
  return operation({
    name: 'affected.count',
    summary:
      'Tenants, messages and recipients that a window, component, worker, rule or next hop touched, and how many are unserved.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject(windowInput),
    output: counted,
    async handle(input, { call }) {
      const counts = await parts.journal.affectedCounts(readAffected(input, parts), call);
      const sum = (of: 'messages' | 'recipients' | 'unserved'): number =>
        counts.reduce((total, one) => total + one[of], 0);
      const directory = parts.directory.current();
      return {
        ...{ messages: sum('messages'), recipients: sum('recipients'), unserved: sum('unserved') },
        tenants: counts.map(({ tenant, ...figures }) => {
          const contacts: readonly MailAddress[] = directory.tenant(tenant)?.contacts ?? [];
          return { tenant, contacts: [...contacts], ...figures };
        }),
      };
    },
  });
}

function list(parts: AffectedParts): Operation {
  return operation({
    name: 'affected.list',
    summary: 'The same, each message and recipient with its state, in pages.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      ...windowInput,
      limit: z.int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
      /** `next` of the page before. */
      after: z.string().max(40).nullable().default(null),
    }),
    output: z.object({ items: z.array(listed), next: z.string().nullable() }),
    async handle({ limit, after, ...input }, { call }) {
      const { items, next } = await parts.journal.affected(readAffected(input, parts), placeIn(after), limit, call);
      return { items: items.map(viewAffected), next: next === null ? null : `${next.message}/${next.n}` };
    },
  });
}

/** The question as the journal takes it; refuses a window that is empty or too long. */
export function readAffected(
  input: WindowInput,
  { clock, readTime }: Pick<AffectedParts, 'clock' | 'readTime'>,
): AffectedQuery {
  const { from: fromText, to: toText, destination, tenant, component, worker, policy } = input;
  const zone = tenant ?? null;
  const from = readTime(fromText, zone);
  const to = toText === undefined ? clock.now() + 1 : readTime(toText, zone);
  if (to <= from) throw new Refusal(2, 'The window is empty: its end (to) must come behind its begin (from).');
  if (to - from > WINDOW_MS_MAX)
    throw new Refusal(2, 'A window has 31 days at most: ask for one part after the other.');
  return {
    ...{ from, to },
    ...(component !== undefined && { component }),
    ...(worker !== undefined && { worker }),
    ...(policy !== undefined && { policy }),
    ...(destination !== undefined && { destination: hopOf(destination) }),
    ...(tenant !== undefined && { tenant: tenant as TenantId }),
  };
}

/** A bare domain stands for its MX hosts. */
function hopOf(text: string): string {
  return text.includes(':') || !text.includes('.') ? text : `mx:${text.toLowerCase()}`;
}

function placeIn(text: string | null): Parameters<Journal['affected']>[1] {
  if (text === null) return null;
  const [, message, n] = /^([0-9A-Z-]{16,24})\/(\d{1,9})$/.exec(text) ?? [];
  if (message === undefined || n === undefined)
    throw new Refusal(2, `"${text}" is no place in the list: give the "next" of a page.`);
  return { message: message as MailId, n: Number(n) };
}

function viewAffected({ message, n, receivedAt, ...item }: AffectedRecipient): z.input<typeof listed> {
  const { tenant, from, subject, address, state, reason } = item;
  return {
    ...{ id: message, tenant, from, subject, receivedAt: new Date(receivedAt).toISOString() },
    ...{ recipient: n, address, state, reason, served: state === 'delivered' },
  };
}
