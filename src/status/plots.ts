/** Figures of the stages over a day, in steps that a plot can show. */
import { type StagePoint, type StageView, TIMED_STAGES, type TimedStage } from '#/model/index.ts';
import type { StageFigure } from '#/ports/index.ts';
import { plotMs, plotStepMs } from './limits.ts';

export class Plots {
  #figures: StageFigure[] = [];

  add(figures: readonly StageFigure[]): void {
    this.#figures.push(...figures);
  }

  /** Of the day before a wall-clock ms; stages that nothing has passed are left out. Forgets what is older. */
  view(now: number): readonly StageView[] {
    this.#figures = this.#figures.filter(({ at }) => at > now - plotMs);
    return TIMED_STAGES.map((stage) => ({ stage, points: this.#pointsOf(stage) })).filter(
      ({ points }) => points.length > 0,
    );
  }

  #pointsOf(stage: TimedStage): readonly StagePoint[] {
    const steps = new Map<number, StagePoint>();
    for (const figure of this.#figures) {
      if (figure.stage !== stage) continue;
      const at = Math.floor(figure.at / plotStepMs) * plotStepMs;
      steps.set(at, merged(steps.get(at) ?? { at, count: 0, p50: 0, p95: 0 }, figure));
    }
    return [...steps.values()].toSorted((a, b) => a.at - b.at);
  }
}

/** The middle of two middles by how many each stands for; of the slow ends the slower. */
function merged(known: StagePoint, { count, p50, p95 }: StagePoint): StagePoint {
  const all = known.count + count;
  return {
    at: known.at,
    count: all,
    p50: Math.round((known.p50 * known.count + p50 * count) / all),
    p95: Math.max(known.p95, p95),
  };
}
