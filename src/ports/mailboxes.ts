/**
 * Mailboxes: what users read. An account holds mailboxes, a mailbox holds messages by UID, and several mailboxes may hold the same message.
 * ```
 *   deliver, append, copy ─▶ live ──expunge──▶ recoverable ──(retention, no legal hold)──▶ purged, in paced steps
 *                             ▲                    │
 *                             └────── recover ─────┘   under a new UID, in its mailbox, or in INBOX where that is gone
 * ```
 * What must never happen: octets that differ from those that came; a UID, UIDVALIDITY, object id or UIDL that changes or comes again;
 * a modification sequence that falls; a delivery that is there twice, or is answered before it is durable; a list that is short because
 * something was slow (O3, O4); a view of one moment that mixes two.
 *
 * Every method is one transaction on one account: what it read and wrote is of one moment, and durable when it resolves. What it changes of
 * messages has one modification sequence. Every method may be called again after a fault; `deliver` finds by its key what is there already, and the others
 * say so where it matters. A method that is late rejects with `call.late`, one that is asked for what can never be with `mailbox.refused`.
 * An account comes to be with its first use, with INBOX and the usual special-use mailboxes, all subscribed. Addresses that differ by case
 * alone are one account (`addressKey`). In a mailbox that is not there nothing lives.
 *
 * A message is its octets and what was read of them once; entries of it stand in mailboxes. A copy is one more entry of the same message.
 * Its conversation is found when it comes and stays (`store/mailbox/threads.ts` has the rule): that of the newest of its references that is
 * known, else of a message that named it, else its own.
 *
 * Carries O1, O3 to O7. Keepers: `store/memory` (the model), `store/sqlite-mailbox`, `store/postgres-mailbox`; one suite: `store/contract/mailboxes.ts`.
 */
import type { MessageFacts } from '#/codec/mime/index.ts';
import type {
  AccountKey,
  Call,
  EmailId,
  Flag,
  MailAddress,
  Mailbox,
  MailboxId,
  MailboxName,
  MailId,
  MessageRow,
  ModSeq,
  RecipientNumber,
  SpecialUse,
  ThreadId,
  Uid,
} from '#/model/index.ts';

export interface Mailboxes {
  /**
   * Delivers: each exactly once by its key, which outlives expunge, move and purge (design 1, Local delivery). Calls that come together
   * share a flush and never a fate. `into` that is not there is INBOX. Of a special use it is the oldest mailbox with it, else the one of
   * its usual name, else that one is made and subscribed. Flags that can't be kept are left out.
   */
  deliver(account: AccountKey, delivery: Delivery, call: Call): Promise<Delivered>;

  /**
   * Forgets delivery keys whose recipients custody knows as ended; harmless when repeated. Never those that ended within a day: a backup
   * copies custody first and accounts after it, and finds by the key what came between (design 1, After a restore).
   */
  forgetDeliveries(account: AccountKey, keys: readonly DeliveryKey[], call: Call): Promise<void>;

  /**
   * Of each of these keys, at most 1,000, whether a delivery by it is or was there: what brings many messages again need not read those
   * that came.
   */
  delivered(account: AccountKey, keys: readonly DeliveryKey[], call: Call): Promise<readonly boolean[]>;

  /** Keys of deliveries by messages with ids below `before`, behind `after`, by message and recipient, at most `limit`: for those that may be forgotten. */
  deliveriesBefore(
    account: AccountKey,
    before: MailId,
    after: DeliveryKey | null,
    limit: number,
    call: Call,
  ): Promise<readonly DeliveryKey[]>;

  /** All mailboxes with their counts, by the UTF-8 octets of their names. */
  list(account: AccountKey, call: Call): Promise<readonly Mailbox[]>;

  /** One mailbox, or null. `INBOX` in any case. */
  find(account: AccountKey, name: MailboxName, call: Call): Promise<Mailbox | null>;

  /**
   * Makes a mailbox and what is missing above it. A name that was used before gets a new UIDVALIDITY and id (RFC 9051 §6.3.4). Several may have
   * one special use. Fault `mailbox.refused` for what can be no name, and where the account has too many.
   */
  create(account: AccountKey, name: MailboxName, specialUse: SpecialUse | null, call: Call): Promise<Created>;

  /** Its messages become recoverable, as by expunge. `kept`: it has mailboxes below it (RFC 9051 §6.3.5) or is INBOX. */
  delete(account: AccountKey, name: MailboxName, call: Call): Promise<'deleted' | 'absent' | 'kept'>;

  /**
   * With all below it; what is missing above `to` is made. Ids, UIDs and UIDVALIDITY of what is renamed stay, and subscriptions keep their
   * names. INBOX stays with what is below it, and its messages move to `to` as by `copy` (RFC 9051 §6.3.6). `refused`: to below itself, or to
   * what can be no name.
   */
  rename(
    account: AccountKey,
    from: MailboxName,
    to: MailboxName,
    call: Call,
  ): Promise<'renamed' | 'absent' | 'exists' | 'refused'>;

  /** Subscriptions name mailboxes whether or not they are there (RFC 9051 §6.3.7). */
  subscribe(account: AccountKey, name: MailboxName, wanted: boolean, call: Call): Promise<void>;

  /** Names that are subscribed, by their UTF-8 octets. */
  subscriptions(account: AccountKey, call: Call): Promise<readonly MailboxName[]>;

  /** The live UIDs of a mailbox, rising, and the moment they are of; null where there is no such mailbox any more. Shared: never written to. */
  view(account: AccountKey, mailbox: MailboxId, call: Call): Promise<View | null>;

  /**
   * What has happened since a moment: rows with a higher modification sequence, and UIDs that were expunged since. `vanished` may name UIDs
   * that went before `since` (RFC 7162 §3.2.5.2), never one that lives. Of many rows so many as nobody else would wait for; `next` asks
   * for those behind them (O4). Null where there is no such mailbox any more.
   */
  changes(account: AccountKey, mailbox: MailboxId, since: Since, call: Call): Promise<Changes | null>;

  /** Rows of these UIDs, rising, each once; what is not live is left out. At most 1,000 UIDs a call. With `parts`, what was read of each at delivery. */
  rows(
    account: AccountKey,
    mailbox: MailboxId,
    uids: readonly Uid[],
    parts: Parts,
    call: Call,
  ): Promise<readonly FullRow[]>;

  /**
   * Octets from `from` on, at most `bytes` of them; shorter at the end only. What is expunged is there until it is purged; then fault
   * `body.missing`.
   */
  octets(account: AccountKey, message: EmailId, from: number, bytes: number, call: Call): Promise<Uint8Array>;

  /**
   * Appends all or none (RFC 3502), in order. Flags that can't be kept are left out. After a fault they may have come all the same: appended
   * again they are there twice.
   */
  append(
    account: AccountKey,
    mailbox: MailboxId,
    mails: readonly NewMessage[],
    limits: AccountLimits,
    call: Call,
  ): Promise<Appended>;

  /**
   * Changes flags of live messages. One that has changed since `unchangedSince` is left as it is and named (RFC 7162 §3.1.3). One that is as
   * asked already keeps its modification sequence.
   */
  flag(account: AccountKey, mailbox: MailboxId, uids: readonly Uid[], change: FlagChange, call: Call): Promise<Flagged>;

  /**
   * Copies, or moves, to another mailbox or the same, in UID order; flags, dates and octets as they are, under the time of now as the time of
   * coming. What is not live is left out. All or none. What moved away is not recoverable. Octets count once, so neither takes from the quota;
   * `over-quota` where copies would make the target alone larger than that, so that entries have a bound too.
   */
  copy(
    account: AccountKey,
    from: MailboxId,
    uids: readonly Uid[],
    to: MailboxId,
    how: 'copy' | 'move',
    limits: AccountLimits,
    call: Call,
  ): Promise<Copied>;

  /** Expunges those of `uids` (null: all) that have `\Deleted`, or all of them where `regardless` (POP3). Returns what went, rising. */
  expunge(
    account: AccountKey,
    mailbox: MailboxId,
    uids: readonly Uid[] | null,
    regardless: boolean,
    call: Call,
  ): Promise<{ readonly uids: readonly Uid[]; readonly modSeq: ModSeq }>;

  /**
   * Live messages whose text holds the phrase, by the rules of `codec/mime` `termsOf`: terms in this order beside each other, the last one by its
   * begin. Complete, however fresh the messages are. An empty phrase is in every text. UIDs, rising.
   */
  holding(
    account: AccountKey,
    mailbox: MailboxId,
    phrase: readonly string[],
    where: TextPart,
    call: Call,
  ): Promise<readonly Uid[]>;

  /**
   * What POP3 serves: the live messages of INBOX with their UIDLs, of one moment (RFC 1939 §7). A UIDL belongs to the message: wherever that
   * moves and when it is recovered it stays, and only copies share it.
   */
  maildrop(account: AccountKey, call: Call): Promise<Maildrop>;

  /** Messages and octets that count against the quota: those with a live entry, once each. An account that nobody has used has none, and does not come to be by this. */
  usage(account: AccountKey, call: Call): Promise<AccountUsage>;

  /** Expunged messages that can come back, newest first, at most `limit`. */
  recoverable(account: AccountKey, filter: RecoverFilter, limit: number, call: Call): Promise<readonly Recoverable[]>;

  /**
   * Brings expunged messages back under new UIDs and without `\Deleted`, where they were or to INBOX where that is gone, whatever the quota: those that
   * `recoverable` shows first, of them the oldest first. Returns how many; call again until 0.
   */
  recover(account: AccountKey, filter: RecoverFilter, limit: number, call: Call): Promise<number>;

  /** What its owner has said about mail that comes (`mailbox/rules` reads it), as it was written last; null where nothing. */
  rules(account: AccountKey, call: Call): Promise<string | null>;

  /** Replaces it; null takes it away. Fault `mailbox.refused` for what is larger than `rulesBytesMax` octets. */
  setRules(account: AccountKey, rules: string | null, call: Call): Promise<void>;

  /**
   * Whether somebody is to be answered by itself for this delivery (RFC 5230 §4.2): not where they were answered under the same `about` after
   * `since`, unless it was for this very delivery, which may be asked for again. True is written down. The latest 10,000 are remembered.
   */
  mayAnswer(account: AccountKey, answer: AutomaticAnswer, call: Call): Promise<boolean>;

  /** Whether purging stops (legal hold). */
  hold(account: AccountKey, held: boolean, call: Call): Promise<void>;

  /** One step of purge: at most `limit` entries expunged before `before`, the oldest first; then octets nobody needs any more, then space. Nothing under legal hold. `left` is counted up to 10,000. */
  purge(account: AccountKey, before: number, limit: number, call: Call): Promise<PurgeStep>;

  /** Expunges what came into this mailbox before `before`, at most `limit` messages, the oldest first (retention of Trash and Junk). Returns how many. */
  retire(account: AccountKey, mailbox: MailboxId, before: number, limit: number, call: Call): Promise<number>;

  /** Accounts that are there, by their addresses in lower case, behind `after`, at most `limit`, in one order. */
  accounts(after: AccountKey | null, limit: number, call: Call): Promise<readonly AccountKey[]>;

  /**
   * Tells when an account has changed, by whomever and in whatever process: soon, perhaps once for several changes, perhaps without
   * need, never too seldom. Returns a function that ends it.
   */
  watch(account: AccountKey, changed: () => void): () => void;

  [Symbol.asyncDispose](): Promise<void>;
}

/** One recipient of one message in custody; or a message of another store of mail, by a hash of what names it there (`transfer/keys.ts`). */
export interface DeliveryKey {
  readonly message: MailId;
  readonly recipient: RecipientNumber;
}

/** A message that is to come in: its octets exactly, and what was read of them. */
export interface NewMessage {
  readonly content: Uint8Array;
  readonly facts: MessageFacts;
  readonly flags: readonly Flag[];
  /** INTERNALDATE, wall-clock ms. */
  readonly receivedAt: number;
  /** A UIDL from elsewhere that clients know this message by. One is made where it is null, is none (RFC 1939 §7), or belongs to a message of the account already. */
  readonly uidl: string | null;
}

/** An answer that an account gives by itself. Times are wall-clock ms. */
export interface AutomaticAnswer {
  readonly key: DeliveryKey;
  /** Who is answered; addresses that differ by case alone are one. */
  readonly to: MailAddress;
  /** Names the answer: who had one under another name may have this one too. */
  readonly about: string;
  readonly at: number;
  readonly since: number;
}

/** Octets of what an owner says about mail that comes: hundreds of rules, and an answer of some pages. */
export const rulesBytesMax = 65_536;

export interface AccountLimits {
  /** Octets that the account may hold with this; null: any. */
  readonly quotaBytes: number | null;
}

export interface Delivery {
  readonly key: DeliveryKey;
  readonly mail: NewMessage;
  readonly into: MailboxName | { readonly specialUse: SpecialUse };
  readonly limits: AccountLimits;
}

/** `already`: an earlier delivery of this key is or was there. `used` is what the account holds then, octets. */
export type Delivered =
  | { readonly kind: 'stored' | 'already'; readonly used: number }
  | { readonly kind: 'over-quota'; readonly used: number };

export type Created = { readonly kind: 'created'; readonly mailbox: Mailbox } | { readonly kind: 'exists' };

export interface View {
  readonly uids: Uint32Array;
  readonly uidNext: Uid;
  readonly uidValidity: number;
  readonly highestModSeq: ModSeq;
  /** Keywords that messages of the mailbox have or had, in the order and spelling of their first use. */
  readonly keywords: readonly Flag[];
}

/** The moment since which changes are asked for, and what the asker knows beside it. */
export interface Since {
  readonly modSeq: ModSeq;
  /** Modifications of messages that the asker knows, and of which it knows: their rows are left out. */
  readonly told?: readonly ModSeq[];
  /** The asker knows no message from this UID on, and all below that lived at the moment. */
  readonly fresh?: Uid;
  /** Where a long answer goes on: rows from this UID on, and nothing of what vanished. */
  readonly from?: Uid;
  /** Rows at most; a keeper has its own bound too. */
  readonly limit?: number;
}

export interface Changes {
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  /** New and changed, rising by UID. */
  readonly changed: readonly Pick<MessageRow, 'uid' | 'modSeq' | 'flags'>[];
  /** Rising. */
  readonly vanished: Uint32Array;
  /** What to ask for the rows behind these; null: there are none. They may show what was changed after `highestModSeq`. */
  readonly next: Since | null;
}

/** What `rows` brings beside the row itself. */
export interface Parts {
  /** Without their terms, which are for search alone and come back empty: kept twice they would cost as much as the octets of small mail. */
  readonly facts: boolean;
  /** The header section with its empty line, as it came. */
  readonly head: boolean;
}

export interface FullRow extends MessageRow {
  readonly facts: MessageFacts | null;
  /** Null where nobody asked, and where it is too large for a row: then it is read as `octets`. */
  readonly head: Uint8Array | null;
  /** Octets of the header section; null where nobody asked. */
  readonly headBytes: number | null;
}

export type Appended =
  | { readonly kind: 'appended'; readonly uidValidity: number; readonly uids: readonly Uid[] }
  | { readonly kind: 'over-quota' }
  | { readonly kind: 'absent' };

export interface FlagChange {
  readonly how: 'add' | 'remove' | 'replace';
  readonly flags: readonly Flag[];
  readonly unchangedSince: ModSeq | null;
}

export interface Flagged {
  /** Rows that are now as asked, rising, whether or not they had to change. */
  readonly rows: readonly Pick<MessageRow, 'uid' | 'modSeq' | 'flags'>[];
  /** Left as they are because of `unchangedSince`, rising. */
  readonly modified: readonly Uid[];
  /** Flags that can't be kept: keywords that the mailbox has no room for, and what is no flag. */
  readonly refused: readonly Flag[];
  /** Of what had to change; null where nothing had. */
  readonly modSeq: ModSeq | null;
}

export type Copied =
  | {
      readonly kind: 'copied';
      readonly uidValidity: number;
      /** Of the source and the target, one beside the other. */
      readonly from: readonly Uid[];
      readonly to: readonly Uid[];
      /** Of a move: the source's highest modification sequence. */
      readonly modSeq: ModSeq;
    }
  | { readonly kind: 'over-quota' }
  | { readonly kind: 'absent' };

/** Where a phrase is looked for: the text of the body, or header fields and body (RFC 9051 §6.4.4, BODY and TEXT). */
export type TextPart = 'body' | 'text';

export interface Maildrop {
  readonly mailbox: MailboxId;
  /** By rising UID. */
  readonly messages: readonly {
    readonly uid: Uid;
    readonly uidl: string;
    readonly size: number;
    readonly emailId: EmailId;
  }[];
}

export interface AccountUsage {
  readonly messages: number;
  readonly bytes: number;
  /** Without a live entry and not purged yet, once each. */
  readonly recoverableMessages: number;
  readonly recoverableBytes: number;
  readonly held: boolean;
}

export interface RecoverFilter {
  /** Expunged at or after, wall-clock ms; null: ever. */
  readonly since: number | null;
  /** Out of this mailbox, by the name it has or had last; null: any. */
  readonly mailbox: MailboxName | null;
}

export interface Recoverable {
  readonly mailbox: MailboxName;
  readonly uid: Uid;
  readonly emailId: EmailId;
  readonly threadId: ThreadId;
  readonly size: number;
  /** Wall-clock ms. */
  readonly expungedAt: number;
  readonly subject: string;
  readonly from: string;
}

export interface PurgeStep {
  /** Entries that went. */
  readonly messages: number;
  /** Octets that went with them, or that went now for earlier ones. */
  readonly bytes: number;
  /** How many entries a further step would find; 0 under legal hold. */
  readonly left: number;
  /** A further step would give space back. */
  readonly moreSpace: boolean;
}
