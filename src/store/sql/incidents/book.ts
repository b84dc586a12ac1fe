/** `ports/incident-book.ts` over any database that runs batches. */
import type { Call, IncidentEntry, IncidentId, IncidentKind, MailId } from '#/model/index.ts';
import type {
  AskLimits,
  ChangeWindow,
  ErasedPerson,
  FilePart,
  HappenedNote,
  IncidentBook,
  IncidentFilter,
  IncidentRecord,
  IncidentWriting,
  Letter,
  NewLetter,
  Subscriber,
  SubscriberWish,
} from '#/ports/index.ts';
import type { Batches, BatchStatement, SqlRow, SqlValue } from '../batches.ts';
import { letterOf, owing, since, taking, untoldIn } from './letters.ts';
import { asking, MOVES, oneSubscriber, someSubscribers, subscriberOf } from './subscribers.ts';

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

  async list(
    { kind, open, since: from }: IncidentFilter,
    limit: number,
    call: Call,
  ): Promise<readonly IncidentRecord[]> {
    const conditions: string[] = [];
    const values: SqlValue[] = [];
    const add = (condition: (mark: string) => string, value: SqlValue): void => {
      values.push(value);
      conditions.push(condition(`$${values.length}`));
    };
    if (kind !== undefined) add((mark) => `kind = ${mark}`, kind);
    if (from !== undefined) add((mark) => `made_at >= ${mark}`, from);
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

  async note({ key, at, by, what }: HappenedNote, call: Call): Promise<void> {
    const insert = 'INSERT INTO change_note (key, at, by, what) VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING';
    await this.#batches.run([statement(insert, key, at, by, what)], call);
  }

  async notes({ from, to }: ChangeWindow, limit: number, call: Call): Promise<readonly HappenedNote[]> {
    const select = `SELECT key, at, by, what FROM change_note WHERE at >= $1 AND at < $2 ORDER BY at DESC, key LIMIT ${limit}`;
    const [rows = []] = await this.#batches.run([statement(select, from, to)], call);
    return (rows as unknown as readonly HappenedNote[]).toReversed();
  }

  async forgetNotes(before: number, call: Call): Promise<void> {
    await this.#batches.run([statement('DELETE FROM change_note WHERE at < $1', before)], call);
  }

  async untold(limit: number, call: Call): ReturnType<IncidentBook['untold']> {
    const [rows = []] = await this.#batches.run([untoldIn(limit)], call);
    return rows as unknown as Awaited<ReturnType<IncidentBook['untold']>>;
  }

  async owe(incident: IncidentId, looked: number | null, letters: readonly NewLetter[], call: Call): Promise<void> {
    await this.#batches.run(owing(incident, looked, letters), call);
  }

  async take(now: number, until: number, limit: number, call: Call): Promise<readonly Letter[]> {
    const [rows = []] = await this.#batches.run([taking(now, until, limit)], call);
    return rows.map(letterOf);
  }

  async done(id: MailId, as: 'sent' | 'nobody', call: Call): Promise<void> {
    await this.#batches.run([statement('UPDATE incident_letter SET state = $2 WHERE id = $1', id, as)], call);
  }

  async letters(madeAt: number, limit: number, call: Call): Promise<readonly Letter[]> {
    const [rows = []] = await this.#batches.run([since(madeAt, limit)], call);
    return rows.map(letterOf);
  }

  async subscribe(wish: SubscriberWish, limits: AskLimits, call: Call): ReturnType<IncidentBook['subscribe']> {
    const [, there = [], waiting = []] = await this.#batches.run(asking(wish, limits), call);
    const [row] = there as unknown as readonly { readonly id: string; readonly state: string }[];
    if (row?.state === 'active') return 'known';
    if (row?.id === wish.id) return 'asked';
    return waiting.length > 0 ? 'wait' : 'full';
  }

  async subscriber(id: string, call: Call): Promise<Subscriber | null> {
    const [rows = []] = await this.#batches.run([oneSubscriber(id)], call);
    return rows[0] === undefined ? null : subscriberOf(rows[0]);
  }

  async confirm(id: string, _at: number, call: Call): Promise<boolean> {
    return await this.#moved(MOVES.confirm(id), call);
  }

  async unsubscribe(id: string, at: number, call: Call): Promise<boolean> {
    return await this.#moved(MOVES.end(id, at), call);
  }

  async subscribers(
    { after, all }: Parameters<IncidentBook['subscribers']>[0],
    limit: number,
    call: Call,
  ): Promise<readonly Subscriber[]> {
    const [rows = []] = await this.#batches.run([someSubscribers(after, all, limit)], call);
    return rows.map(subscriberOf);
  }

  async answered(id: string, well: boolean, call: Call): Promise<number> {
    const [[row] = []] = await this.#batches.run([MOVES.answered(id, well)], call);
    return (row as { readonly failures: number } | undefined)?.failures ?? 0;
  }

  async forgetSubscribers(before: number, call: Call): Promise<void> {
    await this.#batches.run([MOVES.forget(before)], call);
  }

  async eraseTold(
    { addresses, pseudonym }: ErasedPerson,
    call: Call,
  ): Promise<{ readonly subscriptions: number; readonly letters: number }> {
    const marks = addresses.map((_, i) => `$${i + 1}`).join(', ');
    const [subscriptions = [], due = [], sent = []] = await this.#batches.run(
      [
        statement(`DELETE FROM subscriber WHERE lower(address) IN (${marks}) RETURNING id`, ...addresses),
        statement(
          `DELETE FROM incident_letter WHERE state = 'due' AND lower(address) IN (${marks}) RETURNING id`,
          ...addresses,
        ),
        // Several letters of one update may become the same person's: the id keeps them apart.
        statement(
          `UPDATE incident_letter SET address = $${addresses.length + 1}, address_key = id
           WHERE lower(address) IN (${marks}) RETURNING id`,
          ...[...addresses, pseudonym],
        ),
      ],
      call,
    );
    return { subscriptions: subscriptions.length, letters: due.length + sent.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batches[Symbol.asyncDispose]();
  }

  async #moved(move: BatchStatement, call: Call): Promise<boolean> {
    const [rows = []] = await this.#batches.run([move], call);
    return rows.length > 0;
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
