/**
 * Answers of operations as the command line reads them. The names are the contract's ("Replies that programs read"); the server checks
 * its own answers by schema, so here they are types only and a command starts without loading a schema.
 */
import type { JournalKind, RecipientState, Stage } from '#/model/index.ts';

export interface TracedMail {
  readonly id: string;
  readonly parent: string | null;
  readonly tenant: string;
  readonly from: string | null;
  readonly subject: string;
  /** RFC 3339. */
  readonly receivedAt: string;
  readonly recipients: readonly TracedRecipient[];
  /** In order of time. */
  readonly events: readonly TraceEvent[];
}

export interface TracedRecipient {
  readonly address: string;
  readonly original: string | null;
  readonly direction: string;
  readonly state: RecipientState;
  readonly reason: string;
  readonly attempts: number;
  readonly lastReply: string;
  readonly possiblyDuplicate: boolean;
  /** RFC 3339; null where ended. */
  readonly due?: string | null;
  /** RFC 3339: when a held one goes on by itself; null where it is given up when due. */
  readonly releaseAt?: string | null;
  readonly destination?: string;
  /** Of what kind its refusal is, and what can be done. */
  readonly failure?: { readonly class: string; readonly advice: { readonly en: string; readonly ja: string } } | null;
}

export interface TraceEvent {
  readonly at: string;
  readonly kind: JournalKind;
  readonly stage: Stage;
  /** Null where the event is of the whole message. */
  readonly recipient: string | null;
  readonly detail: string;
  readonly component?: string;
  readonly attempt?: number;
  readonly elapsedMs?: number;
  /** The server that was tried, `host[address]:port`. */
  readonly peer?: string | null;
}

export interface QueuedMail {
  readonly id: string;
  readonly tenant: string;
  readonly from: string | null;
  readonly recipients: readonly QueuedRecipient[];
}

export interface QueuedRecipient {
  readonly address: string;
  readonly state: RecipientState;
  readonly due: string | null;
  readonly attempts: number;
  readonly lastReply: string;
  readonly reason?: string;
}

export interface AuditAnswer {
  readonly balanced: boolean;
  readonly tenants: readonly ({ readonly tenant: string } & Readonly<Record<BookName, number>>)[];
  readonly orphans: readonly {
    readonly message: string;
    readonly recipient: number;
    readonly tenant: string;
    readonly fault: string;
    readonly mended: boolean;
  }[];
  /** The log of people's acts; `brokenAt` is the first entry that was tampered with. */
  readonly auditLog?: { readonly entries: number; readonly brokenAt: number | null };
}

/** A mail with those of its recipients that wait by policy. */
export interface HeldMail {
  readonly id: string;
  readonly from: string | null;
  readonly subject: string;
  readonly size: number;
  readonly recipients: readonly HeldRecipient[];
}

export interface HeldRecipient {
  readonly address: string;
  readonly original: string | null;
  readonly state: RecipientState;
  readonly reason: string;
  readonly why: { readonly en: string; readonly ja: string };
  readonly until: string | null;
  readonly atEnd: 'sent' | 'expired';
  readonly approval: {
    readonly by: readonly string[];
    readonly deputies: readonly string[];
    readonly least: number;
    readonly agreed: readonly string[];
  } | null;
  readonly may: readonly string[];
}

/** What became of a mail that waited. */
export interface PastMail {
  readonly id: string;
  readonly from: string | null;
  readonly subject: string;
  readonly recipients: readonly { readonly address: string; readonly state: RecipientState }[];
  readonly deeds: readonly {
    readonly at: string;
    readonly what: string;
    readonly by: string | null;
    readonly rule: string | null;
    readonly detail: string;
    readonly recipients: number;
  }[];
}

/** One of them with what is attached; null where that could not be read. */
export interface ShownHeld extends HeldMail {
  readonly attachments: readonly { readonly name: string; readonly bytes: number }[] | null;
}

/** Files of one mail that can be downloaded, and who may. */
export interface SharedFiles {
  readonly id: string;
  readonly owner: string | null;
  readonly subject: string;
  readonly madeAt: string;
  readonly proof: 'code' | 'password' | 'none';
  readonly downloads: number;
  readonly files: readonly { readonly n: number; readonly name: string; readonly bytes: number }[];
  readonly links: readonly {
    readonly recipient: string;
    readonly state: string;
    readonly expiresAt: string | null;
    readonly endedAt: string | null;
    readonly downloads: number;
  }[];
}

/** One of them with its access log, oldest first. */
export interface ShownShare extends SharedFiles {
  readonly log: readonly {
    readonly at: string;
    readonly recipient: string | null;
    readonly kind: string;
    readonly file: string | null;
    readonly by: string;
  }[];
}

/** Whom a window, a part of ours, a rule or a next hop touched (contract). */
export interface AffectedAnswer {
  readonly messages: number;
  readonly recipients: number;
  readonly unserved: number;
  readonly tenants: readonly {
    readonly tenant: string;
    readonly contacts: readonly string[];
    readonly messages: number;
    readonly recipients: number;
    readonly unserved: number;
  }[];
}

/** One of them, as it stands now. */
export interface AffectedItem {
  readonly id: string;
  readonly tenant: string;
  readonly from: string | null;
  readonly subject: string;
  readonly receivedAt: string;
  readonly recipient: number;
  readonly address: string;
  readonly state: RecipientState;
  readonly reason: string;
  readonly served: boolean;
}

/** The content of a mail, base64; `shown` octets of `size`. */
export interface ReadMail {
  readonly id: string;
  readonly size: number;
  readonly shown: number;
  readonly content: string;
}

/** One line of the log of people's acts. */
export interface AuditLine {
  readonly seq: number;
  readonly at: string;
  readonly by: string;
  readonly act: string;
  readonly subject: string;
  readonly reason: string;
}

export type BookName =
  | 'accepted'
  | 'received'
  | 'generated'
  | 'delivered'
  | 'bounced'
  | 'discarded'
  | 'expired'
  | 'held'
  | 'queued';
