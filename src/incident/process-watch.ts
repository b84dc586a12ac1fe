/**
 * Which processes came and went, noted for the change log: scaling, restarts and new releases. Looks at the heartbeats; who came and went between
 * two looks is noted when they came, by the start that they wrote down themselves.
 */
import type { Call } from '#/model/index.ts';
import type { Clock, Custody, IncidentBook } from '#/ports/index.ts';

export interface ProcessWatchParts {
  readonly custody: Pick<Custody, 'beats'>;
  readonly book: Pick<IncidentBook, 'note' | 'forgetNotes'>;
  readonly clock: Pick<Clock, 'now'>;
}

type Known = Awaited<ReturnType<Custody['beats']>>[number]['incarnation'];

/** As long as the trace of mail. */
const KEEP_MS = 400 * 86_400_000;
const FORGET_EACH_MS = 3_600_000;

export class ProcessWatch {
  readonly #parts: ProcessWatchParts;
  #known: ReadonlyMap<string, Known> = new Map();
  #forgotAt = 0;

  constructor(parts: ProcessWatchParts) {
    this.#parts = parts;
  }

  async look(call: Call): Promise<void> {
    const { custody, book, clock } = this.#parts;
    const now = clock.now();
    const alive = new Map(
      (await custody.beats(call)).map(({ incarnation }) => [incarnation.id as string, incarnation]),
    );
    const former = this.#known;
    for (const [id, one] of alive)
      if (!former.has(id))
        await book.note({ key: `began ${id}`, at: one.startedAt, by: id, what: `${nameOf(one)} began` }, call);
    for (const [id, one] of former)
      if (!alive.has(id)) await book.note({ key: `ended ${id}`, at: now, by: id, what: `${nameOf(one)} ended` }, call);
    this.#known = alive;
    if (now - this.#forgotAt < FORGET_EACH_MS) return;
    this.#forgotAt = now;
    await book.forgetNotes(now - KEEP_MS, call);
  }
}

function nameOf({ role, host, release }: Known): string {
  return `${role} on ${host}, release ${release},`;
}
