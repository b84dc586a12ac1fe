/** The watch over other servers as the roles have it: a book where mail is delivered, told to the history that all processes share. */
import { join } from 'node:path';
import type { UpstreamEar } from '#/ports/index.ts';
import { remoteStatusHistory } from '#/store/remote/index.ts';
import { UpstreamBook, UpstreamTeller } from '#/upstream/index.ts';
import { LocalCaller } from './local-caller.ts';
import type { Opened } from './opened.ts';
import { CUSTODY_SOCKET } from './places.ts';

/** Counts and tells until it is disposed. `home` is the data directory of the installation, whose socket leads to the history. */
export function openUpstreams(
  { settings, parts, incarnation }: Pick<Opened, 'settings' | 'parts' | 'incarnation'>,
  home: string,
): { readonly ear: UpstreamEar } & AsyncDisposable {
  const opened = new AsyncDisposableStack();
  const { region } = settings.status;
  const book = new UpstreamBook({ reporter: incarnation.id, region }, parts);
  const caller = opened.use(new LocalCaller(join(home, CUSTODY_SOCKET)));
  opened.use(new UpstreamTeller({ ...parts, book, history: remoteStatusHistory(caller), region }));
  return { ear: book, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
