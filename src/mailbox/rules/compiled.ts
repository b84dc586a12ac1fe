/** Rules made ready to be asked of many mails: what costs, and says the same of each, is done once when they are read. */
import { conditionOf, searchesOf } from './conditions.ts';
import type { Rule, RulesDocument } from './document.ts';
import type { RuleFacts } from './facts.ts';
import { stepsMax } from './limits.ts';

export interface CompiledRules {
  /** As the owner wrote it. */
  readonly document: RulesDocument;
  /** Those that are not off. */
  readonly rules: readonly CompiledRule[];
  /** Whether some mail is not to be kept here: a full mailbox says nothing of what becomes of it. */
  readonly mayKeepNothing: boolean;
}

export interface CompiledRule extends Pick<Rule, 'name' | 'action' | 'continue'> {
  readonly speaksOf: (facts: RuleFacts) => boolean;
}

export function compileRules(document: RulesDocument): CompiledRules {
  const active = document.rules.filter(({ off }) => !off);
  const searches = active.reduce((sum, rule) => sum + searchesOf(rule), 0);
  const charsMax = Math.floor(stepsMax / Math.max(1, searches));
  return {
    document,
    rules: active.map((rule) => ({ ...rule, speaksOf: conditionOf(rule, charsMax) })),
    mayKeepNothing: active.some(({ action: { keep, discard } }) => discard || !keep),
  };
}
