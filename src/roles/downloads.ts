/** Secure downloads as the roles have them: `inspect` keeps files, `deliver` writes links, `web` serves them, `janitor` looks after them. */
import type { Settings } from '#/config/index.ts';
import {
  type Accept,
  DOWNLOAD_LIMITS,
  DownloadUpkeep,
  FileShareMaker,
  LetterBox,
  LinkKeys,
  Visits,
} from '#/held/index.ts';
import type { DirectorySource, ShareMaker } from '#/ports/index.ts';
import { linkBaseOf } from './action-links.ts';
import type { Core } from './core.ts';
import type { Opened } from './opened.ts';
import type { People } from './people.ts';
import type { Stores } from './stores.ts';

/** What opens links; nothing of it is stored. */
export function linkKeysOf(stores: Pick<Stores, 'derivedKey'>): LinkKeys {
  return new LinkKeys((purpose) => stores.derivedKey(purpose));
}

/** Keeps what rules cut out of mail; null where nobody could reach the pages. */
export function shareMakerOf({ settings, parts, stores }: Opened, directory: DirectorySource): ShareMaker | null {
  const { downloads, blobs } = stores;
  const { filesUrl, url, listen } = settings;
  const base = linkBaseOf({ url: filesUrl ?? url, listen });
  if (base === null) return null;
  const maker = { downloads, blobs, keys: linkKeysOf(stores), directory, ...parts, base };
  return new FileShareMaker(maker, DOWNLOAD_LIMITS);
}

/** What recipients do on their pages. Codes go by the door of this process. */
export function visitsOf({ settings, parts, stores }: Opened, { core, claims }: People): Visits {
  const { downloads, blobs } = stores;
  const letters = letterBoxOf(settings, core, parts.clock, async (mail, call) => {
    await claims.intake.accept([mail], call);
    claims.deliverable();
  });
  return new Visits({ downloads, blobs, keys: linkKeysOf(stores), letters, ...parts }, DOWNLOAD_LIMITS);
}

/** Periodic work, until it is disposed. `ring` tells those who deliver that a password waits. */
export function startDownloadUpkeep(
  { settings, parts, stores }: Opened,
  core: Pick<Core, 'directory' | 'routes'>,
  ring: () => void,
): AsyncDisposable {
  const { downloads, journal, blobs, custody } = stores;
  const letters = letterBoxOf(settings, core, parts.clock, async (mail, call) => {
    await custody.accept([mail], null, call);
    ring();
  });
  return new DownloadUpkeep(
    { downloads, journal, blobs, keys: linkKeysOf(stores), letters, ...parts },
    DOWNLOAD_LIMITS,
  ).start();
}

function letterBoxOf(
  { hostname }: Settings,
  { directory, routes }: Pick<Core, 'directory' | 'routes'>,
  clock: Opened['parts']['clock'],
  accept: Accept,
): LetterBox {
  return new LetterBox({ hostname, directory, routing: routes, clock, accept });
}
