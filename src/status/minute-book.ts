/** Collects what is known into whole minutes: the worst state of each component, and what passed each stage. */
import { type ComponentId, type ComponentState, type TimedStage, worstOf } from '#/model/index.ts';
import type { ComponentMinute, StageFigure } from '#/ports/index.ts';
import type { Times } from './stage-times.ts';

const MINUTE_MS = 60_000;

export interface ClosedMinute {
  readonly minutes: readonly ComponentMinute[];
  readonly figures: readonly StageFigure[];
}

export class MinuteBook {
  readonly #region: string;
  #at: number | null = null;
  #worst = new Map<ComponentId, ComponentState>();

  constructor(region: string) {
    this.#region = region;
  }

  /**
   * What is known at a wall-clock ms. Gives the minute that this one ends, with what passed the stages in it; null within one. A clock that goes back
   * begins anew.
   */
  note(
    at: number,
    states: ReadonlyMap<ComponentId, ComponentState>,
    passed: () => ReadonlyMap<TimedStage, Times>,
  ): ClosedMinute | null {
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    const closed = this.#at !== null && this.#at !== minute ? this.#close(this.#at, passed()) : null;
    this.#at = minute;
    for (const [id, state] of states) this.#worst.set(id, worstOf([state, this.#worst.get(id) ?? 'operational']));
    return closed;
  }

  #close(at: number, passed: ReadonlyMap<TimedStage, Times>): ClosedMinute {
    const minutes = [...this.#worst].map(([component, state]) => ({ component, at, state }));
    this.#worst = new Map();
    const figures = [...passed].flatMap(([stage, times]): StageFigure[] =>
      times.count === 0 ? [] : [{ region: this.#region, stage, at, ...times }],
    );
    return { minutes, figures };
  }
}
