/** What travels between the proxy and the threads of the store. Content goes beside the words, in one buffer that changes hands. */
import type {
  AccountKey,
  FaultCode,
  Flag,
  Mailbox,
  MailboxId,
  MailboxName,
  MailId,
  ModSeq,
  SpecialUse,
  Uid,
} from '#/model/index.ts';
import type {
  AccountLimits,
  AccountUsage,
  Appended,
  AutomaticAnswer,
  Copied,
  Created,
  Delivered,
  DeliveryKey,
  FlagChange,
  Maildrop,
  Parts,
  PurgeStep,
  Recoverable,
  RecoverFilter,
  Since,
  TextPart,
  View,
} from '#/ports/index.ts';

/** A message on its way in: its octets are `[at, at + size)` of the group's. */
export interface WireMessage {
  readonly at: number;
  readonly size: number;
  readonly headBytes: number;
  /** MessageFacts without their terms, as JSON. */
  readonly facts: string;
  /** Terms with a blank between. */
  readonly headTerms: string;
  readonly bodyTerms: string;
  readonly threadKeys: readonly string[];
  readonly flags: readonly Flag[];
  readonly receivedAt: number;
  readonly uidl: string | null;
}

/** UID, modification sequence and flags of many rows, a column each: objects would cost ten times as much on their way. */
export interface WireFlags {
  readonly uids: Uint32Array<ArrayBuffer>;
  readonly modSeqs: Float64Array<ArrayBuffer>;
  /** Which of `sets` each has. */
  readonly sets: readonly (readonly Flag[])[];
  readonly setOf: Uint32Array<ArrayBuffer>;
}

/** Numbers of one row, in this order, in `WireRows.numbers`. */
export const ROW_NUMBERS = 10;

/** Rows as columns: they change hands or are copied as one, where an object each would cost more than reading it. */
export interface WireRows {
  /** Of each row: UID, MODSEQ, message, thread, received, saved, size, which of `sets`, octets of the header section that come along, and all of them (-1: none). */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly sets: readonly (readonly Flag[])[];
  /** As JSON; null where they were not asked for. */
  readonly facts: readonly (string | null)[] | null;
  /** Header sections, one behind the other. */
  readonly heads: Uint8Array<ArrayBuffer>;
}

/** Every call of an account: what it is given and what it answers. */
export interface AccountCalls {
  deliver: {
    input: {
      readonly key: DeliveryKey;
      readonly mail: WireMessage;
      readonly into: MailboxName | { readonly specialUse: SpecialUse };
      readonly limits: AccountLimits;
    };
    output: Delivered;
  };
  forgetDeliveries: { input: { readonly keys: readonly DeliveryKey[] }; output: null };
  delivered: { input: { readonly keys: readonly DeliveryKey[] }; output: readonly boolean[] };
  deliveriesBefore: {
    input: { readonly before: MailId; readonly after: DeliveryKey | null; readonly limit: number };
    output: readonly DeliveryKey[];
  };
  list: { input: null; output: readonly Mailbox[] };
  find: { input: { readonly name: MailboxName }; output: Mailbox | null };
  create: { input: { readonly name: MailboxName; readonly specialUse: SpecialUse | null }; output: Created };
  delete: { input: { readonly name: MailboxName }; output: 'deleted' | 'absent' | 'kept' };
  rename: {
    input: { readonly from: MailboxName; readonly to: MailboxName };
    output: 'renamed' | 'absent' | 'exists' | 'refused';
  };
  subscribe: { input: { readonly name: MailboxName; readonly wanted: boolean }; output: null };
  subscriptions: { input: null; output: readonly MailboxName[] };
  view: { input: { readonly mailbox: MailboxId }; output: View | null };
  changes: {
    input: { readonly mailbox: MailboxId; readonly since: Since };
    output: {
      readonly uidNext: Uid;
      readonly highestModSeq: ModSeq;
      readonly changed: WireFlags;
      readonly vanished: Uint32Array<ArrayBuffer>;
      readonly next: Since | null;
    } | null;
  };
  rows: {
    input: { readonly mailbox: MailboxId; readonly uids: Uint32Array; readonly parts: Parts };
    output: WireRows;
  };
  octets: {
    input: { readonly message: number; readonly from: number; readonly bytes: number };
    output: Uint8Array<ArrayBuffer>;
  };
  append: {
    input: { readonly mailbox: MailboxId; readonly mails: readonly WireMessage[]; readonly limits: AccountLimits };
    output: Appended;
  };
  flag: {
    input: { readonly mailbox: MailboxId; readonly uids: Uint32Array; readonly change: FlagChange };
    output: {
      readonly rows: WireFlags;
      readonly modified: readonly Uid[];
      readonly refused: readonly Flag[];
      readonly modSeq: ModSeq | null;
    };
  };
  copy: {
    input: {
      readonly from: MailboxId;
      readonly uids: readonly Uid[];
      readonly to: MailboxId;
      readonly how: 'copy' | 'move';
      readonly limits: AccountLimits;
    };
    output: Copied;
  };
  expunge: {
    input: { readonly mailbox: MailboxId; readonly uids: Uint32Array | null; readonly regardless: boolean };
    output: { readonly uids: readonly Uid[]; readonly modSeq: ModSeq };
  };
  /** Makes sure that the account is there, and of this release. */
  touch: { input: null; output: null };
  maildrop: { input: null; output: Maildrop };
  usage: { input: null; output: AccountUsage };
  recoverable: { input: { readonly filter: RecoverFilter; readonly limit: number }; output: readonly Recoverable[] };
  recover: { input: { readonly filter: RecoverFilter; readonly limit: number }; output: number };
  rules: { input: null; output: string | null };
  setRules: { input: { readonly rules: string | null }; output: null };
  mayAnswer: { input: AutomaticAnswer; output: boolean };
  hold: { input: { readonly held: boolean }; output: null };
  purge: { input: { readonly before: number; readonly limit: number }; output: PurgeStep };
  retire: {
    input: { readonly mailbox: MailboxId; readonly before: number; readonly limit: number };
    output: number;
  };
}

/** Calls of no account. */
export interface RegisterCalls {
  accounts: {
    input: { readonly after: AccountKey | null; readonly limit: number };
    output: readonly AccountKey[];
  };
}

export type AccountCall = keyof AccountCalls;
type Calls = AccountCalls & RegisterCalls;
export type ThreadCall = keyof Calls;
export type Input<Name extends ThreadCall> = Calls[Name]['input'];
export type Output<Name extends ThreadCall> = Calls[Name]['output'];

export interface ThreadSetup {
  readonly folder: string;
}

/** What is searched for; `deadlineAt` as in `ThreadRequest`. */
export interface SearchInput {
  readonly account: AccountKey;
  readonly mailbox: number;
  readonly phrase: readonly string[];
  readonly where: TextPart;
  readonly deadlineAt: number;
}

export interface ThreadRequest {
  readonly id: number;
  readonly account: AccountKey | null;
  readonly name: ThreadCall;
  readonly input: unknown;
  /** Where this request's content begins in the group's. */
  readonly base: number;
  /** ms since the epoch, with fractions: the monotonic clocks of threads begin at different times. */
  readonly deadlineAt: number;
}

export interface ThreadGroup {
  /** Wall clock. */
  readonly now: number;
  readonly requests: readonly ThreadRequest[];
  readonly content: ArrayBuffer;
}

export type ThreadAnswer =
  | { readonly id: number; readonly ok: true; readonly output: unknown; readonly changed: boolean }
  | { readonly id: number; readonly ok: false; readonly fault: FaultCode | null; readonly detail: string };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly fault: FaultCode; readonly detail: string }
  /** `isLast`: the group is done. */
  | { readonly kind: 'answers'; readonly answers: readonly ThreadAnswer[]; readonly isLast: boolean }
  | { readonly kind: 'failed'; readonly detail: string };
