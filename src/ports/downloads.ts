/**
 * Secure downloads (H1): files that were cut out of mail, kept until they are fetched, and each recipient's link to them.
 *
 * A *share* is what one change cut out of one mail. A *link* is one recipient's way to it:
 * ```
 *   waiting ── its mail was delivered ─▶ open ── time is over, revoked ─▶ ended ── grace ─▶ forgotten, with its log
 *      └────── its mail ended otherwise ───────────────────────────────────▲
 * ```
 * A locked link is open and gives nothing. Files go when all links of their share have ended; a part of the mail that is judged later brings them anew.
 *
 * What must never happen: a share that a verdict names and that is not durable; a token, a code or a password in the store (their hashes are);
 * more downloads than allowed, however many ask at once; files that outlive their links for good.
 *
 * Keepers: `store/sql/downloads/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/downloads.ts`. Every method may be called again.
 */
import type {
  BlobRef,
  Call,
  MailAddress,
  MailId,
  PolicyVersion,
  RecipientNumber,
  ShareId,
  TenantId,
} from '#/model/index.ts';
import type { ErasedPerson } from './erasure.ts';

export type LinkProof = 'code' | 'password' | 'none';

export interface Downloads {
  /** Whether a share and its files are there, and stay for links that are added. */
  has(share: ShareId, call: Call): Promise<boolean>;

  /**
   * Durable when it resolves. A share that is there stays as it is; links that it lacks are added, and say by which version of the rules. One that
   * has ended by itself is opened once more, with the files given. Else nothing was kept: `full`, since the tenant's files would be more than
   * `quotaBytes` (what is kept at the same moment may go beyond it); `ended`, since it has and no files were given; `revoked`, since a person
   * has ended links of it.
   */
  keep(share: NewShare, quotaBytes: number, call: Call): Promise<KeepAnswer>;

  /** By the hash of a token; null where no link has it. */
  find(tokenHash: string, call: Call): Promise<FoundLink | null>;

  /** Octets that are kept beside the rows, or where they are; null where they are gone. */
  file(share: ShareId, file: number, call: Call): Promise<Buffer | BlobRef | null>;

  /** Counts one download, where the link is open at `now` and one is left; false where not. */
  take(link: LinkKey, file: number, now: number, call: Call): Promise<boolean>;
  /** One that broke off is not counted. */
  giveBack(link: LinkKey, file: number, call: Call): Promise<void>;

  /**
   * Makes a code the one that the link wants, the former one nothing; its tries begin anew. False where the link, or all links to the same
   * address, have had as many as `limits` say.
   */
  setCode(link: LinkKey, code: NewCode, limits: CodeLimits, call: Call): Promise<boolean>;
  /** One try. A right code is used up; a right password is not. With the last wrong one that a link may have it is locked. */
  tryProof(link: LinkKey, attempt: ProofAttempt, call: Call): Promise<'right' | 'wrong' | 'spent'>;

  /** What people do with links of a share: all, or one recipient's. Ended ones are not touched. How many were hit. */
  act(share: ShareId, recipient: RecipientNumber | null, act: LinkAct, call: Call): Promise<number>;

  /** A line of the access log; a share has a bound of them, and the newest are not written beyond it. */
  note(event: NewLinkEvent, call: Call): Promise<void>;

  /** Shares, newest first, behind `after`. */
  list(filter: ShareFilter, after: ShareId | null, limit: number, call: Call): Promise<readonly Share[]>;
  show(share: ShareId, call: Call): Promise<Share | null>;
  /** Oldest first. */
  events(share: ShareId, limit: number, call: Call): Promise<readonly LinkEvent[]>;

  /** Links that are to be looked at by `now`, most urgent first. */
  due(now: number, limit: number, call: Call): Promise<readonly DueLink[]>;
  /** What came of the look. */
  looked(link: LinkKey, result: LookResult, call: Call): Promise<void>;

  /** Takes the files of at most `limit` shares whose links have all ended; gives the blobs that nothing names any more. */
  dropFiles(limit: number, call: Call): Promise<readonly { readonly tenant: TenantId; readonly key: string }[]>;
  /** Forgets at most `limit` shares that ended before `before`; how many went. */
  forget(before: number, limit: number, call: Call): Promise<number>;

  /** Which of these blobs a share still names. */
  blobsInUse(keys: readonly string[], call: Call): Promise<ReadonlySet<string>>;

  /**
   * Puts a person's pseudonym in their place, as owner and as recipient of what has ended, and where they acted; what has not ended stays theirs
   * until it does. How many rows it was.
   */
  erase(person: ErasedPerson, call: Call): Promise<number>;

  /** Octets of all files of a tenant. */
  bytes(tenant: TenantId, call: Call): Promise<number>;

  [Symbol.asyncDispose](): Promise<void>;
}

export type KeepAnswer = 'kept' | 'full' | 'ended' | 'revoked';

export interface LinkKey {
  readonly share: ShareId;
  readonly n: RecipientNumber;
}

/** What holds for all links of a share. Times are wall-clock ms. */
export interface ShareTerms {
  readonly id: ShareId;
  readonly tenant: TenantId;
  readonly message: MailId;
  /** Who sent the mail and has shown it; null where nobody has. */
  readonly owner: MailAddress | null;
  readonly subject: string;
  readonly language: 'en' | 'ja';
  readonly proof: LinkProof;
  /** From the delivery of the mail on. */
  readonly expireMs: number;
  /** Of each file, for each link. */
  readonly downloads: number;
  readonly madeAt: number;
}

export interface NewShare extends ShareTerms {
  readonly files: readonly NewFile[];
  readonly links: readonly NewLink[];
}

export interface NewFile {
  /** As people see it, cleaned. */
  readonly name: string;
  readonly bytes: number;
  readonly content: Buffer | BlobRef;
}

export interface NewLink {
  readonly n: RecipientNumber;
  readonly address: MailAddress;
  readonly tokenHash: string;
  /** Of a password; null where there is none. */
  readonly secretHash: string | null;
  readonly version: PolicyVersion;
}

export interface Share extends ShareTerms {
  readonly files: readonly ShareFile[];
  readonly links: readonly ShareLink[];
}

export interface ShareFile {
  readonly n: number;
  readonly name: string;
  readonly bytes: number;
}

export interface ShareLink {
  readonly n: RecipientNumber;
  readonly address: MailAddress;
  readonly state: 'waiting' | 'open' | 'ended';
  /** Why it has ended; empty before. */
  readonly reason: '' | 'expired' | 'revoked' | 'never sent';
  readonly locked: boolean;
  readonly sentAt: number | null;
  /** Null before its mail was delivered. */
  readonly expiresAt: number | null;
  readonly endedAt: number | null;
  /** Downloads of each file, by its number; a file that nobody fetched is not among them. */
  readonly taken: ReadonlyMap<number, number>;
}

/** A link as its token leads to it. */
export interface FoundLink {
  readonly share: Omit<Share, 'links'>;
  readonly link: ShareLink;
}

export interface NewCode {
  readonly hash: string;
  readonly at: number;
}

export interface CodeLimits {
  /** Within `windowMs`. */
  readonly perLink: number;
  readonly perAddress: number;
  readonly windowMs: number;
}

export interface ProofAttempt {
  readonly hash: string;
  readonly now: number;
  /** Of a code; null for a password, which does not age. */
  readonly validMs: number | null;
  /** Wrong ones for one code, or within `windowMs` for a password. */
  readonly tries: number;
  readonly windowMs: number;
  /** Wrong ones in all, at which the link is locked. */
  readonly wrongMax: number;
}

export type LinkAct =
  | { readonly kind: 'lock' }
  /** Wrong tries begin anew, too. */
  | { readonly kind: 'unlock' }
  | { readonly kind: 'extend'; readonly until: number }
  | { readonly kind: 'revoke'; readonly at: number };

export const LINK_EVENTS = [
  'sent',
  'never sent',
  'code sent',
  'password sent',
  'proved',
  'wrong',
  'downloaded',
  'broke off',
  'expired',
  'locked',
  'unlocked',
  'extended',
  'revoked',
] as const;
export type LinkEventKind = (typeof LINK_EVENTS)[number];

export interface NewLinkEvent {
  readonly share: ShareId;
  /** Null where it is of all links. */
  readonly n: RecipientNumber | null;
  readonly at: number;
  readonly kind: LinkEventKind;
  readonly file: number | null;
  /** Address of the client, or the person who acted; empty where it was ourselves. */
  readonly by: string;
}

export type LinkEvent = Omit<NewLinkEvent, 'share'>;

export interface ShareFilter {
  readonly tenant?: TenantId;
  /** Addresses of one sender. */
  readonly owners?: readonly string[];
  readonly message?: MailId;
}

export interface DueLink extends LinkKey {
  readonly tenant: TenantId;
  readonly message: MailId;
  readonly address: MailAddress;
  readonly language: 'en' | 'ja';
  readonly proof: LinkProof;
  readonly expireMs: number;
  readonly madeAt: number;
  readonly version: PolicyVersion;
  readonly state: 'waiting' | 'open';
  readonly expiresAt: number | null;
  readonly sentAt: number | null;
  /** The password was sent. */
  readonly told: boolean;
}

export type LookResult =
  | { readonly kind: 'later'; readonly lookAt: number }
  | { readonly kind: 'sent'; readonly at: number; readonly expiresAt: number; readonly lookAt: number }
  | { readonly kind: 'told'; readonly lookAt: number }
  | { readonly kind: 'ended'; readonly at: number; readonly reason: 'expired' | 'never sent' };
