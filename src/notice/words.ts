/** The words of notices, in the languages that tenants can choose. Names, addresses and times come in as texts that are ready to be shown. */
import { en } from './words-en.ts';
import { ja } from './words-ja.ts';

export type Language = 'en' | 'ja';

/** What somebody did to mail that waited. */
export type Deed = 'release' | 'stop' | 'delete' | 'approve' | 'expire';

/** What a sender may do to their own mail. */
export type OwnVerbs = 'send, stop, delete' | 'delete';

export interface Words {
  readonly locale: string;
  readonly from: string;
  readonly subject: {
    held(mail: string, until: string | null): string;
    waits(mail: string): string;
    asked(mail: string): string;
    matched(rule: string | null, mail: string): string;
    stillHeld(mail: string, until: string): string;
    stillAsked(mail: string, until: string): string;
    done(deed: Deed, mail: string): string;
    digest(mails: number): string;
  };
  readonly opening: {
    readonly held: string;
    asked(from: string): string;
    readonly deputy: string;
    matched(from: string): string;
    readonly stillHeld: string;
    readonly stillAsked: string;
    done(deed: Deed, by: string): string;
    digest(mails: number): string;
  };
  readonly label: {
    readonly from: string;
    readonly to: string;
    readonly mail: string;
    readonly why: string;
    readonly next: string;
    readonly comment: string;
    readonly id: string;
  };
  readonly fate: {
    sentAt(when: string): string;
    expiresAt(when: string): string;
    approval(people: string, least: number, when: string): string;
    readonly passed: string;
    bounced(text: string): string;
    readonly discarded: string;
  };
  readonly act: {
    own(verbs: OwnVerbs): string;
    release(admins: string): string;
    readonly decide: string;
    list(kind: 'held' | 'approvals'): string;
    /** The page of the link asks who they are. */
    readonly signIn: string;
    byOperator(command: string): string;
  };
  readonly unnamed: string;
  readonly operator: string;
  readonly nothingToDo: string;
  more(count: number): string;
  /** Mails of which no notice of their own tells. */
  leftOut(count: number): string;
  /** A sender who has not shown who they are. */
  claims(from: string): string;
  mailOf(id: string): string;
  footer(tenant: string): string;
}

const WORDS: Readonly<Record<Language, Words>> = { en, ja };

export function wordsFor(language: Language): Words {
  return WORDS[language];
}
