/**
 * What rules ask of checks, and what checks answer. Policy names the questions of a rule set (`RuleSet.asks`); inspection puts each of them
 * once to a mail's facts, whatever the number of rules that wait for it; policy decides by the answers.
 */
import type { Finding } from '#/model/index.ts';

/** Where text is looked at. `attachments` is what people save, and everything inside of it. */
export const SCOPES = ['subject', 'body', 'attachments'] as const;
export type Scope = (typeof SCOPES)[number];

/** Detectors of data by its form, most of them with check digits. */
export const DETECTORS = [
  'creditCard',
  'iban',
  'myNumber',
  'corporateNumber',
  'passport',
  'phoneList',
  'mailList',
  'apiKey',
] as const;
export type DetectorName = (typeof DETECTORS)[number];

/** Kinds of files by what they are. */
export const FILE_TYPES = [
  'archive',
  'audio',
  'executable',
  'image',
  'mail',
  'office',
  'pdf',
  'script',
  'video',
] as const;
export type FileType = (typeof FILE_TYPES)[number];

/** What the attachments that a rule looks for are like: all that is given must hold of one. Null and empty ask nothing. */
export interface AttachmentTraits {
  /** Globs, in lower case. */
  readonly names: readonly string[];
  readonly types: readonly FileType[];
  readonly sizeMin: number | null;
  readonly encrypted: boolean;
  readonly macro: boolean;
  /** It is not what its name or its header says. */
  readonly disguised: boolean;
  /** Its name makes it a program (`checks/attachment-name`). */
  readonly dangerous: boolean;
}

export type Question =
  | { readonly check: 'words'; readonly words: readonly string[]; readonly in: readonly Scope[] }
  | { readonly check: 'pattern'; readonly patterns: readonly string[]; readonly in: readonly Scope[] }
  | {
      readonly check: 'header';
      readonly name: string;
      readonly words: readonly string[];
      readonly patterns: readonly string[];
    }
  | { readonly check: DetectorName; readonly in: readonly Scope[] }
  | { readonly check: 'attachments'; readonly traits: AttachmentTraits }
  | { readonly check: 'freeMail' }
  | { readonly check: 'lookAlike'; readonly of: readonly string[] }
  /** Whether the sender has written to them before, or anybody of the tenant. */
  | { readonly check: 'firstTime'; readonly whose: 'sender' | 'tenant' }
  | { readonly check: 'fingerprint'; readonly similarity: number }
  /** Servers beside ours, by the names that `checks` of holdfast.yaml gives them: one of them has to find something, or to give this score. */
  | { readonly check: 'hook'; readonly names: readonly string[]; readonly scoreMin: number | null };

export type CheckName = Question['check'];

/** What may be away: a check of ours, or a server beside it. */
export type CheckId = CheckName | `hook:${string}`;

/** Whose absence it is when a question has no answer. */
export function checksOf(ask: Question): readonly CheckId[] {
  return ask.check === 'hook' ? ask.names.map((name): CheckId => `hook:${name}`) : [ask.check];
}

/** A question and the name under which its answer is found: equal questions have equal keys. */
export type Ask = Question & { readonly key: string };

/** What a check says of one mail. */
export type Answer =
  | {
      readonly kind: 'looked';
      /** Different things that were found; a number that stands in text and HTML is one. */
      readonly count: number;
      /** The first few of them, and for checks about recipients one for each. */
      readonly findings: readonly Finding[];
      /** Something that it would have looked into could not be read: counts as found (design 2). */
      readonly unread: boolean;
    }
  /** The check is down, late, or has no data: `hold` unless its absence policy says otherwise. */
  | { readonly kind: 'absent'; readonly why: string };

/** By `Ask.key`. A question without an answer is one whose check is absent, never one that found nothing. */
export type Answers = ReadonlyMap<string, Answer>;

/** Checks whose findings are each about one recipient. */
export function isAboutRecipients(check: CheckName): boolean {
  return check === 'freeMail' || check === 'lookAlike' || check === 'firstTime';
}
