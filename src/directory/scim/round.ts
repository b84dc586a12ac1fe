/** Cuts generations of what was pushed, when it has been quiet: a synchronisation that is under way, or broke off, is never seen by mail half-way. */

import type { JsonObject } from '#/codec/scim/index.ts';
import { type TenantId, within } from '#/model/index.ts';
import {
  type Clock,
  type DirectorySource,
  type Log,
  type PeopleBook,
  type PeoplePushes,
  Rounds,
} from '#/ports/index.ts';
import { LOAD_MS } from '../people/limits.ts';
import { PeopleLoader } from '../people/loader.ts';
import type { Row } from '../people/rows.ts';
import { PeopleShelf } from '../people/shelf.ts';
import { AWAY_MS, CUT_PAGE, LONGEST_MS, QUIET_MS, REQUEST_MS, ROUND_MS } from './limits.ts';
import { personOf, textAt } from './mapping.ts';

export interface ScimRoundParts {
  readonly book: PeopleBook;
  readonly directory: DirectorySource;
  readonly clock: Clock;
  readonly log: Log;
}

export const SCIM = 'scim';

/** Works until it is disposed. Two at once are harmless: the second finds that nothing has changed. */
export function startScimRound(parts: ScimRoundParts): AsyncDisposable {
  const loader = new PeopleLoader({ ...parts, shelf: new PeopleShelf(parts) });
  const rounds: Rounds = new Rounds(parts.clock, {
    work: async () => {
      await cutOpenSets(parts, loader, rounds.signal);
      return ROUND_MS;
    },
    failed: (why) => {
      parts.log.warn('people.load-failed', { source: SCIM, why });
      return AWAY_MS;
    },
  });
  return rounds.start();
}

async function cutOpenSets(
  { book, directory, clock }: ScimRoundParts,
  loader: PeopleLoader,
  signal: AbortSignal,
): Promise<void> {
  for (const { tenant, firstAt, lastAt } of await book.pushes.open(within(REQUEST_MS, signal))) {
    const now = clock.now();
    const isDue = now - lastAt >= QUIET_MS || now - firstAt >= LONGEST_MS;
    if (!isDue || signal.aborted || directory.current().tenant(tenant) === undefined) continue;
    const from = rowsOf(book.pushes, tenant, signal);
    const order = { tenant, source: SCIM, from, by: SCIM, required: [], dryRun: false, reason: null };
    // A set that is refused stands in the status of the tenant, and is cut again with the next change.
    await loader.load(order, within(LOAD_MS, signal));
    await book.pushes.taken(tenant, lastAt, within(REQUEST_MS, signal));
  }
}

async function* rowsOf(pushes: PeoplePushes, tenant: TenantId, signal: AbortSignal): AsyncIterable<Row> {
  for (const kind of ['User', 'Group'] as const) {
    for (let after: string | null = ''; after !== null; ) {
      const some = await pushes.after(tenant, kind, after, CUT_PAGE, within(REQUEST_MS, signal));
      for (const { id, body } of some) {
        const resource = JSON.parse(body) as JsonObject;
        const person = kind === 'User' ? personOf(id, resource) : null;
        if (person !== null) yield { person };
        if (kind === 'Group') {
          const members = await pushes.members(tenant, id, within(REQUEST_MS, signal));
          yield { group: { id, name: textAt(resource, 'displayName') ?? id, members } };
        }
      }
      after = some.length < CUT_PAGE ? null : (some.at(-1)?.id ?? null);
    }
  }
}
