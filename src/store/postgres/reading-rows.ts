/** Rows as reading finds them, and as the rest of custody knows them. */
import type {
  DestinationKey,
  Direction,
  JournalEvent,
  MailAddress,
  MailId,
  MailInCustody,
  Notify,
  RecipientState,
  TenantId,
} from '#/model/index.ts';
import type { Progress, RecipientFacts } from '../custody/index.ts';

const DAY_MS = 86_400_000;

export type MessageRow = {
  readonly id: MailId;
  readonly tenant: TenantId;
  readonly parent: MailId | null;
  readonly origin: MailInCustody['origin'];
  readonly purpose: MailInCustody['purpose'];
  readonly sender: MailAddress | null;
  readonly identity: string;
  readonly received_at: number;
  readonly needs: string;
  readonly header_from: string;
  readonly subject: string;
  readonly message_id: string;
  readonly hops: number;
  readonly size: number;
};

export const MESSAGE_COLUMNS = `id, tenant, parent, origin, purpose, sender, identity, received_at, needs, header_from, subject,
  message_id, hops, size`;

/** A live recipient or an ended one: what only the other kind has is null. */
export type RecipientRow = {
  readonly message: MailId;
  readonly n: number;
  readonly tenant: TenantId;
  readonly direction: Direction;
  readonly address: MailAddress;
  readonly original: MailAddress | null;
  readonly orcpt: string | null;
  readonly notify: number;
  readonly state: RecipientState;
  readonly reason: string;
  readonly destination: DestinationKey;
  readonly due: number | null;
  readonly attention_at: number | null;
  readonly queue_since: number;
  readonly attempts: number;
  readonly last_attempt_at: number | null;
  readonly last_reply: string | null;
  readonly delay_notified: boolean;
  readonly possibly_duplicate: boolean;
  readonly ended_at: number | null;
  readonly judged: boolean;
  readonly verdict: string | null;
};

const FACT_COLUMNS = `message, n, tenant, direction, address, original, orcpt, notify, state, reason, destination, queue_since,
  attempts, last_attempt_at, last_reply, delay_notified, possibly_duplicate`;
export const LIVE_COLUMNS = `${FACT_COLUMNS}, due, attention_at, NULL::bigint AS ended_at, judged, verdict`;
export const ENDED_COLUMNS = `${FACT_COLUMNS}, NULL::bigint AS due, NULL::bigint AS attention_at, ended_at,
  true AS judged, NULL::text AS verdict`;

export type EventRow = Omit<JournalEvent, 'ruleVersion' | 'elapsedMs'> & {
  readonly seq: number;
  readonly policy_version: JournalEvent['ruleVersion'];
  readonly elapsed_ms: number;
};

export const EVENT_COLUMNS = `seq, at, tenant, message, recipient, kind, stage, component, worker, host, release, rule, policy_version,
  destination, provider, attempt, elapsed_ms, attribution, detail`;

export function mailOf(row: MessageRow): MailInCustody {
  return {
    id: row.id,
    parent: row.parent,
    tenant: row.tenant,
    origin: row.origin,
    purpose: row.purpose,
    sender: row.sender,
    identity: JSON.parse(row.identity),
    receivedAt: row.received_at,
    needs: JSON.parse(row.needs),
    facts: { from: row.header_from, subject: row.subject, messageId: row.message_id },
    hops: row.hops,
    size: row.size,
  };
}

/** What trace and queue lists show of a recipient. */
export function shownOf(row: RecipientRow): { readonly facts: RecipientFacts; readonly progress: Progress } {
  const { n, address, original, direction } = row;
  const orcpt = row.orcpt === null ? null : JSON.parse(row.orcpt);
  return {
    facts: { n, address, original, orcpt, notify: notifyOf(row.notify), direction },
    progress: progressOf(row),
  };
}

function progressOf(row: RecipientRow): Progress {
  return {
    state: row.state,
    reason: row.reason,
    destination: row.destination,
    due: row.due,
    attentionAt: row.attention_at,
    queueSince: row.queue_since,
    attempts: row.attempts,
    lastAttemptAt: row.last_attempt_at,
    lastReply: row.last_reply === null ? null : JSON.parse(row.last_reply),
    delayNotified: row.delay_notified,
    possiblyDuplicate: row.possibly_duplicate,
    endedAt: row.ended_at,
    judged: row.judged,
    verdict: row.verdict === null ? null : JSON.parse(row.verdict),
  };
}

export function eventOf(row: EventRow): JournalEvent {
  const { seq: _seq, policy_version: ruleVersion, elapsed_ms: elapsedMs, ...rest } = row;
  return { ...rest, ruleVersion, elapsedMs };
}

/** The day (counted from 1970, UTC) from which on anything of messages accepted at these times was written. A clock that was put right may have left it on the day before. */
export function firstDayOf(times: readonly number[]): number {
  const oldest = times.reduce((least, at) => Math.min(least, at), Number.MAX_SAFE_INTEGER);
  return Math.floor(oldest / DAY_MS) - 1;
}

function notifyOf(bits: number): Notify {
  return { success: (bits & 1) !== 0, failure: (bits & 2) !== 0, delay: (bits & 4) !== 0 };
}
