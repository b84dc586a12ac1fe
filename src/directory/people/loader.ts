/**
 * Loads a set of people: rows into a draft, the draft into parts, a look at what is lost, the switch. Until the switch nobody sees anything of it, and a
 * load that ends half-way leaves what served as it was, with the reason beside it.
 *
 * States of a set: drafted ─whole─▶ kept ─no objection, or a person's word─▶ serves; ─objections─▶ refused, and kept for a look.
 */

import type { TextCharset } from '#/codec/csv/index.ts';
import { type Call, newMailId, type TenantId } from '#/model/index.ts';
import { type Clock, type Log, type PeopleBook, type PeopleEntry, type PeopleStand, Refusal } from '#/ports/index.ts';
import { Cutter } from './cutter.ts';
import type { Table } from './cutting.ts';
import { type Difference, differenceOf } from './difference.ts';
import type { CutGeneration } from './draft.ts';
import { objectionsTo } from './judge.ts';
import { heldOf, keepGeneration } from './keep.ts';
import { RESOURCES } from './resources.ts';
import type { Row } from './rows.ts';
import type { PeopleShelf } from './shelf.ts';

export interface PeopleLoaderParts {
  readonly book: PeopleBook;
  readonly shelf: PeopleShelf;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export interface LoadOrder {
  readonly tenant: TenantId;
  readonly source: string;
  /** All of it; what it throws ends the load. */
  readonly from: Table | AsyncIterable<Row>;
  readonly by: string;
  /** Attributes that nearly everybody must have. */
  readonly required: readonly string[];
  /** Only look: nothing is kept. */
  readonly dryRun: boolean;
  /** A person's word that it may serve whatever it loses; null: objections stop it. */
  readonly reason: string | null;
}

export interface LoadReport {
  readonly outcome: 'serves' | 'unchanged' | 'refused' | 'would serve' | 'would be refused';
  readonly entry: PeopleEntry;
  readonly difference: Difference;
  /** Of a table. */
  readonly charset: TextCharset | null;
}

export class PeopleLoader {
  readonly #parts: PeopleLoaderParts;
  readonly #loading = new Set<TenantId>();

  constructor(parts: PeopleLoaderParts) {
    this.#parts = parts;
  }

  /** Refuses what is too large, what its source can't give, and a second load of a tenant at once. */
  async load(order: LoadOrder, call: Call): Promise<LoadReport> {
    const { tenant, dryRun } = order;
    if (this.#loading.has(tenant)) throw new Refusal(4, `People of ${tenant} are being loaded; try again in a minute.`);
    this.#loading.add(tenant);
    try {
      return await this.#load(order, call);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!dryRun) {
        this.#parts.log.warn('people.load-failed', { tenant, source: order.source, why });
        await this.#parts.book.tried(tenant, this.#parts.clock.now(), why, call).catch(() => {});
      }
      throw error;
    } finally {
      this.#loading.delete(tenant);
    }
  }

  async #load({ tenant, source, from, by, required, dryRun, reason }: LoadOrder, call: Call): Promise<LoadReport> {
    const { book, shelf, clock } = this.#parts;
    const { cut, charset } = await cutOf(from, call);
    const stand = await book.stand(tenant, call);
    const before = await shelf.serving(tenant, call);
    const at = clock.now();
    const counted = { people: cut.people, groups: cut.groups, attributes: cut.attributes, remarks: cut.remarks };
    const draft: PeopleEntry = { tenant, id: newMailId(at), source, at, by, ...counted, refused: [] };
    const next = await heldOf(draft, cut);
    const difference = await differenceOf(before.generation, next);
    if (stand?.current !== null && before.entry.source === source && next.isSame(before.generation)) {
      if (!dryRun) await book.tried(tenant, at, null, call);
      return { outcome: 'unchanged', entry: before.entry, difference, charset };
    }
    const refused = objectionsTo(draft, before.entry, difference.removed, required);
    const entry = { ...draft, refused };
    const isStopped = refused.length > 0 && reason === null;
    if (dryRun) return { outcome: isStopped ? 'would be refused' : 'would serve', entry, difference, charset };
    await keepGeneration(this.#parts, entry, cut, call);
    if (isStopped) await this.#refused(entry, call);
    else {
      shelf.hold(tenant, next);
      await this.#serve(stand, entry, { by, reason }, call);
    }
    return { outcome: isStopped ? 'refused' : 'serves', entry, difference, charset };
  }

  async #refused({ tenant, id, source, at, refused }: PeopleEntry, call: Call): Promise<void> {
    await this.#parts.book.tried(tenant, at, `Refused: ${refused.join(' ')}`, call);
    this.#parts.log.warn('people.refused', { tenant, generation: id, source, why: refused.join(' ') });
  }

  async #serve(
    stand: PeopleStand | null,
    { tenant, id, source, at, people }: PeopleEntry,
    { by, reason }: Pick<PeopleStand, 'by' | 'reason'>,
    call: Call,
  ): Promise<void> {
    const before = stand?.current ?? RESOURCES;
    const next = { current: id, since: at, by, reason, before, confirmedAt: at, trouble: null };
    if (!(await this.#parts.book.serve(tenant, stand?.current ?? null, next, call)))
      throw new Refusal(4, 'Somebody else has switched meanwhile; look again, and load again.');
    this.#parts.shelf.switched(tenant);
    this.#parts.log.info('people.switched', { tenant, generation: id, source, people });
  }
}

/** Lets `id` serve, or the resources (null), as a person says. */
export async function switchPeople(
  { book, shelf, clock, log }: PeopleLoaderParts,
  {
    tenant,
    id,
    by,
    reason,
  }: { readonly tenant: TenantId; readonly id: string | null; readonly by: string; readonly reason: string | null },
  call: Call,
): Promise<void> {
  const stand = await book.stand(tenant, call);
  const now = clock.now();
  const found = id === null ? null : await book.find(tenant, id, call);
  // Read whole before anybody is led to it.
  if (id !== null) await shelf.byId(tenant, id);
  if (id !== null && found === null)
    throw new Refusal(1, `There is no generation ${id}. "holdfast directory list" shows those that there are.`);
  if ((stand?.current ?? null) === id) throw new Refusal(1, 'It serves already.');
  const before = stand?.current ?? RESOURCES;
  const confirmedAt = found?.entry.at ?? now;
  const next = { current: id, since: now, by, reason, before, confirmedAt, trouble: null };
  if (!(await book.serve(tenant, stand?.current ?? null, next, call)))
    throw new Refusal(4, 'Somebody else has switched meanwhile; look again.');
  shelf.switched(tenant);
  log.info('people.switched', { tenant, generation: id ?? RESOURCES, source: found?.entry.source ?? RESOURCES });
}

async function cutOf(
  from: Table | AsyncIterable<Row>,
  call: Call,
): Promise<{ readonly cut: CutGeneration; readonly charset: TextCharset | null }> {
  await using cutter = new Cutter(call);
  const charset = 'octets' in from ? await cutter.table(from) : null;
  if (!('octets' in from)) await cutter.rows(from);
  return { cut: await cutter.cut(), charset };
}
