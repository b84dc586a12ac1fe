/** The cells of a stopped server, for one command: those that can be opened; the others are away, and what needs them says so. */
import { isDatabase, type Settings } from '#/config/index.ts';
import { Fault, isFault } from '#/model/index.ts';
import { type Cell, type CellStores, Cells, knownResourcesIn } from '#/store/cells/index.ts';
import type { Stores } from '../stores.ts';
import { cellFolder, cellSettings } from './cell-settings.ts';
import { storesOver } from './keepers.ts';
import { refuseEmpty } from './open-cell.ts';

interface OpenedCell extends Cell {
  readonly opened: Stores | null;
}

/** Opens each by `open`. Faults: `store.locked` where a server has one of them; that of the first one where none can be opened. */
export async function openCells(settings: Settings, open: (one: Settings) => Promise<Stores>): Promise<Stores> {
  const known = knownResourcesIn((cell) => cellFolder(settings, cell));
  await using opening = new AsyncDisposableStack();
  const cells: OpenedCell[] = [];
  const failures: unknown[] = [];
  for (const name of Object.keys(settings.cells ?? {})) {
    const own = cellSettings(settings, name);
    try {
      if (own.store !== null && !isDatabase(own.store)) await refuseEmpty(name, own.store, known);
      const opened = opening.use(await open(own));
      cells.push({ name, opened, stores: () => opened });
    } catch (error) {
      if (isFault(error, 'store.locked')) throw error;
      failures.push(error);
      cells.push({ name, opened: null, stores: () => away(name, error) });
    }
  }
  const first = cells.find(({ opened }) => opened !== null)?.opened ?? null;
  if (first === null) throw failures[0];
  const stores = storesOver(new Cells(cells), known, (purpose) => first.derivedKey(purpose));
  const kept = opening.move();
  return { ...stores, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function away(name: string, error: unknown): CellStores {
  const why = error instanceof Error ? error.message : String(error);
  throw new Fault('store.unavailable', `It is the cell ${name}: ${why}`, error);
}
