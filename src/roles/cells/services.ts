/** What runs on the store of one cell in this process: its claims, its deliverer, its janitor, its local socket. */
import { join } from 'node:path';
import { within } from '#/model/index.ts';
import type { Resolver, Work } from '#/ports/index.ts';
import { custodyMethods, journalMethods } from '#/store/remote/index.ts';
import { type Claims, openClaims } from '../claims.ts';
import type { Core } from '../core.ts';
import { startDownloadUpkeep } from '../downloads.ts';
import { isShared } from '../groups.ts';
import type { Vitals } from '../health.ts';
import { startInspect } from '../inspect.ts';
import { startJanitor } from '../janitor.ts';
import { servePatiently } from '../local-methods.ts';
import { openDeliver } from '../open-roles.ts';
import type { Opened } from '../opened.ts';
import { startPastUpkeep } from '../past.ts';
import { startCuttingOfPeople, startUpkeepOfPeople } from '../people-generations.ts';
import { CUSTODY_SOCKET } from '../places.ts';
import { startForgetting } from '../policy-memory.ts';
import { OWN_STORE, watchStore } from '../store-watch.ts';
import { openUpstreams } from '../upstreams.ts';
import { vitalsOf } from '../vitals.ts';
import { registerWorker } from '../workers.ts';

export interface CellServices extends AsyncDisposable {
  /** Null in a process that only keeps house. */
  readonly claims: Claims | null;
  readonly vitals: Vitals;
  /** Monotonic ms since which the store has answered every time; null while it does not. */
  answersSince(): number | null;
}

export interface CellServiceParts {
  /** Null in a process that only keeps house. */
  readonly core: Core | null;
  readonly resolver: Resolver;
  /** Data directory of the installation. */
  readonly home: string;
  /** Whether the cell is being given up: then no attempt of it goes on. */
  readonly doomed: () => boolean;
}

const FIRST_ANSWER_MS = 5_000;

/** Works on the cell's mail until it is disposed. */
export async function openServices(opened: Opened, parts: CellServiceParts): Promise<CellServices> {
  const { settings, stores, incarnation } = opened;
  const { group, clock } = opened.parts;
  const alone = group.owner && !isShared(settings);
  await using opening = new AsyncDisposableStack();
  opening.use(await registerWorker(settings.data, { ...opened.parts, custody: stores.custody, incarnation, alone }));
  const { custody, blobs } = stores;
  const core = parts.core === null ? null : { ...parts.core, notices: parts.core.noticesFor({ custody, blobs }) };
  const claims = core === null ? null : opening.use(await cellClaims(opened, core, parts));
  if (alone) opening.use(await serveStore(opened, claims));
  const janitor = group.roles.includes('janitor')
    ? opening.use(await startJanitor(settings, { ...opened.parts, custody: stores.custody }))
    : null;
  if (group.roles.includes('janitor')) {
    opening.use(startForgetting(opened));
    opening.use(startUpkeepOfPeople(opened));
  }
  if (core !== null && claims !== null && group.roles.includes('janitor')) {
    opening.use(startDownloadUpkeep(opened, core, () => claims.deliverable()));
    opening.use(startPastUpkeep(opened, core.directory));
    opening.use(startCuttingOfPeople(opened, core.directory));
  }
  const deliver =
    core !== null && claims !== null && group.roles.includes('deliver')
      ? opening.use(
          await openDeliver(
            opened,
            { core, claims, access: null },
            parts.resolver,
            null,
            opening.use(openUpstreams(opened, parts.home)).ear,
          ),
        )
      : null;
  const inspect =
    core !== null && claims !== null && group.roles.includes('inspect')
      ? opening.use(await startInspect(opened, { core, shared: true, onPassed: () => claims.deliverable() }))
      : null;
  claims?.inspectBell.attach(() => inspect?.ring());
  const watch = opening.use(alone ? OWN_STORE : watchStore(settings, clock));
  await stores.custody.recall('ready', within(FIRST_ANSWER_MS));
  const kept = opening.move();
  return {
    claims,
    vitals: vitalsOf(opened, watch, { claims, deliver, janitor, mail: null, inspect }),
    answersSince: () => watch.answersSince(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function cellClaims(opened: Opened, core: Core, { home, doomed }: CellServiceParts): Promise<Claims> {
  const claims = await openClaims(opened, core, home);
  const { work } = claims;
  return work === null ? claims : { ...claims, work: unlessDoomed(work, doomed) };
}

/** Who may have been declared dead must not say MAIL, nor the final dot. */
function unlessDoomed(work: Work, doomed: () => boolean): Work {
  return {
    onReady: (start) => work.onReady(start),
    mayAttempt: () => !doomed() && work.mayAttempt(),
    retryAt: (attempts) => work.retryAt(attempts),
  };
}

/** The other processes of this host reach an embedded cell by its owner. */
function serveStore({ settings, stores, parts }: Opened, claims: Claims | null): Promise<AsyncDisposable> {
  const custody = custodyMethods(stores.custody, (settlement) => claims?.settledElsewhere(settlement));
  const methods = new Map([...custody, ...journalMethods(stores.journal)]);
  return servePatiently({ path: join(settings.data, CUSTODY_SOCKET), methods }, parts.clock);
}
