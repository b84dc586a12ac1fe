/** What holds for each check: how long one mail may take it, and what its being away does. The installation says it for all, a tenant for its own mail. */
import { type CheckId, type CheckName, DETECTORS } from './asks.ts';
import type { AbsencePolicies } from './compile.ts';
import type { AbsencePolicy } from './rule.ts';

/** Checks of ours, by the names that settings and resources have for them. */
export const OWN_CHECKS = [
  'words',
  'pattern',
  'header',
  'attachments',
  ...DETECTORS,
  'freeMail',
  'lookAlike',
  'firstTime',
  'fingerprint',
] as const satisfies readonly CheckName[];

/** So long a check may take over one mail where nobody says otherwise, ms. */
export const CHECK_DEADLINE_MS = 20_000;

/** What was said of one check; what was not is left to whoever stands behind. */
export interface CheckTerms {
  readonly absence?: AbsencePolicy | undefined;
  readonly deadlineMs?: number | undefined;
}

export type Deadlines = Readonly<Partial<Record<CheckId, number>>>;

export interface AllTerms {
  readonly absences: AbsencePolicies;
  /** Only of checks of which one was said. */
  readonly deadlines: Deadlines;
}

export const NO_TERMS: AllTerms = { absences: {}, deadlines: {} };

/** A name of a check as it was written, ours or a server's beside ours. */
export function checkIdOf(name: string): CheckId {
  return (OWN_CHECKS as readonly string[]).includes(name) ? (name as CheckName) : `hook:${name}`;
}

/** `own` laid over `base`: its absence counts, and its deadline where that is the shorter one, since the worker is everybody's. */
export function withTerms(base: AllTerms, own: Readonly<Record<string, CheckTerms>>): AllTerms {
  const absences: Partial<Record<CheckId, AbsencePolicy>> = { ...base.absences };
  const deadlines: Partial<Record<CheckId, number>> = { ...base.deadlines };
  for (const [name, { absence, deadlineMs }] of Object.entries(own)) {
    const id = checkIdOf(name);
    if (absence !== undefined) absences[id] = absence;
    if (deadlineMs !== undefined) deadlines[id] = Math.min(deadlineMs, deadlines[id] ?? deadlineMs);
  }
  return { absences, deadlines };
}
