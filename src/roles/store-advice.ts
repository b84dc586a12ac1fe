/** What the stores themselves say to the settings that name them: asked by `config check`, never at start. */
import { type Complaint, isDatabase, type Settings } from '#/config/index.ts';
import { adviseOnDatabase } from '#/store/postgres/index.ts';

/** Warnings of every database that the settings name. One that does not answer is a warning too: the settings may be right. */
export async function adviseOnStores({ store, cells }: Pick<Settings, 'store' | 'cells'>): Promise<Complaint[]> {
  const places = new Map(
    cells === null
      ? [['store', store]]
      : Object.entries(cells).map(([name, cell]) => [`cells.${name}.store`, cell.store]),
  );
  const databases = [...places].flatMap(([key, place]) =>
    place !== null && isDatabase(place) ? [{ key, place }] : [],
  );
  return (await Promise.all(databases.map(({ key, place }) => adviseOn(key, place)))).flat();
}

async function adviseOn(key: string, url: string): Promise<Complaint[]> {
  const complaint = { severity: 'warning', file: key, line: 0, column: 0 } as const;
  try {
    return (await adviseOnDatabase(url)).map(({ text: message, remedy }) => ({ ...complaint, message, remedy }));
  } catch (error) {
    const message = `The database was asked and did not serve: ${error instanceof Error ? error.message : String(error)}`;
    return [
      { ...complaint, message, remedy: 'Look whether it runs and whether the URL, user and password are right.' },
    ];
  }
}
