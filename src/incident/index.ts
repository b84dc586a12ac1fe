/**
 * Incidents and planned work (C3, H9): what people are told of trouble, from the first symptom to the postmortem.
 * ```
 *   a rule ─▶ draft ─ publish ─▶ investigating ⇄ identified ⇄ monitoring ─▶ resolved ─▶ postmortem
 *              └─ drop            ▲ a person opens one
 *   scheduled ─▶ in progress ─▶ verifying ─▶ completed      (planned work; by the clock, or by hand)
 * ```
 * An incident is the list of its dated entries, which only grows (`ports/incident-book.ts`); what it looks like is a pure fold of them (`fold.ts`).
 * When users began to feel it, when it was noticed, and when something was written down are three times (C2).
 *
 * What must never happen: an entry that is changed or lost; one of two writers who does not learn of the other; two drafts of one cause; a draft
 * that people see; a promise that is overdue and looks kept.
 *
 * Beside it: reports made of what was recorded (H11, `reports/`), and what was changed around that time (`change-log.ts`).
 *
 * Contacts of tenants are told, each once (`teller.ts`).
 *
 * Carries B8, C2, C3, C4, H8, H9 (drafts), H11.
 */
export { attributionOf, type Meaning, meaningOf } from './causes.ts';
export { type ChangeLogParts, WrittenChanges } from './change-log.ts';
export { type ChangeOperationParts, changeOperations } from './change-operations.ts';
export { type ContactOperationParts, contactOperations } from './contact-operations.ts';
export { type DeskParts, type DeskSettings, IncidentDesk } from './desk.ts';
export { incidentFileOperations } from './files.ts';
export { foldIncident, momentOf, severity } from './fold.ts';
export { HookCaller, type HookCallerParts } from './hook-caller.ts';
export { INCIDENT_LIMITS } from './limits.ts';
export { maintenanceOperations } from './maintenance-operations.ts';
export { type IncidentOperationParts, incidentOperations } from './operations.ts';
export { ProcessWatch, type ProcessWatchParts } from './process-watch.ts';
export { type ReportOperationParts, reportOperations } from './reports/operations.ts';
export { type AffectedFigures, formatReport, type ReportSketch } from './reports/report.ts';
export { type SubscriberOperationParts, subscriberOperations } from './subscriber-operations.ts';
export { SubscriberTokens } from './subscriber-tokens.ts';
export { Teller, type TellerParts } from './teller.ts';
export { IncidentUpkeep, type IncidentUpkeepParts } from './upkeep.ts';
export { callWebhook, type WebhookParts } from './webhook.ts';
