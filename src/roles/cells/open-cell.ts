/** Opens the store of one cell: as its owner, as one of many that share it, or by the process of this host that writes it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '#/config/index.ts';
import { Fault, type Incarnation } from '#/model/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import type { KnownResources } from '#/store/cells/index.ts';
import { makeDurableFolder } from '#/store/index.ts';
import { type Group, isShared } from '../groups.ts';
import { openRemoteStores } from '../remote-stores.ts';
import { openStores, type Stores } from '../stores.ts';

export interface OpenCellParts {
  readonly group: Pick<Group, 'owner'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly incarnation: Incarnation;
  readonly known: KnownResources;
  readonly stop: AbortSignal;
  /** Its owner on this host is waited for. */
  readonly waits: (why: unknown) => void;
  /** What was opened can't go on. */
  readonly onFatal: (reason: string) => void;
}

const DOUBT = 'the answer to a claim was lost';

/** `settings` are the cell's own. Faults as `openStores`; rejects when `stop` aborts. */
export async function openCellStores(name: string, settings: Settings, parts: OpenCellParts): Promise<Stores> {
  if (isShared(settings)) {
    makeDurableFolder(settings.data);
    return await openStores(settings, parts);
  }
  if (!parts.group.owner) return await openRemoteStores(settings, { ...parts, onDoubt: () => parts.onFatal(DOUBT) });
  await refuseEmpty(name, settings.data, parts.known);
  return await openStores(settings, parts);
}

/** A folder whose disk is not mounted is empty: a new store there would take mail that nobody sees again when the disk is back. */
export async function refuseEmpty(name: string, dir: string, known: KnownResources): Promise<void> {
  if (existsSync(join(dir, 'custody.db'))) return;
  const before = await known.load(name);
  if (before === null || before.version === 0) return;
  throw new Fault('store.unavailable', `There is no store in ${dir}, and there was one. Is its disk mounted?`);
}
