/** What every piece of writing works with, and the one way by which changes are committed. */
import type { Call, MailId, TenantId } from '#/model/index.ts';
import { timeOfMailId } from '#/model/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import type { Fields, Prepared, Step } from './batch.ts';
import { LOT_MS } from './candidates.ts';
import type { EventSource } from './changes.ts';
import { Changes } from './changes.ts';
import type { Days } from './days.ts';
import { dayAt } from './days.ts';
import type { Holdings } from './holdings.ts';
import type { Lane } from './lane.ts';
import type { Marks } from './marks.ts';
import type { Actor, Names } from './names.ts';
import type { Sealing } from './sealing.ts';
import { RELEASE_BODIES } from './statements.ts';

/** A blob that no row names any more. */
export interface Condemned {
  readonly tenant: TenantId;
  readonly key: string;
}

export interface ContextParts {
  readonly settings: CustodySettings;
  readonly clock: Clock;
  readonly log: Log | null;
  readonly days: Days;
  readonly names: Names;
  readonly sealing: Sealing;
  readonly holdings: Holdings;
  readonly marks: Marks;
  readonly onCondemned: (condemned: readonly Condemned[]) => void;
}

const FIND_EVENT: Prepared = {
  name: 'find-event',
  text: 'SELECT 1 FROM journal WHERE message = $1 AND seq = $2::int8',
};

/** Messages of one lot of the look-up index: its pages stay few enough to be hot while it fills. */
const LOT_MESSAGES = 16_384;

/** The number of the last event of this process. Counts microseconds of its clock, which no number of events overtakes. */
let lastSeq = 0;

function nextSeq(): number {
  lastSeq = Math.max(lastSeq + 1, Date.now() * 1000);
  return lastSeq;
}

export class Context {
  readonly settings: CustodySettings;
  readonly clock: Clock;
  readonly log: Log | null;
  readonly names: Names;
  readonly sealing: Sealing;
  readonly holdings: Holdings;
  readonly marks: Marks;
  /** Rows (`message n`) that a claim of this process has chosen and of which nobody knows yet whether it has them: no other claim takes them. */
  readonly undecided = new Set<string>();
  /** Live recipients, probes included, as far as this process knows; put right whenever the books are read. */
  live = 0;
  /** What was written since the start, for the proof of M3. */
  readonly costs: { commits: number; readonly statements: Map<string, number> } = { commits: 0, statements: new Map() };
  readonly #days: Days;
  readonly #onCondemned: ContextParts['onCondemned'];
  #firstDay = 0;
  /** An event of the last transaction that was told as committed. */
  #newest: Changes['newest'] = null;
  #lot = { from: 0, messages: LOT_MESSAGES };

  constructor(parts: ContextParts) {
    this.settings = parts.settings;
    this.clock = parts.clock;
    this.log = parts.log;
    this.names = parts.names;
    this.sealing = parts.sealing;
    this.holdings = parts.holdings;
    this.marks = parts.marks;
    this.#days = parts.days;
    this.#onCondemned = parts.onCondemned;
  }

  /** Fetches what changes by `actors` and with mails of these ids need to know. Nothing is asked where all is known. */
  async prepare(actors: readonly Actor[], ids: readonly MailId[], call: Call): Promise<void> {
    const now = this.clock.now();
    if (!this.sealing.isReady(now)) await this.sealing.prepare(now);
    const days = new Set(ids.map((id) => dayAt(timeOfMailId(id))));
    days.add(this.#dayOf(now));
    days.add(dayAt(now));
    for (const day of days) if (!this.#days.has(day)) await this.#days.ensure([day], call);
    if (!this.names.knows(actors)) await this.names.learn(actors, call);
  }

  /** Changes as of now. Behind `prepare`. */
  changes(): Changes {
    const now = this.clock.now();
    return new Changes({ settings: this.settings, now, day: this.#dayOf(now), lot: this.#lotOf(now), nextSeq });
  }

  /** An actor that `prepare` has seen, for events. */
  source(actor: Actor, elapsedMs = 0, peer: string | null = null): EventSource {
    return { source: this.names.source(actor) ?? 0, elapsedMs, peer };
  }

  /** One transaction. Rejects as `Lane.run`. */
  async commit(lane: Lane, changes: Changes): Promise<void> {
    const steps = changes.steps();
    this.committed(changes, steps, await lane.run(steps));
  }

  /** What follows from changes that were committed by `steps`. */
  committed(changes: Changes, steps: readonly Step[], rows: readonly Fields[][]): void {
    this.live += changes.tally.live;
    this.#newest = changes.newest ?? this.#newest;
    this.#lot.messages += changes.lookUps;
    for (const waiting of changes.waiting) this.marks.waits(waiting);
    this.count(steps);
    const at = steps.findIndex(({ statement }) => statement === RELEASE_BODIES);
    const condemned = (rows[at] ?? []).map(([tenant, key]) => ({ tenant: tenant as TenantId, key: key ?? '' }));
    if (condemned.length > 0) this.#onCondemned(condemned);
  }

  /**
   * On a new connection: looks whether the server still has what was committed last. One that was promoted behind the others may lack it, and
   * whatever else was promised in its last moments; nothing brings that back, so it is said.
   */
  async lookBack(lane: Lane): Promise<void> {
    const newest = this.#newest;
    if (newest === null) return;
    const [found = []] = await lane.run([{ statement: FIND_EVENT, values: [newest.message, newest.seq] }]);
    if (found.length > 0 || this.#newest === null) return;
    this.#newest = null;
    this.log?.error('store.tail.lost', { message: newest.message });
  }

  count(steps: readonly Step[]): void {
    this.costs.commits += 1;
    const { statements } = this.costs;
    for (const { statement } of steps) statements.set(statement.name, (statements.get(statement.name) ?? 0) + 1);
  }

  /** A row had no day to lie in: it has been dropped, or is closed, and what is written now belongs to the next one. */
  async mendDays(error: unknown, call: Call): Promise<void> {
    const day = this.#dayOf(this.clock.now());
    const { constraint } = (error ?? {}) as { constraint?: unknown };
    if (typeof constraint === 'string' && constraint !== '') this.#firstDay = Math.max(this.#firstDay, day + 1);
    this.#days.forget();
    await this.#days.ensure(
      [day, this.#firstDay].filter((each) => each > 0),
      call,
    );
  }

  #dayOf(now: number): number {
    return Math.max(this.#firstDay, dayAt(now));
  }

  #lotOf(now: number): number {
    const { from, messages } = this.#lot;
    const isOver = now < from || now - from >= LOT_MS || dayAt(from) !== dayAt(now);
    if (messages >= LOT_MESSAGES || isOver) this.#lot = { from: now, messages: 0 };
    return this.#lot.from;
  }
}
