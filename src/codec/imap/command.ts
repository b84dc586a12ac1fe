/**
 * Commands of IMAP as values: what a client asked, checked for form and for nothing else (RFC 9051 §6, RFC 3501 §6 and the extensions
 * that are named beside each). Names of mailboxes are decoded (modified UTF-7 or UTF-8), dates are read, sets keep `*` as null.
 */
import type { Flag, MailboxName, ModSeq, SpecialUse } from '#/model/index.ts';

/** Numbers or UIDs (RFC 9051 §9, sequence-set). `null` is `*`; a range may be written from either end. `'$'` is the saved result (SEARCHRES). */
export type SequenceSet = readonly SetRange[] | '$';
export type SetRange = readonly [from: number | null, to: number | null];

/** What is asked of one message. */
export type FetchItem =
  | { readonly kind: 'uid' | 'flags' | 'internaldate' | 'size' | 'envelope' | 'bodystructure' | 'body' }
  | { readonly kind: 'modseq' | 'emailid' | 'threadid' | 'savedate' }
  /** `lazy` (RFC 8970 §3.1): only if it is at hand. */
  | { readonly kind: 'preview'; readonly lazy: boolean }
  /** `BODY[…]<…>`, and RFC822, RFC822.HEADER, RFC822.TEXT of rev1 with the name by which they are answered. */
  | {
      readonly kind: 'section';
      readonly section: Section;
      readonly peek: boolean;
      readonly partial: Partial | null;
      readonly answeredAs: 'BODY' | 'RFC822' | 'RFC822.HEADER' | 'RFC822.TEXT';
    }
  /** RFC 3516: the part decoded. */
  | {
      readonly kind: 'binary';
      readonly part: readonly number[];
      readonly peek: boolean;
      readonly partial: Partial | null;
    }
  | { readonly kind: 'binarysize'; readonly part: readonly number[] };

export interface Partial {
  readonly from: number;
  readonly bytes: number;
}

/** RFC 9051 §6.4.5.1. `part` empty is the whole message. */
export interface Section {
  readonly part: readonly number[];
  readonly of: 'all' | 'header' | 'fields' | 'fields-not' | 'text' | 'mime';
  /** Names as the client wrote them; of `fields` and `fields-not`. */
  readonly names: readonly string[];
}

/** RFC 9051 §6.4.4 with RFC 7162 (MODSEQ), 5032 (OLDER, YOUNGER), 8474 (EMAILID, THREADID), 8514 (SAVED…). Days are wall-clock ms of their UTC midnight. */
export type SearchKey =
  | { readonly kind: 'all' | 'saveDateSupported' }
  | { readonly kind: 'numbers'; readonly set: SequenceSet }
  | { readonly kind: 'uids'; readonly set: SequenceSet }
  /** Has, or has not, a flag. NEW, OLD and RECENT are read by their meaning without \Recent. */
  | { readonly kind: 'flag'; readonly flag: Flag; readonly has: boolean }
  | {
      readonly kind: 'day';
      readonly of: 'received' | 'sent' | 'saved';
      readonly when: 'before' | 'on' | 'since';
      readonly day: number;
    }
  /** By INTERNALDATE, seconds before now. */
  | { readonly kind: 'age'; readonly when: 'older' | 'younger'; readonly seconds: number }
  | { readonly kind: 'size'; readonly when: 'larger' | 'smaller'; readonly bytes: number }
  /** Substring of a header field, decoded, without case; empty text: the field is there. Names in lower case. */
  | { readonly kind: 'header'; readonly name: string; readonly text: string }
  | { readonly kind: 'text'; readonly of: 'body' | 'text'; readonly text: string }
  | { readonly kind: 'modseq'; readonly atLeast: ModSeq }
  | { readonly kind: 'emailid' | 'threadid'; readonly id: string }
  | { readonly kind: 'not'; readonly key: SearchKey }
  | { readonly kind: 'or'; readonly keys: readonly [SearchKey, SearchKey] }
  | { readonly kind: 'and'; readonly keys: readonly SearchKey[] };

/** RFC 4731, RFC 5182. Null: the old answer without ESEARCH. */
export interface SearchReturn {
  readonly min: boolean;
  readonly max: boolean;
  readonly all: boolean;
  readonly count: boolean;
  readonly save: boolean;
}

/** RFC 5256 §3. */
export interface SortCriterion {
  readonly by: 'arrival' | 'cc' | 'date' | 'from' | 'size' | 'subject' | 'to';
  readonly reverse: boolean;
}

export type StatusItem =
  | 'messages'
  | 'recent'
  | 'uidnext'
  | 'uidvalidity'
  | 'unseen'
  | 'deleted'
  | 'size'
  | 'highestmodseq'
  | 'mailboxid'
  | 'appendlimit';

/** LIST with RFC 5258, 5819 and 6154. The old LSUB is `lsub`. */
export interface ListCommand {
  readonly name: 'LIST';
  readonly lsub: boolean;
  readonly select: {
    readonly subscribed: boolean;
    readonly remote: boolean;
    readonly recursiveMatch: boolean;
    readonly specialUse: boolean;
  };
  readonly reference: string;
  /** Decoded, `*` and `%` left. */
  readonly patterns: readonly string[];
  readonly returns: {
    readonly subscribed: boolean;
    readonly children: boolean;
    readonly specialUse: boolean;
    readonly status: readonly StatusItem[];
  };
  /** Asked by the extended syntax: then the answer is that of RFC 5258. */
  readonly extended: boolean;
}

export interface SelectCommand {
  readonly name: 'SELECT' | 'EXAMINE';
  readonly mailbox: MailboxName;
  readonly condstore: boolean;
  /** RFC 7162 §3.2.5. */
  readonly qresync: {
    readonly uidValidity: number;
    readonly modSeq: ModSeq;
    readonly known: SequenceSet | null;
    readonly match: { readonly numbers: SequenceSet; readonly uids: SequenceSet } | null;
  } | null;
}

/** One message of APPEND (RFC 3502: several in one command). Its octets come as literals of their own, so they are not here. */
export interface AppendHead {
  readonly flags: readonly Flag[];
  /** Wall-clock ms; null: now. */
  readonly receivedAt: number | null;
}

/** Without `tag`, which stands beside it. */
export type Command =
  | {
      readonly name:
        | 'CAPABILITY'
        | 'NOOP'
        | 'LOGOUT'
        | 'STARTTLS'
        | 'NAMESPACE'
        | 'CHECK'
        | 'CLOSE'
        | 'UNSELECT'
        | 'IDLE';
    }
  /** `initial`: SASL-IR (RFC 4959), base64 as it came; `''` for `=`. */
  | { readonly name: 'AUTHENTICATE'; readonly mechanism: string; readonly initial: string | null }
  | { readonly name: 'LOGIN'; readonly user: string; readonly password: string }
  /** Upper case, unknown ones too (RFC 5161 §3.1). */
  | { readonly name: 'ENABLE'; readonly capabilities: readonly string[] }
  /** RFC 2971; null for NIL. */
  | { readonly name: 'ID'; readonly fields: readonly (readonly [string, string | null])[] | null }
  | SelectCommand
  | { readonly name: 'CREATE'; readonly mailbox: MailboxName; readonly specialUse: SpecialUse | null }
  | { readonly name: 'DELETE' | 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly mailbox: MailboxName }
  | { readonly name: 'RENAME'; readonly from: MailboxName; readonly to: MailboxName }
  | ListCommand
  | { readonly name: 'STATUS'; readonly mailbox: MailboxName; readonly items: readonly StatusItem[] }
  | { readonly name: 'GETQUOTA'; readonly root: string }
  | { readonly name: 'GETQUOTAROOT'; readonly mailbox: MailboxName }
  | { readonly name: 'APPEND'; readonly mailbox: MailboxName; readonly mails: readonly AppendHead[] }
  | { readonly name: 'EXPUNGE'; readonly uids: SequenceSet | null }
  | {
      readonly name: 'SEARCH';
      readonly uid: boolean;
      readonly returns: SearchReturn | null;
      readonly charset: string | null;
      readonly key: SearchKey;
    }
  | {
      readonly name: 'SORT';
      readonly uid: boolean;
      readonly returns: SearchReturn | null;
      readonly criteria: readonly SortCriterion[];
      readonly charset: string;
      readonly key: SearchKey;
    }
  | {
      readonly name: 'THREAD';
      readonly uid: boolean;
      readonly algorithm: 'ORDEREDSUBJECT' | 'REFERENCES';
      readonly charset: string;
      readonly key: SearchKey;
    }
  | {
      readonly name: 'FETCH';
      readonly uid: boolean;
      readonly set: SequenceSet;
      readonly items: readonly FetchItem[];
      readonly changedSince: ModSeq | null;
      readonly vanished: boolean;
    }
  | {
      readonly name: 'STORE';
      readonly uid: boolean;
      readonly set: SequenceSet;
      readonly how: 'add' | 'remove' | 'replace';
      readonly silent: boolean;
      readonly flags: readonly Flag[];
      readonly unchangedSince: ModSeq | null;
    }
  | { readonly name: 'COPY' | 'MOVE'; readonly uid: boolean; readonly set: SequenceSet; readonly mailbox: MailboxName };
