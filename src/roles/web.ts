/** The role `web`: pages and what programs fetch, over HTTP. What is not in its parts can't be reached from it. */
import { ScimDesk } from '#/directory/index.ts';
import { adoptSocket, openTls } from '#/net/index.ts';
import { startWeb, type WebListener } from '#/web/index.ts';
import { visitsOf } from './downloads.ts';
import { tlsOf } from './open-roles.ts';
import type { Opened } from './opened.ts';
import { operationsElsewhere } from './operations-elsewhere.ts';
import type { People } from './people.ts';
import { contactOf, mailServicesOf } from './settings.ts';
import { boardOf } from './status-board.ts';

/** Serves on the sockets that this process was given, until it is disposed. */
export async function openWeb(opened: Opened, people: People): Promise<AsyncDisposable> {
  const { settings, parts, stores, incarnation } = opened;
  const { core, access } = people;
  if (access === null) throw new TypeError('Pages need sign-in.');
  await using opening = new AsyncDisposableStack();
  const certificates = opening.use(await openTls(tlsOf(settings), parts));
  const listeners = parts.listeners.flatMap(({ kind, fd }): WebListener[] =>
    kind === 'http' || kind === 'https' ? [{ kind, listen: (server) => adoptSocket(server, fd) }] : [],
  );
  opening.use(
    await startWeb({
      ...parts,
      services: mailServicesOf(settings),
      directory: core.directory,
      signIn: access.auth.signIn,
      operations: opening.use(operationsElsewhere(settings)),
      links: core.links,
      scim: new ScimDesk({ pushes: stores.people.pushes, directory: core.directory, clock: parts.clock }),
      url: settings.url.replace(/\/+$/, ''),
      board: opening.use(boardOf(settings)),
      statusContact: contactOf(settings),
      sessionKey: stores.derivedKey('web sessions'),
      sessions: stores.sessions,
      trustHttp: settings.trust.http,
      isHttps: settings.url.startsWith('https:'),
      release: incarnation.release,
      visits: visitsOf(opened, people),
      tls: () => certificates.context('modern'),
      listeners,
    }),
  );
  return opening.move();
}
