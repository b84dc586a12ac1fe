/**
 * `ports/custody.ts` over cells, for what operators ask of mail in custody: acts, bounces, books, audit. Leases, and claims of what is due,
 * are each cell's own: asking for them here is a mistake of ours.
 */
import type {
  ArrivedMail,
  Body,
  Books,
  Call,
  Claim,
  IncarnationId,
  MailId,
  Orphan,
  Settled,
  Settlement,
} from '#/model/index.ts';
import type {
  ActResult,
  ClaimRequest,
  Custody,
  Depth,
  Heartbeat,
  QueueAct,
  QueueFilter,
  Recount,
} from '#/ports/index.ts';
import type { Cell, Cells } from './cell.ts';

/** Custody of all cells. The worker that claims in a cell is the one that its own custody is given there. */
export function cellsCustody(cells: Cells): Custody {
  return new CellsCustody(cells);
}

class CellsCustody implements Custody {
  readonly #cells: Cells;

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  async accept(mails: readonly ArrivedMail[], claimFor: IncarnationId | null, call: Call): Promise<void> {
    const homes = new Set(mails.map(({ tenant }) => this.#cells.homeOf(tenant)));
    const [home = null] = homes;
    if (homes.size !== 1 || home === null) throw new TypeError('The mails of one call are of one cell.');
    await this.#cells.ask(home, ({ custody }) => custody.accept(mails, claimFor, call));
  }

  async claim(request: ClaimRequest, worker: IncarnationId, call: Call): Promise<readonly Claim[]> {
    if (request.kind !== 'named') throw perCell();
    const claims: Claim[] = [];
    for (const cell of await this.#where(request.filter, call)) {
      const limit = request.limit - claims.reduce((sum, { recipients }) => sum + recipients.length, 0);
      if (limit <= 0) break;
      claims.push(
        ...(await this.#cells.ask(cell, ({ custody }) => custody.claim({ ...request, limit }, worker, call))),
      );
    }
    return claims;
  }

  async settle(settlement: Settlement, worker: IncarnationId, call: Call): Promise<readonly Settled[]> {
    const { mail } = settlement.claim;
    const home = this.#cells.homeOf(mail.tenant) ?? (await this.#cellWith(mail.id, call));
    return await this.#cells.ask(home, ({ custody }) => custody.settle(settlement, worker, call));
  }

  async body(message: MailId, call: Call): Promise<Body> {
    const home = await this.#cellWith(message, call);
    return await this.#cells.ask(home, ({ custody }) => custody.body(message, call));
  }

  async depth(call: Call): Promise<readonly Depth[]> {
    return (await this.#cells.askAll(({ custody }) => custody.depth(call))).flat();
  }

  /** Cell after cell, all of them looked for before anything is done; repeated until `more` is false, as with one store. */
  async act(act: QueueAct, filter: QueueFilter, by: string, limit: number, call: Call): Promise<ActResult> {
    const messages: MailId[] = [];
    let recipients = 0;
    for (const cell of await this.#where(filter, call)) {
      if (recipients >= limit) return { recipients, messages, more: true };
      const left = limit - recipients;
      const step = await this.#cells.ask(cell, ({ custody }) => custody.act(act, filter, by, left, call));
      recipients += step.recipients;
      messages.push(...step.messages);
      if (step.more) return { recipients, messages, more: true };
    }
    return { recipients, messages, more: false };
  }

  async sweep(call: Call): Promise<readonly Orphan[]> {
    return (await this.#cells.askAll(({ custody }) => custody.sweep(call))).flat();
  }

  /** Cell after cell; `after` and `next` name the cell too: `east/ID`. */
  async scrub(after: MailId | null, limit: number, call: Call): ReturnType<Custody['scrub']> {
    const [name, id = ''] = after === null ? [this.#cells.first.name] : after.split('/');
    const cell = this.#cells.named(name ?? '');
    if (cell === undefined) throw new TypeError(`There is no cell ${name}.`);
    const from = id === '' ? null : (id as MailId);
    const step = await this.#cells.ask(cell, ({ custody }) => custody.scrub(from, limit, call));
    if (step.next !== null) return { ...step, next: `${cell.name}/${step.next}` as MailId };
    const following = this.#cells.all[this.#cells.all.indexOf(cell) + 1];
    return { ...step, next: following === undefined ? null : (`${following.name}/` as MailId) };
  }

  async books(call: Call): Promise<readonly Books[]> {
    return (await this.#cells.askAll(({ custody }) => custody.books(call))).flat();
  }

  async recount(call: Call): Promise<readonly Recount[]> {
    return (await this.#cells.askAll(({ custody }) => custody.recount(call))).flat();
  }

  /** To all of them: a word of the operator about the clock is about this host. */
  async remember(name: string, value: string, call: Call): Promise<void> {
    await this.#cells.askAll(({ custody }) => custody.remember(name, value, call));
  }

  async recall(name: string, call: Call): Promise<string | null> {
    const values = await this.#cells.askAll(({ custody }) => custody.recall(name, call));
    return values.find((value) => value !== null) ?? null;
  }

  reserveBytes(): number {
    return this.#cells.all.reduce((sum, cell) => sum + cell.stores().custody.reserveBytes(), 0);
  }

  async enlist(): Promise<void> {
    throw perCell();
  }

  async beat(): Promise<boolean> {
    throw perCell();
  }

  async beats(): Promise<readonly Heartbeat[]> {
    throw perCell();
  }

  async retire(): Promise<number> {
    throw perCell();
  }

  async rollOver(): Promise<never> {
    throw perCell();
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** The cells in which `filter` can hit something; a fault where that is not known because one of them is away. */
  async #where(filter: QueueFilter, call: Call): Promise<readonly Cell[]> {
    const home = filter.tenant === undefined ? null : this.#cells.homeOf(filter.tenant);
    if (home !== null) return [home];
    if (filter.ids !== undefined) return await this.#cellsWith(filter.ids, call);
    for (const cell of this.#cells.all) cell.stores();
    return this.#cells.all;
  }

  async #cellsWith(ids: readonly MailId[], call: Call): Promise<readonly Cell[]> {
    const found = await this.#cells.askFor(
      { ids },
      async (stores) => ({ stores, traces: await stores.journal.trace({ ids }, ids.length, call) }),
      ({ traces }) => traces.map(({ id }) => id),
    );
    const having = new Set(found.filter(({ traces }) => traces.length > 0).map(({ stores }) => stores.custody));
    return this.#cells.all.filter((cell) => holds(cell, having));
  }

  async #cellWith(id: MailId, call: Call): Promise<Cell> {
    const [cell = this.#cells.first] = await this.#cellsWith([id], call);
    return cell;
  }
}

/** Not one that has gone away this moment: then the act that follows names it. */
function holds(cell: Cell, having: ReadonlySet<Custody>): boolean {
  try {
    return having.has(cell.stores().custody);
  } catch {
    return false;
  }
}

function perCell(): TypeError {
  return new TypeError('Claims and leases are of one cell.');
}
