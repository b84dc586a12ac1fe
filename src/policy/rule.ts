/** Rules as they were read: defaults filled in, durations in ms, sizes in octets, every list in its one order. */
import type { Change, Direction, MailAddress, Unread, Wording } from '#/model/index.ts';
import type { Ask } from './asks.ts';

/** What happens to a mail that a rule asks about while a check that it needs is down (design 2). */
export const ABSENCE_POLICIES = ['hold', 'deliver-unchanged', 'defer'] as const;
export type AbsencePolicy = (typeof ABSENCE_POLICIES)[number];

export interface Rule {
  readonly name: string;
  /** For those who meet the rule: why it is there. */
  readonly description: Wording | null;
  /** All must hold. None: the rule is for all mail. */
  readonly when: readonly Condition[];
  /** Where all conditions of one of these hold, the rule does not. */
  readonly unless: readonly (readonly Condition[])[];
  readonly action: Action;
  /** Rules behind it are looked at although it matched. */
  readonly goOn: boolean;
  /** Null: as the check's own policy says. */
  readonly absence: AbsencePolicy | null;
}

/** Both ends belong to it; null is open. */
export interface Range {
  readonly min: number | null;
  readonly max: number | null;
}

/** Figures of the whole message. */
export const COUNTS = ['recipientCount', 'externalRecipients', 'externalDomains', 'visibleRecipients'] as const;
export type CountName = (typeof COUNTS)[number];

export type Selector =
  | { readonly kind: 'address'; readonly address: string }
  /** `*@name`, and with `below` `*@*.name`. */
  | { readonly kind: 'domain'; readonly domain: string; readonly below: boolean }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'role'; readonly name: string }
  | { readonly kind: 'relay'; readonly name: string }
  | { readonly kind: 'side'; readonly side: 'external' | 'internal' };

export type Condition =
  | { readonly kind: 'direction'; readonly of: readonly Direction[] }
  | { readonly kind: 'recipients'; readonly of: readonly Selector[] }
  | { readonly kind: 'senders'; readonly of: readonly Selector[] }
  | { readonly kind: 'count'; readonly of: CountName; readonly range: Range }
  | { readonly kind: 'size'; readonly range: Range }
  | { readonly kind: 'emptySubject' }
  | { readonly kind: 'headerExists'; readonly name: string; readonly exists: boolean }
  | { readonly kind: 'unread'; readonly why: readonly Unread['why'][] }
  | { readonly kind: 'ask'; readonly ask: Ask; readonly range: Range }
  | { readonly kind: 'any'; readonly of: readonly (readonly Condition[])[] };

/** Which attachments a change is for: all, or those that the rule's conditions found. */
export type Which = 'all' | 'matched';

/** Parts are known only at the decision. */
export type PlannedChange =
  | (Extract<Change, { kind: 'stripAttachments' | 'secureLinks' | 'encryptZip' }> extends infer C
      ? C extends Change
        ? Omit<C, 'parts'> & { readonly which: Which }
        : never
      : never)
  | Exclude<Change, { kind: 'stripAttachments' | 'secureLinks' | 'encryptZip' }>;

/** Who is told or asked, before the directory says who that is. */
export type Person = MailAddress | 'manager' | 'admins' | 'sender';

export type PlannedDecision =
  | { readonly kind: 'pass' }
  | { readonly kind: 'hold'; readonly forMs: number; readonly atEnd: 'send' }
  | { readonly kind: 'hold'; readonly forMs: number | null; readonly atEnd: 'expire' }
  | {
      readonly kind: 'approve';
      readonly by: readonly Person[];
      readonly deputies: readonly MailAddress[];
      readonly least: number;
      readonly expireMs: number | null;
      readonly selfApproval: boolean;
    }
  | { readonly kind: 'reject'; readonly text: string }
  | { readonly kind: 'discard' };

export interface Action {
  readonly decision: PlannedDecision;
  readonly changes: readonly PlannedChange[];
  readonly notify: readonly Person[];
}
