/** `ports/incident-book.ts` over any database that runs batches. */
import type { Call, IncidentEntry, IncidentId, IncidentKind } from '#/model/index.ts';
import type { FilePart, IncidentBook, IncidentFilter, IncidentRecord, IncidentWriting } from '#/ports/index.ts';
import type { Batches, BatchStatement, SqlRow, SqlValue } from '../batches.ts';

export class SqlIncidentBook implements IncidentBook {
  readonly #batches: Batches;

  constructor(batches: Batches) {
    this.#batches = batches;
  }

  async append(writing: IncidentWriting, call: Call): Promise<boolean> {
    const answers = await this.#batches.run(appending(writing), call);
    return (answers.at(-1) ?? []).length > 0;
  }

  async load(id: IncidentId, call: Call): Promise<IncidentRecord | null> {
    const [record = null] = await this.#records({ where: 'id = $1', values: [id], limit: 1 }, call);
    return record;
  }

  async list({ kind, open, since }: IncidentFilter, limit: number, call: Call): Promise<readonly IncidentRecord[]> {
    const conditions: string[] = [];
    const values: SqlValue[] = [];
    const add = (condition: (mark: string) => string, value: SqlValue): void => {
      values.push(value);
      conditions.push(condition(`$${values.length}`));
    };
    if (kind !== undefined) add((mark) => `kind = ${mark}`, kind);
    if (since !== undefined) add((mark) => `made_at >= ${mark}`, since);
    if (open === true) conditions.push('open = 1');
    const where = conditions.length === 0 ? '1 = 1' : conditions.join(' AND ');
    return await this.#records({ where, values, limit }, call);
  }

  async keepPart({ incident, file, part }: FilePart, octets: Uint8Array, call: Call): Promise<void> {
    const insert = statement(
      `INSERT INTO incident_file_part (incident, file, part, octets) VALUES ($1, $2, $3, $4)
       ON CONFLICT (incident, file, part) DO NOTHING`,
      ...[incident, file, part, octets],
    );
    await this.#batches.run([insert], call);
  }

  async file(incident: IncidentId, file: string, call: Call): Promise<Uint8Array | null> {
    const select = 'SELECT octets FROM incident_file_part WHERE incident = $1 AND file = $2 ORDER BY part';
    const [rows = []] = await this.#batches.run([statement(select, incident, file)], call);
    if (rows.length === 0) return null;
    return Buffer.concat((rows as unknown as readonly { readonly octets: Uint8Array }[]).map(({ octets }) => octets));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batches[Symbol.asyncDispose]();
  }

  async #records({ where, values, limit }: Chosen, call: Call): Promise<readonly IncidentRecord[]> {
    const newest = `FROM incident WHERE ${where} ORDER BY made_at DESC, id DESC LIMIT ${limit}`;
    const [incidents = [], entries = []] = await this.#batches.run(
      [
        { text: `SELECT id, kind ${newest}`, values },
        {
          text: `SELECT incident, body FROM incident_entry WHERE incident IN (SELECT id ${newest}) ORDER BY incident, n`,
          values,
        },
      ],
      call,
    );
    const byIncident = Map.groupBy(entries as unknown as readonly EntryRow[], ({ incident }) => incident);
    return (incidents as unknown as readonly IncidentRow[]).map(({ id, kind }) => ({
      id: id as IncidentId,
      kind: kind as IncidentKind,
      entries: (byIncident.get(id) ?? []).map(({ body }) => JSON.parse(body) as IncidentEntry),
    }));
  }
}

interface Chosen {
  readonly where: string;
  readonly values: readonly SqlValue[];
  readonly limit: number;
}

type IncidentRow = SqlRow & { readonly id: string; readonly kind: string };
type EntryRow = SqlRow & { readonly incident: string; readonly body: string };

/**
 * The count decides who is first: the second of two finds another one than it expected, and nothing of it is written. The last statement says
 * whether this writing is there, be it from an earlier try whose answer was lost.
 */
function appending({ id, kind, token, expected, entries, open }: IncidentWriting): readonly BatchStatement[] {
  const behind = expected + entries.length;
  const making = statement(
    `INSERT INTO incident (id, kind, made_at, entries, open, token) VALUES ($1, $2, $3, 0, 1, '')
     ON CONFLICT (id) DO NOTHING`,
    ...[id, kind, entries[0]?.at ?? 0],
  );
  return [
    ...(expected === 0 ? [making] : []),
    statement(
      'UPDATE incident SET entries = $3, open = $4, token = $5 WHERE id = $1 AND entries = $2',
      ...[id, expected, behind, open ? 1 : 0, token],
    ),
    ...entries.map((entry, i) =>
      statement(
        `INSERT INTO incident_entry (incident, n, token, body)
         SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT 1 FROM incident WHERE id = $1 AND token = $3 AND entries = $5)
         ON CONFLICT (incident, n) DO NOTHING`,
        ...[id, expected + i + 1, token, JSON.stringify(entry), behind],
      ),
    ),
    statement('SELECT n FROM incident_entry WHERE incident = $1 AND token = $2 LIMIT 1', id, token),
  ];
}

function statement(text: string, ...values: SqlValue[]): BatchStatement {
  return { text, values };
}
