/**
 * Answers of operations as the command line reads them. The names are the contract's ("Replies that programs read"); the server checks
 * its own answers by schema, so here they are types only and a command starts without loading a schema.
 */
import type { JournalKind, RecipientState, Stage } from '#/model/index.ts';

export interface TracedMail {
  readonly id: string;
  readonly parent: string | null;
  readonly tenant: string;
  readonly from: string | null;
  readonly subject: string;
  /** RFC 3339. */
  readonly receivedAt: string;
  readonly recipients: readonly TracedRecipient[];
  /** In order of time. */
  readonly events: readonly TraceEvent[];
}

export interface TracedRecipient {
  readonly address: string;
  readonly original: string | null;
  readonly direction: string;
  readonly state: RecipientState;
  readonly reason: string;
  readonly attempts: number;
  readonly lastReply: string;
  readonly possiblyDuplicate: boolean;
  /** RFC 3339; null where ended. */
  readonly due?: string | null;
  readonly destination?: string;
}

export interface TraceEvent {
  readonly at: string;
  readonly kind: JournalKind;
  readonly stage: Stage;
  /** Null where the event is of the whole message. */
  readonly recipient: string | null;
  readonly detail: string;
  readonly component?: string;
  readonly attempt?: number;
  readonly elapsedMs?: number;
}

export interface QueuedMail {
  readonly id: string;
  readonly tenant: string;
  readonly from: string | null;
  readonly recipients: readonly QueuedRecipient[];
}

export interface QueuedRecipient {
  readonly address: string;
  readonly state: RecipientState;
  readonly due: string | null;
  readonly attempts: number;
  readonly lastReply: string;
  readonly reason?: string;
}

export interface AuditAnswer {
  readonly balanced: boolean;
  readonly tenants: readonly ({ readonly tenant: string } & Readonly<Record<BookName, number>>)[];
  readonly orphans: readonly {
    readonly message: string;
    readonly recipient: number;
    readonly tenant: string;
    readonly fault: string;
    readonly mended: boolean;
  }[];
}

export type BookName =
  | 'accepted'
  | 'received'
  | 'generated'
  | 'delivered'
  | 'bounced'
  | 'discarded'
  | 'expired'
  | 'held'
  | 'queued';
