/** Reading what happened: trace, queue lists, affected mail. Reads never wait for the writer and never make it wait. */
import type {
  Call,
  Direction,
  Identity,
  JournalEvent,
  MailAddress,
  MailId,
  RecipientNumber,
  RecipientState,
  TenantId,
  Verdict,
} from '#/model/index.ts';
import type { AffectedCount, AffectedPage, AffectedQuery, RecipientPlace } from './affected.ts';
import type { QueueFilter } from './custody.ts';

export interface Journal {
  /** Messages that a query names, newest first, at most `limit`, from hot and closed days. An id, a Message-ID or an address finds; indexes lag ≤ 2 s and the tail is read. */
  trace(query: TraceQuery, limit: number, call: Call): Promise<readonly Trace[]>;

  /** Live recipients by message, in order of acceptance, behind `after`; `next` is null at the end. */
  queue(
    filter: QueueFilter,
    after: MailId | null,
    limit: number,
    call: Call,
  ): Promise<{ readonly items: readonly Trace[]; readonly next: MailId | null }>;

  /** Seconds from acceptance to first attempt of mails first attempted since `since`: count and quantiles in ms (M2). */
  firstAttempts(
    since: number,
    call: Call,
  ): Promise<{ readonly count: number; readonly p50: number; readonly p95: number; readonly p99: number }>;

  /**
   * Recipients with an event that `query` means, counted by tenant, in order of tenant (H6). From hot and closed days, without probes. However many
   * match, few of them stand in memory at once.
   */
  affectedCounts(query: AffectedQuery, call: Call): Promise<readonly AffectedCount[]>;

  /** The same, one by one, as they stand now, behind `after`. */
  affected(query: AffectedQuery, after: RecipientPlace | null, limit: number, call: Call): Promise<AffectedPage>;
}

export interface TraceQuery extends QueueFilter {
  /** Message-ID with or without angle brackets. */
  readonly messageId?: string;
  /** Sender or any recipient, original ones too. */
  readonly address?: string;
}

export interface Trace {
  readonly id: MailId;
  readonly parent: MailId | null;
  readonly tenant: TenantId;
  readonly from: MailAddress | null;
  /** Who handed it in. */
  readonly identity: Identity;
  readonly subject: string;
  readonly messageId: string;
  readonly size: number;
  /** Wall-clock ms. */
  readonly receivedAt: number;
  readonly recipients: readonly TracedRecipient[];
  /** In order of time; empty in queue lists. */
  readonly events: readonly JournalEvent[];
}

export interface TracedRecipient {
  readonly n: RecipientNumber;
  readonly address: MailAddress;
  readonly original: MailAddress | null;
  readonly direction: Direction;
  readonly state: RecipientState;
  readonly reason: string;
  readonly destination: string;
  /** Wall-clock ms; null where ended. Of a held one the end of its hold. */
  readonly due: number | null;
  /** Wall-clock ms at which a held one goes on by itself; null where it is given up at `due` instead. */
  readonly releaseAt: number | null;
  readonly attempts: number;
  readonly lastReply: string;
  readonly possiblyDuplicate: boolean;
  /** By what it is held or waits for approval; null where policy has no part in it. */
  readonly verdict: Verdict | null;
}
