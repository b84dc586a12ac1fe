/** Takes away generations that no mail can name any more, and parts that nobody names. It may run anywhere, and twice. */
import { within } from '#/model/index.ts';
import { type Clock, type Log, type PeopleBook, Rounds } from '#/ports/index.ts';
import { GENERATIONS_KEPT, LOAD_MS } from './limits.ts';

export interface PeopleUpkeepParts {
  readonly book: Pick<PeopleBook, 'tenants' | 'prune'>;
  /** How long mail that was made of a generation may wait, ms. */
  readonly waitMs: number;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
}

const FIRST_MS = 60_000;
const ROUND_MS = 3_600_000;
const AWAY_MS = 60_000;
const PRUNE_MS = 60_000;

/** Works until it is disposed. */
export function startPeopleUpkeep({ book, waitMs, clock, log }: PeopleUpkeepParts): AsyncDisposable {
  const rounds: Rounds = new Rounds(clock, {
    firstMs: FIRST_MS,
    work: async () => {
      const now = clock.now();
      // A load that is under way has all of its parts younger than twice its time.
      const bounds = { keep: GENERATIONS_KEPT, before: now - waitMs, unusedSince: now - 2 * LOAD_MS };
      for (const tenant of await book.tenants(within(PRUNE_MS, rounds.signal))) {
        if (rounds.signal.aborted) break;
        await book.prune(tenant, bounds, within(PRUNE_MS, rounds.signal));
      }
      return ROUND_MS;
    },
    failed: (why) => {
      log.warn('people.upkeep-failed', { why });
      return AWAY_MS;
    },
  });
  return rounds.start();
}
