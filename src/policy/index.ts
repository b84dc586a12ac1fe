/**
 * Policy: what happens to a mail, for each of its recipients, by rules that people write (H1). Facts and the answers of checks in, verdicts out.
 *
 * Rules are read with all their mistakes (`schema/`), put together for a tenant (`compile.ts`: the installation's in front), and reviewed for
 * what can never hold (`review.ts`). A rule set names the questions that checks have to answer (`asks.ts`); `decide` takes the answers.
 * It is pure: no socket, clock or store. The same facts, answers and rules give the same verdicts, so that dry runs (`compare.ts`) and
 * a second worker come to the same end.
 *
 * What must never happen: a recipient without a verdict; a check that did not answer, or a part that nobody could read, taken for "nothing
 * found"; an exception that holds because something could not be read, or because a stranger claims to be one of us; an approval that
 * waits for nobody or for its own sender; two versions with one name.
 *
 * Carries H1 (verdict per recipient), M4 (absence policy).
 */
export {
  type Answer,
  type Answers,
  type Ask,
  type AttachmentTraits,
  type CheckId,
  type CheckName,
  DETECTORS,
  type DetectorName,
  type FileType,
  isAboutRecipients,
  type Question,
  type Scope,
} from './asks.ts';
export {
  type ComparedRules,
  type Comparison,
  type DecisionChange,
  DryRun,
  type PastMail,
  type RuleTally,
} from './compare.ts';
export { type AbsencePolicies, asksOf, compileRules, type RuleSet, type RulesOfOwners } from './compile.ts';
export { decide, decidePast, explain, type PastVerdict, type RuleOpinion } from './decide.ts';
export { type PolicyDirectory, policyDirectory } from './directory.ts';
export { domainKey } from './domain-key.ts';
export { foldCase } from './literal.ts';
export { type CompiledPattern, compilePattern } from './pattern.ts';
export { PRESETS, type PresetName } from './presets.ts';
export { type ReviewContext, type RuleWarning, reviewRules } from './review.ts';
export { ABSENCE_POLICIES, type AbsencePolicy, type Rule, type Selector } from './rule.ts';
export { askOf, DETECTOR_ASKS } from './schema/conditions.ts';
export { line, mistake, onOff, recipientSelector, senderSelector, setOf } from './schema/kinds.ts';
export { type ReadRule, type RuleText, readRules, ruleText, ruleTexts } from './schema/read-rules.ts';
export { isAddressOf, isSender } from './selectors.ts';
export {
  type AllTerms,
  CHECK_DEADLINE_MS,
  type CheckTerms,
  checkIdOf,
  type Deadlines,
  NO_TERMS,
  OWN_CHECKS,
  withTerms,
} from './terms.ts';
