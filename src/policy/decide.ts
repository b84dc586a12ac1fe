/**
 * The decision: for each recipient the first rule that holds, the installation's before the tenant's own. Rules that `continue` add what they
 * do and let the next ones be looked at; of several decisions the strictest stands. A rule whose check is away does as its absence policy
 * says, and the next ones are looked at too: a check that is down must not keep a mail from being refused.
 */
import type { Change, MailAddress, MailFacts, RecipientFacts, RecipientNumber, Verdict } from '#/model/index.ts';
import { addressKey, isProven } from '#/model/index.ts';
import { planApproval } from './approval.ts';
import type { Answers, CheckId } from './asks.ts';
import { plannedChanges } from './changes.ts';
import type { RuleSet } from './compile.ts';
import { Matcher } from './conditions.ts';
import type { PolicyDirectory } from './directory.ts';
import { TOLD_MAX } from './limits.ts';
import { type Cause, type Match, NO } from './match.ts';
import type { AbsencePolicy, Person, Rule } from './rule.ts';
import { type Ruling, reasonOf, stricter } from './ruling.ts';
import { Scene } from './scene.ts';

/** What the rules make of one mail: a verdict for every recipient, `pass` where no rule holds. Recipients with the same fate share one value. */
export function decide(
  facts: MailFacts,
  answers: Answers,
  ruleSet: RuleSet,
  directory: PolicyDirectory,
): ReadonlyMap<RecipientNumber, Verdict> {
  const decider = new Decider(new Scene(facts, answers, directory), ruleSet);
  return new Map(facts.recipients.map((recipient) => [recipient.n, decider.verdict(recipient)]));
}

/** What rules make of one recipient of a past mail. */
export interface PastVerdict {
  /** Null where it hangs on a question that nobody has put to the mail. */
  readonly verdict: Verdict | null;
  /** Rules of which it can't be said whether they hold. */
  readonly unanswered: readonly string[];
}

/** What the rules would have made of a mail of the past, where not all that they ask was asked: as `decide`, and no guess where that matters. */
export function decidePast(
  facts: MailFacts,
  answers: Answers,
  ruleSet: RuleSet,
  directory: PolicyDirectory,
): ReadonlyMap<RecipientNumber, PastVerdict> {
  const decider = new Decider(new Scene(facts, answers, directory), ruleSet);
  return new Map(facts.recipients.map((recipient) => [recipient.n, decider.pastVerdict(recipient)]));
}

/** What one rule says of one recipient, for people who try rules out. */
export interface RuleOpinion {
  readonly rule: string;
  readonly says: 'holds' | 'does not hold' | 'check is away';
  readonly causes: readonly Cause['text'][];
  /** Rules behind one that holds are not looked at, unless it continues. */
  readonly counted: boolean;
}

/** What each rule says of a recipient, in their order, and which of them counted. */
export function explain(
  facts: MailFacts,
  answers: Answers,
  ruleSet: RuleSet,
  directory: PolicyDirectory,
): ReadonlyMap<RecipientNumber, readonly RuleOpinion[]> {
  const matcher = new Matcher(new Scene(facts, answers, directory));
  return new Map(facts.recipients.map((recipient) => [recipient.n, opinions(ruleSet.rules, matcher, recipient)]));
}

const SAYS = { yes: 'holds', no: 'does not hold', absent: 'check is away' } as const;

function opinions(rules: readonly Rule[], matcher: Matcher, recipient: RecipientFacts): RuleOpinion[] {
  let open = true;
  return rules.map((rule) => {
    const match = matcher.rule(rule, recipient, rule.action.decision.kind === 'pass' ? 'unless' : 'when');
    const counted = open;
    if (match.is === 'yes' && !rule.goOn) open = false;
    return {
      rule: rule.name,
      says: SAYS[match.is],
      causes: match.is === 'yes' ? match.causes.map(({ text }) => text) : [],
      counted,
    };
  });
}

class Decider {
  readonly #scene: Scene;
  readonly #set: RuleSet;
  readonly #matcher: Matcher;
  readonly #shared = new Map<string, Verdict>();

  constructor(scene: Scene, set: RuleSet) {
    this.#scene = scene;
    this.#set = set;
    this.#matcher = new Matcher(scene);
  }

  verdict(recipient: RecipientFacts): Verdict {
    const held: { rule: Rule; match: Match }[] = [];
    const keys: string[] = [];
    for (const [i, rule] of this.#set.rules.entries()) {
      const match = this.#matcher.rule(rule, recipient);
      if (match.is === 'no') continue;
      const ends = this.#end(rule, match, recipient).is === 'yes';
      if (!ends && !doesAnything(rule, match)) continue;
      held.push({ rule, match });
      keys.push(
        `${i}:${match.is === 'yes' ? match.causes.map(({ text }) => text.en).join('|') : match.checks.join('|')}`,
      );
      if (ends) break;
    }
    return this.#shared.getOrInsertComputed(keys.join('\n'), () => this.#verdictOf(held));
  }

  /** The rules that are looked at are the same, whatever an unanswered question would have said: up to the first that surely ends the search. */
  pastVerdict(recipient: RecipientFacts): PastVerdict {
    const unanswered: string[] = [];
    for (const rule of this.#set.rules) {
      const match = this.#matcher.rule(rule, recipient);
      const end = this.#end(rule, match, recipient);
      if (isUnanswered(match) || isUnanswered(end)) unanswered.push(rule.name);
      if (end.is === 'yes') break;
    }
    return { verdict: unanswered.length > 0 ? null : this.verdict(recipient), unanswered };
  }

  /** Whether a rule ends the search. One that lets mail go does only where it surely holds; else it does what it does, and the next ones are looked at. */
  #end(rule: Rule, match: Match, recipient: RecipientFacts): Match {
    if (match.is !== 'yes' || rule.goOn) return NO;
    return rule.action.decision.kind === 'pass' ? this.#matcher.rule(rule, recipient, 'unless') : match;
  }

  #verdictOf(held: readonly { rule: Rule; match: Match }[]): Verdict {
    const { version } = this.#set;
    let ruling: Ruling | null = null;
    const [changes, notify]: [Change[], MailAddress[]] = [[], []];
    for (const { rule, match } of held) {
      const next = match.is === 'absent' ? this.#absence(rule, match.checks) : this.#ruling(rule, match);
      if (next !== null) ruling = ruling === null ? next : stricter(ruling, next);
      if (match.is !== 'yes') continue;
      changes.push(...plannedChanges(rule, this.#scene));
      notify.push(...this.#people(rule.action.notify));
    }
    const { decision, rule } = ruling ?? PASS;
    const leaves = decision.kind !== 'reject' && decision.kind !== 'discard';
    const told = [...new Map(notify.map((address) => [addressKey(address), address])).values()].slice(0, TOLD_MAX);
    return { ...decision, rule, version, reason: reasonOf(ruling), changes: leaves ? changes : [], notify: told };
  }

  #ruling(rule: Rule, match: Match): Ruling {
    const causes = match.is === 'yes' ? match.causes : [];
    const { decision } = rule.action;
    const base = { rule: rule.name, description: rule.description, causes, notes: [] };
    if (decision.kind === 'approve') return { ...base, ...planApproval(decision, this.#scene) };
    // Design 1: unauthenticated mail is never bounced for its content; who is named as its sender would get the report (backscatter).
    if (decision.kind === 'reject' && this.#scene.facts.identity.kind === 'peer')
      return { ...base, decision: { kind: 'discard' } };
    return { ...base, decision };
  }

  #absence(rule: Rule, checks: readonly CheckId[]): Ruling | null {
    const policy = rule.absence ?? strictest(checks.map((check) => this.#set.absences[check] ?? 'hold'));
    if (policy === 'deliver-unchanged') return null;
    const check = (checks[0] ?? '').replace(/^hook:/, '');
    return {
      decision: policy === 'defer' ? { kind: 'defer' } : { kind: 'hold', forMs: null, atEnd: 'expire' },
      rule: null,
      description: null,
      causes: [],
      notes: [
        {
          en: `the check “${check}” that the rule “${rule.name}” needs is away`,
          ja: `ルール「${rule.name}」に必要な検査「${check}」が停止中である`,
        },
      ],
    };
  }

  #people(people: readonly Person[]): MailAddress[] {
    const { identity, sender } = this.#scene.facts;
    return people.flatMap((person): readonly MailAddress[] => {
      if (person === 'admins') return this.#scene.directory.admins;
      // A stranger's reverse-path may be anybody's: what tells them is a mail to a bystander.
      if (person === 'sender') return sender === null || !isProven(identity) ? [] : [sender];
      if (person === 'manager') return [];
      return [person];
    });
  }
}

function isUnanswered(match: Match): boolean {
  return match.is === 'absent' && match.unanswered;
}

function doesAnything({ action }: Rule, match: Match): boolean {
  return match.is === 'absent' || action.decision.kind !== 'pass' || action.changes.length + action.notify.length > 0;
}

const PASS = { decision: { kind: 'pass' }, rule: null } as const;

function strictest(policies: readonly AbsencePolicy[]): AbsencePolicy {
  if (policies.includes('defer')) return 'defer';
  return policies.includes('hold') || policies.length === 0 ? 'hold' : 'deliver-unchanged';
}
