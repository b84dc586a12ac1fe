/**
 * From rules and what is known of a mail to a plan. Pure.
 *
 * A mail is kept unless a rule says otherwise. `discard`, and `forward` with `keep: false`, take back that it is kept by itself, and never
 * what a rule has moved by name, as in Sieve (RFC 5228 §2.10.2).
 *
 * What must never happen: a mail that goes round in circles; one that is neither kept, nor on its way, nor discarded by a rule that says so.
 */
import type { Flag, MailAddress, MailboxName } from '#/model/index.ts';
import type { CompiledRule, CompiledRules } from './compiled.ts';
import type { RuleFacts } from './facts.ts';
import { forwardsMax } from './limits.ts';
import type { Plan } from './plan.ts';
import { plannedAnswer } from './vacation.ts';

const FLAGS: Readonly<Record<string, Flag>> = { seen: '\\Seen', flagged: '\\Flagged', answered: '\\Answered' };

/** `now` is wall-clock ms. */
export function decide({ rules, document: { vacation } }: CompiledRules, facts: RuleFacts, now: number): Plan {
  const draft = new Draft();
  for (const rule of rules) {
    if (!rule.speaksOf(facts)) continue;
    draft.follow(rule);
    if (!rule.continue) break;
  }
  const plan = draft.end(facts);
  // What is thrown away unread is not answered either: its sender would learn that somebody is there.
  const isAnswered = vacation !== undefined && (plan.keep !== null || plan.forwards.length > 0);
  return { ...plan, answer: isAnswered ? plannedAnswer(vacation, facts, now) : null };
}

class Draft {
  readonly #by: string[] = [];
  readonly #flags = new Set<Flag>();
  readonly #forwards = new Map<string, MailAddress>();
  #into: MailboxName | null = null;
  #isDiscarded = false;
  #isSentOn = false;

  follow({ name, action }: CompiledRule): void {
    const { move, mark, forward, keep, discard } = action;
    this.#by.push(name);
    if (move !== undefined) this.#into = move;
    for (const word of mark ?? []) this.#flags.add(FLAGS[word.toLowerCase()] ?? word);
    for (const address of forward ?? []) this.#forwards.set(address.toLowerCase(), address);
    this.#isDiscarded ||= discard;
    this.#isSentOn ||= !keep;
  }

  end(facts: RuleFacts): Omit<Plan, 'answer'> {
    const wanted = [...this.#forwards.values()].filter((address) => !facts.isOwn(address)).slice(0, forwardsMax);
    const wayEnds = wanted.length === 0 ? null : facts.wayEnds;
    const forwards = wayEnds === null ? wanted.filter((address) => !facts.isSharedBy(address)) : [];
    const wayEnded = wayEnds ?? (forwards.length < wanted.length ? 'shared' : null);
    // Nobody is told when a bounce can't be delivered: one that goes on stays here too (RFC 5321 §4.5.5).
    const isSafe = forwards.length > 0 && facts.sender !== null;
    const isUnwanted = this.#isDiscarded || (this.#isSentOn && isSafe);
    // Whatever else was said: what was to go on and can't is not thrown away.
    const isKept = this.#into !== null || wayEnded !== null || !isUnwanted;
    const keep = isKept ? { into: this.#into, flags: [...this.#flags] } : null;
    return { keep, forwards, wayEnded, by: this.#by };
  }
}
