/**
 * Who asked to be told of incidents without being anybody's contact (B8): by mail, or by a request to an address of theirs.
 * ```
 *   asked ── confirmed from the mailbox ─▶ active ── unsubscribed, or its webhook failed for long ─▶ ended
 *     └─ nobody confirmed: forgotten
 * ```
 * What must never happen: a letter to somebody who has not confirmed, but for the one that asks; more of those than `AskLimits` say.
 */
import type { Call, ComponentId, MailAddress } from '#/model/index.ts';

export interface Subscribers {
  /** Durable when it resolves. `known`: is active already; `wait`: was asked not long ago; `full`: there are too many now. */
  subscribe(wish: SubscriberWish, limits: AskLimits, call: Call): Promise<'asked' | 'known' | 'wait' | 'full'>;

  subscriber(id: string, call: Call): Promise<Subscriber | null>;

  /** From asked to active. False where it is not asked. */
  confirm(id: string, at: number, call: Call): Promise<boolean>;

  /** Ends it, whatever it was. False where there is none, or it has ended. */
  unsubscribe(id: string, at: number, call: Call): Promise<boolean>;

  /** Active ones behind `after`, in order of their ids; of all states where `all`. */
  subscribers(
    page: { readonly after: string; readonly all: boolean },
    limit: number,
    call: Call,
  ): Promise<readonly Subscriber[]>;

  /** Counts what a webhook answered: 0 behind a success; how many failed in a row. */
  answered(id: string, well: boolean, call: Call): Promise<number>;

  /** Those that nobody confirmed, asked before `before`; and those that ended before it. */
  forgetSubscribers(before: number, call: Call): Promise<void>;
}

export interface SubscriberWish {
  readonly id: string;
  /** Where the question goes, and mails go. */
  readonly address: MailAddress;
  /** Null: by mail. */
  readonly webhook: string | null;
  readonly language: 'en' | 'ja';
  /** None: all. */
  readonly components: readonly ComponentId[];
  /** Wall-clock ms. */
  readonly at: number;
}

export interface Subscriber extends SubscriberWish {
  readonly state: 'asked' | 'active' | 'ended';
}

export interface AskLimits {
  /** Between two questions to one address, ms. */
  readonly againMs: number;
  /** Questions within `windowMs` to anybody. */
  readonly perWindow: number;
  readonly windowMs: number;
  /** Active ones, and ones that were asked. */
  readonly total: number;
}
