/**
 * What is read of a message once, when it comes to a mailbox, and kept beside it: enough for ENVELOPE, BODYSTRUCTURE, PREVIEW, sections,
 * search, sort and threads without looking into the octets again (RFC 9051 §7.5.2, RFC 2045).
 *
 * Strings in `Envelope` and `Part` are raw: as on the wire, unfolded, encoded words left, octets above 127 read as UTF-8 or, where
 * they are none, as Latin-1. Those of `MessageFacts` itself are decoded.
 */

/** RFC 9051 §7.5.2: the address structure. A group begins with `host` null and `mailbox` its name, and ends with both null. */
export interface EnvelopeAddress {
  readonly name: string | null;
  readonly mailbox: string | null;
  readonly host: string | null;
}

export interface Envelope {
  readonly date: string | null;
  readonly subject: string | null;
  /** Sender and Reply-To are From where the message has none. */
  readonly from: readonly EnvelopeAddress[];
  readonly sender: readonly EnvelopeAddress[];
  readonly replyTo: readonly EnvelopeAddress[];
  readonly to: readonly EnvelopeAddress[];
  readonly cc: readonly EnvelopeAddress[];
  readonly bcc: readonly EnvelopeAddress[];
  readonly inReplyTo: string | null;
  readonly messageId: string | null;
}

/** A name and a value (RFC 2045 §5.1), RFC 2231 continuations joined, charset and language marks left as `name*`. */
export type Parameter = readonly [name: string, value: string];

/** One body part. Offsets are octets of the whole message: its header section is `[head, body)`, its body `[body, end)`. */
export interface Part {
  /** Lower case. */
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly Parameter[];
  readonly id: string | null;
  readonly description: string | null;
  /** Content-Transfer-Encoding, lower case; `7bit` where there is none. */
  readonly encoding: string;
  readonly md5: string | null;
  readonly disposition: { readonly kind: string; readonly parameters: readonly Parameter[] } | null;
  readonly language: readonly string[];
  readonly location: string | null;
  readonly head: number;
  readonly body: number;
  readonly end: number;
  /** Lines of the body; of text and message/rfc822 only, else 0. */
  readonly lines: number;
  /** Of multipart. */
  readonly parts: readonly Part[];
  /** Of message/rfc822 and message/global: the message inside. */
  readonly message: { readonly envelope: Envelope; readonly structure: Part } | null;
}

export interface MessageFacts {
  readonly envelope: Envelope;
  /** Its header section begins at 0 and is the message's. */
  readonly structure: Part;
  /** Decoded subject, bounded. */
  readonly subject: string;
  /** Decoded first author as it is shown: a name or an address, bounded. */
  readonly from: string;
  /** The Date field, wall-clock ms; null where it can't be read. */
  readonly sentAt: number | null;
  /** Message-IDs of References, else In-Reply-To, oldest first, bounded; without angle brackets. For threads (RFC 5256 §2.2). */
  readonly references: readonly string[];
  /** Without angle brackets; null where it has none. */
  readonly messageId: string | null;
  /** RFC 8970: up to 200 characters of the text, blanks joined. */
  readonly preview: string;
  readonly hasAttachment: boolean;
  /** Terms for search (`termsOf`), bounded: of the header fields that people search, and of the text of the body. */
  readonly headTerms: readonly string[];
  readonly bodyTerms: readonly string[];
}
