/**
 * The queue: custody of mail in motion. It takes mail in, decides what is attempted where and when, and watches over what waits.
 *
 * ```
 *   gate ──intake──▶ custody (store) ──hand-over in memory──▶ lanes ──slots──▶ deliverer
 *                       │    ▲                                 ▲                   │
 *                       │    └── settlements ◀── settler ◀─────┼───────────────────┘
 *                       └── depth, claims ───────── refill ────┘
 * ```
 * All state is in custody's rows; what is here can be lost at any moment and costs seconds (H3). Loops: refill and depth,
 * probes of closed destinations, attention (delay notices, expiry, deadlines of holds), heartbeats, disk, late commits; and
 * the janitor's: orphans, content, finished days, books.
 *
 * What must never happen: two living attempts at one recipient; a claim that nobody holds; mail in a lane whose acceptance was
 * not answered with 250; a destination that hangs or refuses and slows another; memory that grows with the backlog; an expiry
 * by a clock that jumped.
 *
 * Carries H3, H5, M2, M3, M5, and the queue's part of design 1 (claims, clocks, disk, destinations closed as a whole).
 */
export { ClockGuard } from './clock-guard.ts';
export { freeBytesOf } from './disk-reserve.ts';
export { type RunningInspectionWork, startInspectionWork } from './inspection.ts';
export {
  JANITOR_DEFAULTS,
  type JanitorParts,
  type JanitorSettings,
  type JanitorWork,
  startJanitorWork,
} from './janitor.ts';
export { type LeaseParts, Leases } from './leases.ts';
export { queueOperations } from './operations.ts';
export { parseQuery, parseTime, type QueryContext } from './query.ts';
export { type OperationParts, readQuery } from './select.ts';
export { QUEUE_DEFAULTS, type QueueSettings } from './settings.ts';
export { type DestinationView, type Queue, type QueueParts, startQueue } from './start.ts';
export { type IntakeAlone, type IntakeAloneParts, startIntake } from './start-intake.ts';
export { viewTrace } from './views.ts';
