/**
 * Drills: the failures that this product was built against, replayed so that anyone can see that they cannot happen again. A drill is a
 * test that an operator can run: `holdfast drill NAME` builds a throwaway installation, breaks it, and counts. One file per drill; `kit/`
 * holds what several need, and the tests of the whole program use it too.
 *
 * No state outlives a drill. What must never happen: a drill that touches the operator's data, ports or settings; one that leaves a
 * process or a folder behind, even when it fails or is interrupted; one that passes without having broken anything.
 * Carries the drills of design 5 and 7.9; `blocked-log` shows B3, B4 and B6, `lost-instructions` shows H3, H4, H5 and the ground of H6,
 * `mass-purge` O3, O4 and O5, `redelivery` H6, H7, H8, H9 and H11, `slow-filter-surge` M4, M5 and H1.
 */
import { blockedLog } from './blocked-log.ts';
import type { Drill } from './drill.ts';
import { lostInstructions } from './lost-instructions.ts';
import { massPurge } from './mass-purge.ts';
import { redelivery } from './redelivery.ts';
import { slowFilterSurge } from './slow-filter-surge.ts';

export { runBlockedLog } from './blocked-log.ts';
export type { Drill, DrillAssert, DrillOptions, DrillReport, DrillScale, DrillSize } from './drill.ts';
export { type InspectionPlan, type InspectionReport, runInspectionAct } from './inspection-act.ts';
export { type LostInstructionsKnobs, runLostInstructions } from './lost-instructions.ts';
export { type MassPurgeKnobs, runMassPurge } from './mass-purge.ts';
export { type RedeliveryKnobs, runRedelivery } from './redelivery.ts';
export { runSlowFilterSurge } from './slow-filter-surge.ts';
export { TIME_NAMES } from './time-names.ts';

/** Drills that can be run. */
export const DRILLS: readonly Drill[] = [blockedLog, lostInstructions, massPurge, redelivery, slowFilterSurge];

/** Drills that are promised and not there yet. */
export const LATER_DRILLS: readonly string[] = ['stale-directory'];
