/** Generations of people, as the roles have them: read where mail is made of them, administered by operations, looked after beside the janitor's work. */
import { startPeopleUpkeep, startScimRound } from '#/directory/index.ts';
import type { DirectorySource } from '#/ports/index.ts';
import type { Opened } from './opened.ts';

/** Has generations go that no mail can name any more, until it is disposed. */
export function startUpkeepOfPeople({ settings, parts, stores }: Opened): AsyncDisposable {
  // What was made of a generation waits for its delivery, and may be held in between.
  const waitMs = settings.retry.expire + settings.retention.held;
  return startPeopleUpkeep({ ...parts, book: stores.people, waitMs });
}

/** Makes generations of what programs push, until it is disposed. */
export function startCuttingOfPeople({ parts, stores }: Opened, directory: DirectorySource): AsyncDisposable {
  return startScimRound({ ...parts, book: stores.people, directory });
}
