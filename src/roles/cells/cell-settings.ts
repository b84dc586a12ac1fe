/** The settings of an installation as one of its cells has them. */
import { join } from 'node:path';
import { isDatabase, type Settings } from '#/config/index.ts';

/**
 * One store's settings: of the installation where it has no cells, else of each cell, in the order of the settings. The folder of an embedded
 * cell is like the data directory of an installation: store, large content, local socket and who works on it are in there. A database's
 * cell has a folder below the data directory for what is this host's.
 */
export function storesOf(settings: Settings): readonly Settings[] {
  if (settings.cells === null) return [settings];
  return Object.keys(settings.cells).map((name) => cellSettings(settings, name));
}

/** @throws TypeError where there is no such cell. */
export function cellSettings(settings: Settings, name: string): Settings {
  const cell = settings.cells?.[name];
  if (cell === undefined) throw new TypeError(`There is no cell ${name}.`);
  const { store, blobs } = cell;
  return { ...settings, cells: null, store, blobs, data: isDatabase(store) ? cellFolder(settings, name) : store };
}

/** What this host keeps of a cell beside its store, such as who its tenants are. */
export function cellFolder({ data }: Pick<Settings, 'data'>, name: string): string {
  return join(data, 'cells', name);
}
