/**
 * Mails to people about mail that policy has decided on (and to contacts about incidents, H8: `incident-letters.ts`), in the language of their tenant: that it is held or waits for their approval, that it
 * still does on day 1, 3 and 7 and before it ends, that a rule matched, what somebody else did to it (H1).
 *
 * States: none of its own. How far people were told of a mail stands with it in custody (`Wait` in `model/verdict.ts`), and each notice is born in
 * the settlement of the outcome that it tells of:
 * ```
 *   inspected ──▶ held, approval ── told: lookAt ──▶ (its time) ── reminded ──▶ (its time) … ──▶ end: DSN
 *                      └─ owed: no room in their hour ──▶ digest
 * ```
 * What must never happen: a notice to a stranger, whose address may be invented; a notice that is inspected, held, or answered by a machine; a
 * body in one; one person told twice of one thing, or more often than they can read; somebody forgotten who is to decide.
 */
export { type CampaignLetterParts, CampaignLetters } from './campaign-letters.ts';
export { type IncidentLetterParts, type IncidentLetterSettings, IncidentLetters } from './incident-letters.ts';
export { NOTICE_LIMITS } from './limits.ts';
export { PeopleMails, type PeopleNoticesParts, type PeopleNoticesSettings } from './notices.ts';
export { WaitingLetters } from './waiting-letters.ts';
