/**
 * What policy decides about each recipient of a mail (H1). Plain values: they cross processes and are kept with the recipient, so that what
 * was decided can be told, and carried out again with the same result, long after the rules have changed.
 */
import type { MailAddress } from './mail-address.ts';

/** Names the meaning of a set of rules: equal for rule sets that decide alike by their text, another one after any change of meaning. */
export type PolicyVersion = string & { readonly __brand: 'PolicyVersion' };

/** A text for people who are not administrators, in the languages that they read. One line, no control characters. */
export interface Wording {
  readonly en: string;
  readonly ja: string;
}

/** What happens to the mail for one recipient, by which rule, and why. */
export type Verdict = Decision & {
  /** The rule that decided, as its owner named it; null where none did (`pass`), and where a check's absence did. */
  readonly rule: string | null;
  readonly version: PolicyVersion;
  /** Why, in plain words; for a hold it leaves out until when, which only custody knows. */
  readonly reason: Wording;
  /** What is done to the mail before it leaves, in this order. None where it does not leave (`reject`, `discard`). */
  readonly changes: readonly Change[];
  /** Whom to tell that this rule matched: the sender where the rule says so, administrators, others. */
  readonly notify: readonly MailAddress[];
  /** Written by custody while the mail waits by this verdict and people are told of it; absent else. */
  readonly wait?: Wait;
};

/** How long a mail waits for people, and how far they were told of it. Times are wall-clock ms. */
export interface Wait {
  readonly since: number;
  /** The end of it: when the mail goes on by itself, or expires. */
  readonly until: number;
  /** All that was to be told by then was told; null before the first time. */
  readonly toldAt: number | null;
  /** Who has still to hear of it: their hour had no room for one more mail. */
  readonly owed: readonly MailAddress[];
}

/** The decision itself. */
export type Decision =
  | { readonly kind: 'pass' }
  /** `send`: goes on by itself after `forMs`, unless somebody acts. `expire`: waits for somebody, and ends after `forMs`; null is `retention.held`. */
  | { readonly kind: 'hold'; readonly forMs: number; readonly atEnd: 'send' }
  | { readonly kind: 'hold'; readonly forMs: number | null; readonly atEnd: 'expire' }
  | ({ readonly kind: 'approve' } & ApprovalAsk)
  /** The sender hears this text in a DSN; an unauthenticated one hears nothing, and the mail is discarded (design 1). */
  | { readonly kind: 'reject'; readonly text: string }
  | { readonly kind: 'discard' }
  /** A check is down and its absence policy says: inspect again later. */
  | { readonly kind: 'defer' };

export type DecisionKind = Decision['kind'];

/** Who may let a mail go, and until when. */
export interface ApprovalAsk {
  /** Resolved at the decision; never empty. */
  readonly by: readonly MailAddress[];
  /** May act for any of them. */
  readonly deputies: readonly MailAddress[];
  /** So many different people have to agree; at most as many as there are in `by` and `deputies`. */
  readonly least: number;
  /** Null is `retention.held`. */
  readonly expireMs: number | null;
  /** Whether the sender counts when among them. */
  readonly selfApproval: boolean;
  /** Who has agreed so far, each once, by address. Written by custody while the mail waits; absent before the first one. */
  readonly agreed?: readonly string[];
}

/** One thing that is done to a mail on its way. Parts are named by their paths (`PartFacts`), top-level attachments only. */
export type Change =
  /** Attachments go; a line of text says so in their place. */
  | { readonly kind: 'stripAttachments'; readonly parts: readonly string[]; readonly text: string | null }
  /** Attachments become links to a page where they can be fetched. */
  | {
      readonly kind: 'secureLinks';
      readonly parts: readonly string[];
      readonly expireMs: number;
      readonly downloads: number;
      readonly proof: 'code' | 'password' | 'none';
      /** Where its files are kept, and all that its text depends on. Made by inspection; without it the change can't be made. */
      readonly share?: MadeShare;
    }
  /** Attachments become one ZIP under AES, its password in a mail of its own. */
  | {
      readonly kind: 'encryptZip';
      readonly parts: readonly string[];
      /** Who is told the password, once somebody has the mail. */
      readonly passwordTo: 'sender' | 'recipients';
      /** All that its octets depend on. Made by inspection; without it the change can't be made. */
      readonly zip?: MadeZip;
    }
  /** Nobody sees who else gets it: To and Cc are emptied. */
  | { readonly kind: 'forceBcc' }
  /** Each recipient gets a mail of their own that names nobody else. */
  | { readonly kind: 'onePerRecipient' }
  /** A copy of the mail as it leaves, when it has. */
  | { readonly kind: 'addBcc'; readonly to: readonly MailAddress[] }
  /** A copy of the mail as accepted, before any change, with the verdict: also of what is then held. */
  | { readonly kind: 'archiveCopy'; readonly to: readonly MailAddress[] }
  | { readonly kind: 'tagSubject'; readonly text: string }
  | { readonly kind: 'addHeader'; readonly name: string; readonly value: string }
  /** What these detectors find in the mail's text is blacked out. */
  | { readonly kind: 'redact'; readonly detectors: readonly string[] }
  /** RFC 8689: leaves over verified TLS or not at all. */
  | { readonly kind: 'requireTls' }
  /** Says that it comes late, by fields in front of its header section: asked for by a redelivery campaign, never by a rule, and never impossible (H7). */
  | MarkLate
  /** What signatures it leaves with: decided before the first attempt, asked for by no rule of policy (C1). */
  | Sign;

export interface MarkLate {
  readonly kind: 'markLate';
  /** A sentence for whoever reads the fields; null for none. */
  readonly note: string | null;
}

/** All that the octets of its signatures depend on: as they were filled in. None: it was decided that it leaves without. */
export interface Sign {
  readonly kind: 'sign';
  readonly signatures: readonly MadeSignature[];
  /** Of the people that they were made of; empty where none was asked. */
  readonly generation: string;
  /** Wall-clock ms. */
  readonly at: number;
}

/** A signature filled in for one person. Plain values. */
export interface MadeSignature {
  /** Its name. */
  readonly rule: string;
  readonly place: 'below-latest-reply' | 'above' | 'end';
  readonly html: string;
  readonly text: string;
  /** Pictures that `html` shows by `cid:` and their name. */
  readonly images: readonly {
    readonly name: string;
    readonly type: 'image/png' | 'image/jpeg' | 'image/gif';
    readonly base64: string;
  }[];
}

export type ChangeKind = Change['kind'];

/** Files that were cut out of a mail and are kept for its recipients (ports/downloads.ts). No link stands in it: each recipient's is derived. */
export interface MadeShare {
  readonly id: ShareId;
  /** Public base of the pages, as it was then. */
  readonly base: string;
  readonly language: 'en' | 'ja';
  /** As people see them, in the order of the parts. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** What an encrypted ZIP is made from beside its files. Its password stands nowhere: it is derived from the name. */
export interface MadeZip {
  readonly id: ZipId;
  /** What its files say of their age, wall-clock ms. */
  readonly at: number;
  readonly language: 'en' | 'ja';
}

/** Names the ZIP that one change makes of one mail: the same at each inspection of it. */
export type ZipId = string & { readonly __brand: 'ZipId' };

/** Names what one change cuts out of one mail: the same at each inspection of it. */
export type ShareId = string & { readonly __brand: 'ShareId' };

/**
 * Whether something that its changes need was not made when it was inspected: there was no room for its files, or no page to fetch them from. Only
 * inspection makes it.
 */
export function isUnprepared(changes: readonly Change[]): boolean {
  return changes.some(
    (change) =>
      (change.kind === 'secureLinks' && change.share === undefined) ||
      (change.kind === 'encryptZip' && change.zip === undefined),
  );
}

/** Whether the octets of the mail are others for those who get it, or its envelope alone. */
export function changesContent(changes: readonly Change[]): boolean {
  return changes.some((change) =>
    change.kind === 'sign' ? change.signatures.length > 0 : !BESIDE_CONTENT.has(change.kind),
  );
}

/** Changes of the envelope, and copies that go beside the mail. */
const BESIDE_CONTENT: ReadonlySet<ChangeKind> = new Set(['requireTls', 'addBcc', 'archiveCopy']);
