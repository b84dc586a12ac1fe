/** What a draft of rules would have done to mail of the last days: the dry run, from facts that were kept. */
import type { MailFacts, RecipientNumber, Verdict } from '#/model/index.ts';
import type { Answers } from './asks.ts';
import { canonical } from './canonical.ts';
import type { RuleSet } from './compile.ts';
import { decide } from './decide.ts';
import type { PolicyDirectory } from './directory.ts';

/** One mail of the past. `answers` hold those to the questions of both rule sets. */
export interface PastMail {
  readonly id: string;
  readonly facts: MailFacts;
  readonly answers: Answers;
}

export interface DecisionChange {
  readonly mail: string;
  readonly recipient: RecipientNumber;
  readonly before: Verdict;
  readonly after: Verdict;
}

export interface Comparison {
  readonly mails: number;
  readonly recipients: number;
  /** Recipients by what happens to them, before and after: `{ "pass → hold": 12 }`. Those with the same fate are not counted. */
  readonly moves: Readonly<Record<string, number>>;
  /** By rule of the draft: for how many recipients it would decide. A rule that decides for none stands with 0. */
  readonly byRule: Readonly<Record<string, number>>;
  /** The first ones, for people to look at. */
  readonly changes: readonly DecisionChange[];
}

/** Changes that are told one by one. */
export const CHANGES_TOLD_MAX = 1_000;

/** Decides every mail by both rule sets; the order of mails is kept, and memory is bounded whatever their number. */
export function compareDecisions(
  mails: Iterable<PastMail>,
  old: RuleSet,
  draft: RuleSet,
  directory: PolicyDirectory,
): Comparison {
  const byRule: Record<string, number> = Object.fromEntries(draft.rules.map(({ name }) => [name, 0]));
  const moves: Record<string, number> = {};
  const changes: DecisionChange[] = [];
  const seen = { mails: 0, recipients: 0 };
  for (const { id, facts, answers } of mails) {
    const before = decide(facts, answers, old, directory);
    const after = decide(facts, answers, draft, directory);
    seen.mails += 1;
    for (const [recipient, next] of after) {
      seen.recipients += 1;
      if (next.rule !== null) byRule[next.rule] = (byRule[next.rule] ?? 0) + 1;
      const was = before.get(recipient);
      if (was === undefined || fateOf(was) === fateOf(next)) continue;
      const move = `${was.kind} → ${next.kind}`;
      moves[move] = (moves[move] ?? 0) + 1;
      if (changes.length < CHANGES_TOLD_MAX) changes.push({ mail: id, recipient, before: was, after: next });
    }
  }
  return { ...seen, moves, byRule, changes };
}

// What happens, not which version says so, nor in which words.
function fateOf({ version: _version, reason: _reason, ...fate }: Verdict): string {
  return canonical(fate);
}
