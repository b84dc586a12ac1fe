/**
 * How the installation does, as its customers meet it: components, each judged from what is measured by written rules; test mail through every path; an
 * operator who is told by a way of its own.
 *
 * ```
 *   readiness, figures, backlog, books ─┐
 *   test mail, each step timed ─────────┴─▶ measures ─▶ rules ─▶ states ─▶ board (pages, programs)
 *                                                                  ├─▶ history, minute by minute
 *                                                                  └─▶ pager
 * ```
 * A component is `operational`, `degraded_performance`, `partial_outage`, `major_outage` or `under_maintenance` (contract). All of it runs beside the work:
 * while it stands still, mail flows, and only what is shown grows old, and says so.
 *
 * What must never happen: a state that flaps with noise, or is better than what was measured; a symptom that shows later than a minute after it began; test mail in
 * the books; anything of a tenant on a public page.
 *
 * Carries H9, M7, B8, C2 (what is shown of upstreams).
 */
export { kindsOf } from './components.ts';
export { probeStepMs } from './limits.ts';
export type { MetricsPart, Observer, Probe, ProbeStep, RoleLook } from './observer.ts';
export { type StatusOperationParts, statusOperations } from './operations.ts';
export { type Page, Pager, type PageWay } from './pager.ts';
export { type ProbedParts, Prober, type ProbeWays } from './prober.ts';
export { TEST_SENDER, testMail } from './test-mail.ts';
export { groupUptime, uptimeOf } from './uptime.ts';
export { Watcher } from './watcher.ts';
