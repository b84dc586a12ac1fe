import type { DestinationKey } from './destination.ts';
import type { MailAddress } from './mail-address.ts';
import type { MailId } from './mail-id.ts';
import type { HeldReason, RecipientNumber } from './recipient.ts';
import type { Identity, TenantId } from './tenant.ts';

/** `received` from a peer or a signed-in sender, `generated` here (DSN, notice, campaign): the two sides of `accepted` in the books. */
export type Origin = 'received' | 'generated';

/** `dsn` and `notice` carry the null reverse-path, bypass holds, and end `discarded` where other mail would bounce. `probe` is left out of the books shown. */
export type Purpose = 'mail' | 'dsn' | 'notice' | 'probe';

/** Per recipient: to the world or another tenant, inside the tenant, or from the world (contract). */
export type Direction = 'outbound' | 'internal' | 'inbound';

/** What the envelope asks of every later hop (RFC 6152, RFC 6531, RFC 8689, RFC 3461 §4.3 and §4.4). */
export interface TransportNeeds {
  readonly eightBit: boolean;
  readonly smtpUtf8: boolean;
  readonly requireTls: boolean;
  readonly ret: 'full' | 'hdrs' | null;
  readonly envid: string | null;
}

/** Header values that trace shows. Bounded and decoded at the door; empty strings where the mail has none. */
export interface ContentFacts {
  readonly from: string;
  readonly subject: string;
  readonly messageId: string;
}

/** Which DSNs are wanted; all false is NOTIFY=NEVER; absent NOTIFY means failure and delay (RFC 3461 §4.1). */
export interface Notify {
  readonly success: boolean;
  readonly failure: boolean;
  readonly delay: boolean;
}

/** ORCPT: address type and decoded address (RFC 3461 §4.2). */
export interface OriginalRecipient {
  readonly type: string;
  readonly address: string;
}

/** Content kept outside the row: named by a blob store, shared only by reference rows of one tenant. */
export interface BlobRef {
  readonly key: string;
  readonly size: number;
  /** SHA-256 of the content, hex. */
  readonly sha256: string;
}

/**
 * The content in wire form: header section (our Received first) and body, CRLF line ends, not dot-stuffed.
 * Small content is a few views in memory; large content is already durable in the blob store.
 */
export type Body =
  | { readonly kind: 'memory'; readonly chunks: readonly Uint8Array[]; readonly size: number }
  | { readonly kind: 'blob'; readonly ref: BlobRef; readonly size: number };

/** One forward-path as it enters custody: aliases and groups are already expanded (design 1, Doors). */
export interface ArrivedRecipient {
  readonly n: RecipientNumber;
  readonly address: MailAddress;
  /** The address as the peer gave it, where an alias, group or catch-all changed it. */
  readonly original: MailAddress | null;
  readonly orcpt: OriginalRecipient | null;
  readonly notify: Notify;
  readonly direction: Direction;
  readonly destination: DestinationKey;
  /** `null` starts queued and due now; a reason starts held until `retention.held` ends. */
  readonly held: HeldReason | null;
}

/** What custody keeps of a message beside its content and its recipients. */
export interface MailInCustody {
  readonly id: MailId;
  readonly parent: MailId | null;
  readonly tenant: TenantId;
  readonly origin: Origin;
  readonly purpose: Purpose;
  /** The reverse-path; null is `<>`. */
  readonly sender: MailAddress | null;
  readonly identity: Identity;
  /** Wall-clock ms of acceptance. */
  readonly receivedAt: number;
  readonly needs: TransportNeeds;
  readonly facts: ContentFacts;
  /** Received fields at acceptance, ours included. */
  readonly hops: number;
  /** Octets of the content. */
  readonly size: number;
}

/** One message at the door. */
export interface ArrivedMail extends MailInCustody {
  readonly recipients: readonly ArrivedRecipient[];
  readonly body: Body;
}
