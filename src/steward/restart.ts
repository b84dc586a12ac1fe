/** How long to wait before a role that died is started again. */
export interface RestartSettings {
  /** First pause, ms: short, since most deaths are single. */
  readonly firstMs: number;
  /** Longest pause, ms: a role that can't live must not eat the machine, and must be back soon after the cause is gone. */
  readonly maxMs: number;
  /** A run of this length, ms, counts as healthy, and the pause is short again. */
  readonly healthyMs: number;
}

export const RESTART_DEFAULTS: RestartSettings = { firstMs: 100, maxMs: 30_000, healthyMs: 60_000 };

/** The pause before the next start, from how many runs in a row ended early: the first is short, each further one doubles it. */
export function restartPauseMs(earlyEnds: number, settings: RestartSettings): number {
  return Math.min(settings.maxMs, settings.firstMs * 2 ** Math.max(0, earlyEnds - 1));
}

/** Early ends in a row after a run of `ranMs`. */
export function countEarlyEnds(before: number, ranMs: number, settings: RestartSettings): number {
  return ranMs >= settings.healthyMs ? 1 : before + 1;
}
