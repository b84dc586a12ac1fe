/**
 * What extraction finds out about a mail, and what checks say of it. Facts are plain values (they cross threads and are kept beside the
 * mail for dry runs): a check never sees sockets or time.
 */
import type { Direction } from './mail.ts';
import type { MailAddress } from './mail-address.ts';
import type { RecipientNumber } from './recipient.ts';
import type { Identity, TenantId } from './tenant.ts';
import type { Wording } from './verdict.ts';

/** All that policy may ask of one mail. */
export interface MailFacts {
  readonly tenant: TenantId;
  readonly identity: Identity;
  /** The reverse-path; null is `<>`. */
  readonly sender: MailAddress | null;
  /** Everybody whom this mail really reaches, aliases and groups expanded, those that another verdict has already served left in. */
  readonly recipients: readonly RecipientFacts[];
  /** Octets of the content as accepted. */
  readonly size: number;
  /** Authors of the From field. */
  readonly from: readonly AddressFacts[];
  readonly to: readonly AddressFacts[];
  readonly cc: readonly AddressFacts[];
  readonly replyTo: readonly AddressFacts[];
  /** Decoded, bounded. */
  readonly subject: string;
  /** All header fields of the message, decoded, bounded, in their order; names in lower case. */
  readonly fields: readonly FieldFacts[];
  /** Every part and everything inside of parts, containers before what they hold. The first is the message itself. */
  readonly parts: readonly PartFacts[];
  /** What extraction could not look into, and why: it counts as matched by what would have looked (design 2). */
  readonly unread: readonly Unread[];
}

export interface RecipientFacts {
  readonly n: RecipientNumber;
  readonly address: MailAddress;
  /** As the sender gave it, where an alias or group changed it. */
  readonly original: MailAddress | null;
  readonly direction: Direction;
}

/** An address of a header field, unchecked. */
export interface AddressFacts {
  readonly address: string;
  /** Display name, decoded; empty where there is none. */
  readonly display: string;
}

export interface FieldFacts {
  readonly name: string;
  readonly value: string;
}

/** One part of a mail, or a file inside one, as extraction saw it. */
export interface PartFacts {
  /** Place in the mail: `2.1` is the first part of the second; `2.1/docs/plan.xlsx` a file inside of that, `2.1/a.zip/b.txt` deeper. The message itself is the empty text. */
  readonly path: string;
  readonly role: PartRole;
  /** The name that it asks to be saved under, decoded; null where it has none. Anyone wrote it: nothing about it is certain. */
  readonly name: string | null;
  /** Where its header gives several: what other programs would save it under. Mostly empty. */
  readonly otherNames: readonly string[];
  /** As its header says, in lower case: `application/pdf`; empty for a file inside an archive. A claim, not a fact about the content. */
  readonly declaredType: string;
  /** What the content is by its octets (`application/zip`, `application/vnd.openxmlformats-officedocument.wordprocessingml.document`); null where nothing is known. */
  readonly trueType: string | null;
  /** Octets after transfer decoding; for a file in an archive, unpacked. */
  readonly size: number;
  /** SHA-256 of these octets, hex; null where they were not all read. */
  readonly sha256: string | null;
  /** It, or all that it holds, opens with a password only. */
  readonly encrypted: boolean;
  /** It carries code that an office program may run. */
  readonly macro: boolean;
  /** Its text, decoded and bounded; null where it is of a kind without text. For HTML, what people see and what is hidden from them. */
  readonly text: string | null;
  /** The text was longer than we keep. */
  readonly textCut: boolean;
}

/** `body`: text that a mail program shows at once; `attachment`: what it offers to save; `inside`: a file in an archive, a document in a document; `container`: multipart, message. */
export type PartRole = 'body' | 'attachment' | 'inside' | 'container';

export interface Unread {
  /** Path of the part. */
  readonly part: string;
  /** `encrypted`: no password; `damaged`: not what it says; the others: a bound of ours was reached. */
  readonly why: 'encrypted' | 'damaged' | 'too-deep' | 'too-large' | 'too-many' | 'too-slow' | 'unknown-format';
  /** For people: what and which. */
  readonly detail: string;
}

/** One thing that a check found. */
export interface Finding {
  /** The check's name, as rules and traces have it. */
  readonly check: string;
  /** Path of the part. */
  readonly part: string;
  /** The recipient whom it is about, where it is not about all of them. */
  readonly recipient?: RecipientNumber;
  /** A sentence for the sender and the approver: what it is, and why that matters. */
  readonly reason: Wording;
}
