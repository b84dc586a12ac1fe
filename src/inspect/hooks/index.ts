/**
 * Servers beside ours that are asked about mail: one folder for each kind, a client of few commands. The settings name them (`checks` of
 * holdfast.yaml), rules ask them by these names (`hooks: clamav`).
 *
 * ```
 *   rule set ─▶ hooks.ts: each server once ─▶ guarded.ts: deadline, second ask, breaker ─▶ clamd/ …: the wire
 * ```
 * What must never happen: stated in `guarded.ts`, which has the states. Carries H1, M4.
 */
export type { Connect as HookConnect } from './hook.ts';
export { contentForHooks, type HookKind, type HookSetting, Hooks, hookAsks } from './hooks.ts';
