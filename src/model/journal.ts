import type { MailId } from './mail-id.ts';
import type { RecipientNumber } from './recipient.ts';
import type { TenantId } from './tenant.ts';
import type { PolicyVersion } from './verdict.ts';

/** The steps of a message's way (contract). */
export type Stage = 'accept' | 'inspect' | 'hold' | 'sign' | 'route' | 'deliver' | 'notify';

/** What happened (contract). */
export type JournalKind =
  | 'accepted'
  | 'inspected'
  | 'held'
  | 'approval'
  | 'released'
  | 'verdict'
  | 'signed'
  | 'attempted'
  | 'deferred'
  | 'delivered'
  | 'bounced'
  | 'discarded'
  | 'expired'
  | 'repaired'
  | 'moved';

/** One change of state, written in its transaction. No address and no subject: those stand in one erasable place (design 6, Privacy). */
export interface JournalEvent {
  /** Wall-clock ms. */
  readonly at: number;
  readonly tenant: TenantId;
  readonly message: MailId;
  /** 0 where the event is of the whole message. */
  readonly recipient: RecipientNumber;
  readonly kind: JournalKind;
  readonly stage: Stage;
  /** The part of ours that did it: gate, deliver, janitor, cli … */
  readonly component: string;
  /** Incarnation of the worker. */
  readonly worker: string;
  readonly host: string;
  readonly release: string;
  /** Policy's rule, and the version of the rules that it stood in. */
  readonly rule: string | null;
  readonly ruleVersion: PolicyVersion | null;
  readonly destination: string | null;
  readonly provider: string | null;
  readonly attempt: number;
  readonly elapsedMs: number;
  /** Whose doing it was, where that is known: `peer`, `upstream`, `us`, a person. */
  readonly attribution: string | null;
  /** Reply of the peer or a reason, bounded; no address of a person. */
  readonly detail: string;
}
