/** Rows as they lie in the tables, and as the rest of custody knows them. */
import type {
  DestinationKey,
  Direction,
  IncarnationId,
  JournalEvent,
  JournalKind,
  MailAddress,
  MailId,
  MailInCustody,
  Notify,
  PolicyVersion,
  RecipientState,
  Stage,
  TenantId,
} from '#/model/index.ts';
import { isLive } from '#/model/index.ts';
import type { Progress, RecipientFacts } from '../custody/index.ts';
import type { SqlValue } from './statement.ts';

export type MessageRow = {
  id: MailId;
  tenant: TenantId;
  parent: MailId | null;
  origin: MailInCustody['origin'];
  purpose: MailInCustody['purpose'];
  sender: MailAddress | null;
  identity: string;
  received_at: number;
  needs: string;
  header_from: string;
  subject: string;
  message_id: string;
  hops: number;
  size: number;
  sha256: string;
  body: number | null;
  log_at: number | null;
  blob: string | null;
  lot: number;
  /** Absent where the row is of a day that was closed. */
  born?: string | null;
};

export type RecipientRow = {
  message: MailId;
  n: number;
  tenant: TenantId;
  direction: Direction;
  address: MailAddress;
  original: MailAddress | null;
  orcpt: string | null;
  notify: number;
  claim_by: number | null;
  token: number;
} & ProgressRow;

export type ProgressRow = {
  state: RecipientState;
  reason: string;
  destination: DestinationKey;
  due: number | null;
  attention_at: number | null;
  queue_since: number;
  attempts: number;
  last_attempt_at: number | null;
  last_reply: string | null;
  delay_notified: number;
  possibly_duplicate: number;
  ended_at: number | null;
  /** Absent where the row is of a day that was closed. */
  judged?: number;
  /** Absent where the row is of a day that an earlier release closed. */
  verdict?: string | null;
};

export type EventRow = {
  seq: number;
  at: number;
  tenant: TenantId;
  message: MailId;
  recipient: number;
  kind: JournalKind;
  stage: Stage;
  component: string;
  worker: string;
  host: string;
  release: string;
  rule: string | null;
  rule_version: string | null;
  destination: string | null;
  provider: string | null;
  attempt: number;
  elapsed_ms: number;
  attribution: string | null;
  detail: string;
};

/** 0 waits in the queue, 1 waits for a person, 2 has ended. */
export function phaseOf(state: RecipientState): 0 | 1 | 2 {
  if (!isLive(state)) return 2;
  return state === 'held' || state === 'approval' ? 1 : 0;
}

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

export function factsOf(row: RecipientRow): RecipientFacts {
  const { n, address, original, direction } = row;
  const orcpt = row.orcpt === null ? null : JSON.parse(row.orcpt);
  return { n, address, original, orcpt, notify: notifyOf(row.notify), direction };
}

export function progressOf(row: ProgressRow): Progress {
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
    delayNotified: row.delay_notified === 1,
    possiblyDuplicate: row.possibly_duplicate === 1,
    endedAt: row.ended_at,
    judged: row.judged === 1,
    verdict: row.verdict === null || row.verdict === undefined ? null : JSON.parse(row.verdict),
  };
}

/** The columns of `PROGRESS_COLUMNS`, in that order. */
export function progressValues(progress: Progress): SqlValue[] {
  return [
    progress.state,
    phaseOf(progress.state),
    progress.reason,
    progress.destination,
    progress.due,
    progress.attentionAt,
    progress.queueSince,
    progress.attempts,
    progress.lastAttemptAt,
    progress.lastReply === null ? null : JSON.stringify(progress.lastReply),
    progress.delayNotified ? 1 : 0,
    progress.possiblyDuplicate ? 1 : 0,
    progress.endedAt,
    progress.judged ? 1 : 0,
    progress.verdict === null ? null : JSON.stringify(progress.verdict),
  ];
}

export const PROGRESS_COLUMNS = [
  'state',
  'phase',
  'reason',
  'destination',
  'due',
  'attention_at',
  'queue_since',
  'attempts',
  'last_attempt_at',
  'last_reply',
  'delay_notified',
  'possibly_duplicate',
  'ended_at',
  'judged',
  'verdict',
] as const;

export function eventOf(row: EventRow): JournalEvent {
  const { seq: _seq, rule_version: version, elapsed_ms: elapsedMs, ...rest } = row;
  return { ...rest, ruleVersion: version === null ? null : (JSON.parse(version) as PolicyVersion), elapsedMs };
}

export function notifyBits({ success, failure, delay }: Notify): number {
  return (success ? 1 : 0) + (failure ? 2 : 0) + (delay ? 4 : 0);
}

function notifyOf(bits: number): Notify {
  return { success: (bits & 1) !== 0, failure: (bits & 2) !== 0, delay: (bits & 4) !== 0 };
}

/** An incarnation that lives, as the writer knows it. */
export interface LivingWorker {
  readonly key: number;
  readonly name: IncarnationId;
  readonly host: string;
  readonly release: string;
  readonly role: string;
}
