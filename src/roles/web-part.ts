/** The role `web` as a part of a process. Its code, and the library below it, is loaded in processes that have the role alone. */
import type { Opened } from './opened.ts';
import type { People } from './people.ts';

/** Serves on the sockets that this process was given, until it is disposed. */
export async function openWebPart(opened: Opened, people: People): Promise<AsyncDisposable> {
  const { openWeb } = await import('./web.ts');
  return openWeb(opened, people);
}
