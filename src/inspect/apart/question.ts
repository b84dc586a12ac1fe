/** What the thread for large mail is asked, and what it says: values that cross threads. */
import type { MailFacts, Unread } from '#/model/index.ts';
import type { Answer, Answers, Ask, CheckName, Deadlines } from '#/policy/index.ts';
import type { CheckAids } from '../checks.ts';
import type { EnvelopeFacts } from '../extract/index.ts';

/** A mail as it came, or one that was read already and whose texts are long. */
export type LargeMail = { readonly content: Uint8Array; readonly about: EnvelopeFacts } | { readonly facts: MailFacts };

/** The questions of a rule set, and what the checks need beside the facts. */
export interface LargeAsks {
  /** Names the rule set: its checks are made ready once. */
  readonly version: string;
  readonly asks: readonly Ask[];
  readonly aids: CheckAids;
  readonly deadlines: Deadlines;
}

export interface LargeQuestion {
  readonly mail: LargeMail;
  /** Null where only the facts are wanted. */
  readonly asked: LargeAsks | null;
  /** Whether the facts are to come with the texts, which are long. */
  readonly texts: boolean;
  /** For reading and for all checks together, ms. */
  readonly waitMs: number;
}

export type LargeSaid =
  | { readonly kind: 'facts'; readonly facts: MailFacts }
  | { readonly kind: 'answers'; readonly answers: Answers }
  | { readonly kind: 'fault'; readonly check: CheckName; readonly why: string };

/** For whoever decides by what the checks have said. */
export function withoutTexts(facts: MailFacts): MailFacts {
  return { ...facts, parts: facts.parts.map((part) => ({ ...part, text: null })) };
}

/** A mail over which the thread was lost: nothing is known of it, and all that could have been found counts as found. */
export function unreadable({ mail }: LargeQuestion, why: Unread['why']): MailFacts {
  if ('facts' in mail) return mail.facts;
  const nothing = { from: [], to: [], cc: [], replyTo: [], subject: '', fields: [], parts: [] };
  const unread = [{ part: '', why, detail: 'it could not be read within the bounds of time and memory' }];
  return { ...mail.about, size: mail.content.length, ...nothing, unread };
}

export function allUnread({ asked }: LargeQuestion): Answers {
  const unread: Answer = { kind: 'looked', count: 0, findings: [], unread: true };
  return new Map((asked?.asks ?? []).filter(({ check }) => check !== 'hook').map(({ key }) => [key, unread]));
}
