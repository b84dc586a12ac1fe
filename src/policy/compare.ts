/**
 * What a draft of rules would have done to mail of the last days, beside what the rules of now would: the dry run, from facts that were kept.
 * Where a recipient's fate hangs on a question that nobody has put to the mail, it is counted as unanswered, never guessed.
 */
import type { DecisionKind, MailFacts, RecipientNumber, Verdict } from '#/model/index.ts';
import type { Answers } from './asks.ts';
import { canonical } from './canonical.ts';
import type { RuleSet } from './compile.ts';
import { decidePast, type PastVerdict } from './decide.ts';
import type { PolicyDirectory } from './directory.ts';

/** One mail of the past. A question of either side that `answers` lacks was never put to it. */
export interface PastMail {
  readonly id: string;
  readonly facts: MailFacts;
  readonly answers: Answers;
}

/** Rules, and whom they are about. */
export interface ComparedRules {
  readonly rules: RuleSet;
  readonly directory: PolicyDirectory;
}

export interface DecisionChange {
  readonly mail: string;
  readonly recipient: RecipientNumber;
  readonly before: Verdict;
  readonly after: Verdict;
}

/** What one rule of the draft would have done. */
export interface RuleTally {
  /** For whom it would have decided. */
  readonly recipients: number;
  readonly mails: number;
  /** The first of these mails. */
  readonly first: readonly string[];
  /** Recipients of whom it can't be said whether it holds. */
  readonly unanswered: number;
}

export interface Comparison {
  readonly mails: number;
  readonly recipients: number;
  /** Recipients by what the draft would have decided. */
  readonly outcomes: Readonly<Record<DecisionKind, number>>;
  /** Of whom it can't be said what the draft, or what the rules of now would have decided. */
  readonly unanswered: { readonly draft: number; readonly now: number };
  /** Recipients by what happens to them, before and after: `{ "pass → hold": 12 }`. Those with the same fate are not counted. */
  readonly moves: Readonly<Record<string, number>>;
  /** By rule of the draft, in their order. A rule that decides for none stands with 0. */
  readonly byRule: ReadonlyMap<string, RuleTally>;
  /** The first ones, for people to look at. */
  readonly changes: readonly DecisionChange[];
}

/** Changes that are told one by one, and mails that are named of each rule. */
const CHANGES_TOLD_MAX = 1_000;
const FIRST_MAX = 10;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Tally = Mutable<Omit<RuleTally, 'first'>> & { readonly first: string[] };

/** Takes mail after mail; memory is bounded whatever their number. */
export class DryRun {
  readonly #now: ComparedRules;
  readonly #draft: ComparedRules;
  readonly #byRule: ReadonlyMap<string, Tally>;
  readonly #outcomes = { pass: 0, hold: 0, approve: 0, reject: 0, discard: 0, defer: 0 };
  readonly #unanswered = { draft: 0, now: 0 };
  readonly #moves: Record<string, number> = {};
  readonly #changes: DecisionChange[] = [];
  #mails = 0;
  #recipients = 0;

  constructor(now: ComparedRules, draft: ComparedRules) {
    this.#now = now;
    this.#draft = draft;
    this.#byRule = new Map(
      draft.rules.rules.map(({ name }) => [name, { recipients: 0, mails: 0, first: [], unanswered: 0 }]),
    );
  }

  /** Decides it by both. */
  take({ id, facts, answers }: PastMail): void {
    const before = decidePast(facts, answers, this.#now.rules, this.#now.directory);
    const after = decidePast(facts, answers, this.#draft.rules, this.#draft.directory);
    this.#mails += 1;
    const holding = new Set<string>();
    for (const [recipient, next] of after) {
      this.#recipients += 1;
      this.#count(next, holding);
      const was = before.get(recipient)?.verdict ?? null;
      if (was === null) this.#unanswered.now += 1;
      else if (next.verdict !== null) this.#compare(id, recipient, was, next.verdict);
    }
    for (const rule of holding) this.#name(rule, id);
  }

  get result(): Comparison {
    return {
      mails: this.#mails,
      recipients: this.#recipients,
      outcomes: { ...this.#outcomes },
      unanswered: { ...this.#unanswered },
      moves: { ...this.#moves },
      byRule: new Map([...this.#byRule].map(([name, tally]) => [name, { ...tally, first: [...tally.first] }])),
      changes: [...this.#changes],
    };
  }

  #count({ verdict, unanswered }: PastVerdict, holding: Set<string>): void {
    for (const rule of unanswered) this.#tally(rule).unanswered += 1;
    if (verdict === null) {
      this.#unanswered.draft += 1;
      return;
    }
    this.#outcomes[verdict.kind] += 1;
    if (verdict.rule === null) return;
    this.#tally(verdict.rule).recipients += 1;
    holding.add(verdict.rule);
  }

  #compare(mail: string, recipient: RecipientNumber, before: Verdict, after: Verdict): void {
    if (fateOf(before) === fateOf(after)) return;
    const move = `${before.kind} → ${after.kind}`;
    this.#moves[move] = (this.#moves[move] ?? 0) + 1;
    if (this.#changes.length < CHANGES_TOLD_MAX) this.#changes.push({ mail, recipient, before, after });
  }

  #name(rule: string, mail: string): void {
    const tally = this.#tally(rule);
    tally.mails += 1;
    if (tally.first.length < FIRST_MAX) tally.first.push(mail);
  }

  #tally(rule: string): Tally {
    return this.#byRule.get(rule) ?? { recipients: 0, mails: 0, first: [], unanswered: 0 };
  }
}

// What happens, not which version says so, nor in which words.
function fateOf({ version: _version, reason: _reason, ...fate }: Verdict): string {
  return canonical(fate);
}
