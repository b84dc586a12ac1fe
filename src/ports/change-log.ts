/** What was changed, beside the time line of an incident: every cause is a change or a batch job (products.md 1.5). */
import type { Call } from '#/model/index.ts';

export interface ChangeLog {
  /** In a window, oldest first; where there are more than `limit`, the newest of them. */
  between(window: ChangeWindow, limit: number, call: Call): Promise<LoggedChanges>;
}

/** Wall-clock ms; `to` is the first ms that is outside. */
export interface ChangeWindow {
  readonly from: number;
  readonly to: number;
}

export interface LoggedChanges {
  readonly changes: readonly LoggedChange[];
  /** False where older ones in the window were left out, or are no longer known. */
  readonly complete: boolean;
}

/**
 * `resources`: tenants, people, relays, rules; `act`: what an operator did to mail, mailboxes, relays, the clock; `process`: a process that
 * began or ended, which is how scaling, restarts and releases show.
 */
export const CHANGE_KINDS = ['resources', 'act', 'process'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface LoggedChange {
  /** Wall-clock ms. */
  readonly at: number;
  readonly kind: ChangeKind;
  /** An address, `cli:USER`, or a process. */
  readonly by: string;
  /** One line in plain words. */
  readonly what: string;
}
