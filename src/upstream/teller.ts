/** Tells the status history every few seconds what the book knows, and first asks it what was known before. No mail waits for it. */
import { type UpstreamReport, within } from '#/model/index.ts';
import { type Clock, type Log, Rounds, type StatusHistory } from '#/ports/index.ts';
import type { UpstreamBook } from './book.ts';
import { recallMs, tellAgainMs, tellDeadlineMs, tellMs } from './limits.ts';

export interface UpstreamTellerParts {
  readonly book: Pick<UpstreamBook, 'recall' | 'reports'>;
  readonly history: Pick<StatusHistory, 'tellUpstreams' | 'upstreams'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly region: string;
}

export class UpstreamTeller implements AsyncDisposable {
  readonly #parts: UpstreamTellerParts;
  readonly #rounds: Rounds;
  /** What was told last, by provider, without its time; and when, wall-clock ms. */
  readonly #told = new Map<string, { readonly text: string; readonly at: number }>();
  #isRecalled = false;
  #isAway = false;

  /** Tells until it is disposed. */
  constructor(parts: UpstreamTellerParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.clock, {
      work: () => this.#round(),
      failed: (why) => this.#failed(why),
    }).start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#rounds[Symbol.asyncDispose]();
  }

  async #round(): Promise<number> {
    const { book, history } = this.#parts;
    if (!this.#isRecalled) await this.#recall();
    const reports = book.reports();
    const news = reports.filter((report) => this.#isNews(report));
    if (news.length > 0) await history.tellUpstreams(news, within(tellDeadlineMs, this.#rounds.signal));
    for (const provider of this.#told.keys())
      if (!reports.some((one) => one.provider === provider)) this.#told.delete(provider);
    for (const report of news) this.#told.set(report.provider, { text: textOf(report), at: report.at });
    this.#isAway = false;
    return tellMs;
  }

  async #recall(): Promise<void> {
    const { book, history, clock, region } = this.#parts;
    const all = await history.upstreams(clock.now() - recallMs, within(tellDeadlineMs, this.#rounds.signal));
    const newest = new Map<string, UpstreamReport>();
    for (const report of all) {
      const other = newest.get(report.provider);
      if (report.region === region && (other === undefined || other.at < report.at))
        newest.set(report.provider, report);
    }
    book.recall([...newest.values()]);
    this.#isRecalled = true;
  }

  #isNews(report: UpstreamReport): boolean {
    const told = this.#told.get(report.provider);
    return told === undefined || told.text !== textOf(report) || report.at - told.at >= tellAgainMs;
  }

  #failed(why: string): number {
    if (!this.#isAway) this.#parts.log.warn('upstream.not-told', { why });
    this.#isAway = true;
    return tellMs;
  }
}

function textOf(report: UpstreamReport): string {
  return JSON.stringify({ ...report, at: 0 });
}
