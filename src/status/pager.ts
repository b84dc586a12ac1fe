/**
 * Tells an operator that something is broken, by a way of its own, until somebody says that they have seen it (H9).
 * ```
 *   quiet ── a component is out ─▶ told ── nobody says so for a while ─▶ told the second contact, too
 *     ▲                             │ └── it gets worse ─▶ told again
 *     └──── all is well again ──────┴── acknowledged: nobody is told more, unless it gets worse
 * ```
 * What must never happen: an outage of which nobody was told, since the way to them failed: it is tried again, and the second contact is told at once; an
 * operator who is told of the same thing over and over.
 */
import { type ComponentId, type ComponentState, type StateReason, severityOf, within, worstOf } from '#/model/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import { pageAgainMs, pageMs } from './limits.ts';

/** A component that is out. */
export interface Alarm {
  readonly component: ComponentId;
  readonly state: ComponentState;
  /** Wall-clock ms. */
  readonly since: number;
  readonly reasons: readonly StateReason[];
}

export interface Page {
  /** Of the same trouble the same. */
  readonly id: string;
  readonly kind: 'begins' | 'worse' | 'unanswered' | 'over';
  /** Wall-clock ms. */
  readonly at: number;
  readonly alarms: readonly Alarm[];
}

/** A way to an operator. Rejects where it failed. */
export type PageWay = (page: Page, call: ReturnType<typeof within>) => Promise<void>;

export interface PagerParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly first: PageWay | null;
  readonly second: PageWay | null;
  /** Until the second contact is told where nobody has acknowledged, ms. */
  readonly escalateMs: number;
}

interface Episode {
  readonly id: string;
  /** Wall-clock ms. */
  readonly beganAt: number;
  /** Monotonic ms. */
  readonly from: number;
  readonly worst: ComponentState;
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
  readonly escalated: boolean;
}

/** What operators see of it. */
export type PagerView = Pick<Episode, 'id' | 'beganAt' | 'acknowledged' | 'escalated'>;

export class Pager implements AsyncDisposable {
  readonly #parts: PagerParts;
  readonly #stop = new AbortController();
  readonly #telling = new Set<Promise<void>>();
  #episode: Episode | null = null;
  #alarms: readonly Alarm[] = [];

  constructor(parts: PagerParts) {
    this.#parts = parts;
  }

  /** Null while all is quiet. */
  get view(): PagerView | null {
    return this.#episode;
  }

  /** What is out now; none where all is well. Never waits for a way. */
  note(alarms: readonly Alarm[]): void {
    const { clock, escalateMs } = this.#parts;
    this.#alarms = alarms;
    const now = clock.monotonic();
    const episode = this.#episode;
    const worst = worstOf(alarms.map(({ state }) => state));
    if (episode === null) {
      if (alarms.length > 0) this.#begin(worst, now);
    } else if (alarms.length === 0) {
      this.#episode = null;
      this.#tell('over', episode);
    } else if (severityOf(worst) > severityOf(episode.worst)) {
      this.#episode = { ...episode, worst, acknowledged: null };
      this.#tell('worse', this.#episode);
    } else if (episode.acknowledged === null && !episode.escalated && now - episode.from >= escalateMs) {
      this.#escalate(episode);
    }
  }

  /** Somebody has seen it; false where there is nothing to be seen. */
  acknowledge(by: string): boolean {
    if (this.#episode === null) return false;
    this.#episode = { ...this.#episode, acknowledged: { by, at: this.#parts.clock.now() } };
    this.#parts.log.info('status.acknowledged', { page: this.#episode.id });
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#telling);
  }

  #begin(worst: ComponentState, now: number): void {
    const beganAt = this.#parts.clock.now();
    const id = `page-${beganAt.toString(36)}`;
    this.#episode = { id, beganAt, from: now, worst, acknowledged: null, escalated: false };
    this.#tell('begins', this.#episode);
  }

  #escalate(episode: Episode): void {
    const escalated = { ...episode, escalated: true };
    this.#episode = escalated;
    if (this.#parts.second !== null) this.#start('second', this.#parts.second, this.#page('unanswered', escalated));
  }

  #tell(kind: Page['kind'], episode: Episode): void {
    const { first, second, log } = this.#parts;
    const page = this.#page(kind, episode);
    log[kind === 'over' ? 'info' : 'error'](kind === 'over' ? 'status.page-over' : 'status.page', {
      page: page.id,
      components: page.alarms.map(({ component }) => component).join(' '),
    });
    if (first !== null) this.#start('first', first, page);
    // Who was called in hears the rest of it, too.
    if (second !== null && episode.escalated) this.#start('second', second, page);
  }

  #page(kind: Page['kind'], { id }: Episode): Page {
    return { id, kind, at: this.#parts.clock.now(), alarms: this.#alarms };
  }

  #start(name: 'first' | 'second', way: PageWay, page: Page): void {
    const telling = this.#untilTold(name, way, page).finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  /** Until it was told, somebody has acknowledged it, or it is over. */
  async #untilTold(name: 'first' | 'second', way: PageWay, page: Page): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await way(page, within(pageMs, signal));
        return;
      } catch (error) {
        log.error('status.page-failed', {
          page: page.id,
          contact: name,
          why: error instanceof Error ? error.message : String(error),
        });
      }
      const episode = this.#episode;
      if (name === 'first' && page.kind !== 'over' && episode?.id === page.id && !episode.escalated)
        this.#escalate(episode);
      await clock.sleep(pageAgainMs, signal);
      if (this.#episode?.id !== page.id || this.#episode.acknowledged !== null) return;
    }
  }
}
