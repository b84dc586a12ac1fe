/** Wrapped day keys as rows that all hosts share: whoever seals first on a day makes its key, and everyone else takes that one. */
import { within } from '#/model/index.ts';
import type { KeyDay, WrappedKeys } from '../keys/index.ts';
import type { Sql } from './sql.ts';

/** The ring names no deadline of its own. */
const CALL_MS = 10_000;

/** The table `day_key`. Hosts need the same `secrets.key`: a key that another one wrapped opens with fault `key.missing`. */
export function wrappedKeyTable(sql: Sql): WrappedKeys {
  const rows = <Row>(text: string, values: readonly unknown[]): Promise<Row[]> => {
    return sql.rows<Row>(text, values, within(CALL_MS));
  };
  const load = async (day: KeyDay): Promise<Uint8Array | null> => {
    const [row] = await rows<{ wrapped: Uint8Array }>('SELECT wrapped FROM day_key WHERE day = $1', [day]);
    return row?.wrapped ?? null;
  };
  return {
    days: async () => {
      return (await rows<{ day: KeyDay }>('SELECT day FROM day_key ORDER BY day', [])).map(({ day }) => day);
    },
    load,
    save: async (day, wrapped) => {
      // Waits for another host's insert of the same day, and then finds it.
      await rows('INSERT INTO day_key (day, wrapped) VALUES ($1, $2) ON CONFLICT (day) DO NOTHING', [day, wrapped]);
      return (await load(day)) ?? wrapped;
    },
    remove: async (day) => {
      await rows('DELETE FROM day_key WHERE day = $1', [day]);
    },
  };
}
