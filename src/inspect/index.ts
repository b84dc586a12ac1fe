/**
 * Inspection: from the bytes of a mail to facts, and from facts to findings that policy decides by (H1, M4).
 *
 * ```
 *   custody ─▶ work (queue) ─▶ worker ─▶ inspector: extraction ─▶ facts ─▶ rules ─▶ verdicts ─▶ (probe) ─▶ outcomes ─▶ custody
 * ```
 * `worker.ts` has the states of a mail on this way; all that must survive stands in custody, before inspection as a destination (`inspect`).
 * The checks stand in `checks/`, a folder each (`checks/attachment-name/` is the one to copy, docs/howto/add-a-check.md says how); `checks.ts` puts a rule
 * set's questions to them.
 *
 * What must never happen: a verdict that is written down by a worker that could not be trusted, or under rules that hold no more; a check that reads the world (it gets facts and options, and gives findings); a check that
 * makes a mail wait for ever, or one that throws for what a mail holds; a finding that says "clean" of what could not be read.
 */
export { BypassBook } from './bypass.ts';
export { mailVariants, ZipKeys } from './changes/index.ts';
export { type AttachmentNameOptions, attachmentName, BLOCKED_BY_DEFAULT } from './checks/attachment-name/index.ts';
export { type DocumentIndex, IndexMaker, shinglesOf } from './checks/fingerprint/index.ts';
export type { KnownRecipients } from './checks/first-time/index.ts';
export { type CheckAids, Checks } from './checks.ts';
export { CorrespondenceForgetter, CorrespondenceLearner, PERSON_KEY, personHash } from './correspondents/index.ts';
export { type DocumentOperationParts, DocumentReader, documentOperations } from './documents/index.ts';
export {
  defaultExtractLimits,
  type EnvelopeFacts,
  type ExtractLimits,
  Extractor,
  type MailContent,
} from './extract/index.ts';
export { type HookConnect, type HookKind, type HookSetting, Hooks } from './hooks/index.ts';
export { RuleInspector } from './inspector.ts';
export { INSPECT_LIMITS, INSPECT_NODE_FLAGS, type InspectLimits } from './limits.ts';
export { type InspectMeters, inspectMeters } from './meters.ts';
export {
  PAST_LIMITS,
  PastKeeper,
  type PastKeeperParts,
  type PastLimits,
  PastUpkeep,
  type PastUpkeepParts,
  type RehearsalOperationParts,
  readBatch,
  rehearsalOperations,
} from './past/index.ts';
export { faultOf, PROBE_RULES, type ProbeAnswer, probe } from './probe.ts';
export { PolicyRecall, type RememberedParts } from './remembered.ts';
export { RuleBook } from './rule-book.ts';
export { type Trial, type TriedRecipient, tryRules } from './trial.ts';
export { InspectionWorker, type WorkerParts } from './worker.ts';
