/** Which cells there are, which tenant is in which, and how they are asked together. */
import { Fault, type MailId, NotBegun, PROBE_TENANT, SYSTEM_TENANT, type TenantId } from '#/model/index.ts';
import type {
  Blobs,
  Campaigns,
  Custody,
  Decisions,
  DomainKeys,
  Downloads,
  EndedSessions,
  IncidentBook,
  Journal,
  PastMails,
  PeopleBook,
  PolicyMemory,
  QueueFilter,
  Registry,
} from '#/ports/index.ts';
import type { AuditLog } from '../audit-chain.ts';

/** What a cell keeps things in. */
export interface CellStores {
  readonly custody: Custody;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly registry: Registry & AuditLog;
  readonly downloads: Downloads;
  readonly sessions: EndedSessions;
  readonly decisions: Decisions;
  readonly domainKeys: DomainKeys;
  readonly incidents: IncidentBook;
  readonly past: PastMails;
  readonly policyMemory: PolicyMemory;
  readonly people: PeopleBook;
  readonly campaigns: Campaigns;
}

export interface Cell {
  readonly name: string;
  /** Throws the fault `store.unavailable`, with the reason, while the cell is away. */
  stores(): CellStores;
}

/** In the order of the settings. The installation's own mail (postmaster, probes) is in the first one. */
export class Cells {
  readonly all: readonly Cell[];
  readonly first: Cell;
  #homes: ReadonlyMap<string, Cell> = new Map();

  constructor(all: readonly Cell[]) {
    const [first] = all;
    if (first === undefined) throw new TypeError('There is no cell.');
    this.all = all;
    this.first = first;
  }

  named(name: string): Cell | undefined {
    return this.all.find((cell) => cell.name === name);
  }

  /** The cell of a tenant; null for a tenant that none of them has. */
  homeOf(tenant: TenantId | string): Cell | null {
    if (tenant === SYSTEM_TENANT || tenant === PROBE_TENANT) return this.first;
    return this.#homes.get(tenant) ?? null;
  }

  /** Takes over who is where, as the registries say. */
  settle(homes: ReadonlyMap<string, Cell>): void {
    this.#homes = homes;
  }

  /** Asks one; what goes wrong there bears its name. */
  async ask<T>(cell: Cell, work: (stores: CellStores) => Promise<T>): Promise<T> {
    try {
      return await work(cell.stores());
    } catch (error) {
      throw inCell(cell, error);
    }
  }

  /** Asks all of them at once: all answers, or a fault that names the first cell that has none. */
  async askAll<T>(work: (stores: CellStores) => Promise<T>): Promise<readonly T[]> {
    const answers = await this.#settled(work);
    const [failed] = answers.filter(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return valuesOf(answers);
  }

  /** Asks where `filter` can be true: the cell of its tenant, the cells that have its ids, else all. `idsIn` says which ids an answer has. */
  async askFor<T>(
    { tenant, ids }: Pick<QueueFilter, 'tenant' | 'ids'>,
    work: (stores: CellStores) => Promise<T>,
    idsIn: (answer: T) => readonly MailId[],
  ): Promise<readonly T[]> {
    const home = tenant === undefined ? null : this.homeOf(tenant);
    if (home !== null) return [await this.ask(home, work)];
    if (ids === undefined) return await this.askAll(work);
    const answers = await this.#settled(work);
    const found = new Set(valuesOf(answers).flatMap(idsIn));
    const [failed] = answers.filter(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected' && !ids.every((id) => found.has(id))) throw failed.reason;
    return valuesOf(answers);
  }

  #settled<T>(work: (stores: CellStores) => Promise<T>): Promise<PromiseSettledResult<T>[]> {
    return Promise.allSettled(this.all.map((cell) => this.ask(cell, work)));
  }
}

function valuesOf<T>(answers: readonly PromiseSettledResult<T>[]): readonly T[] {
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}

function inCell({ name }: Cell, error: unknown): unknown {
  if (!(error instanceof Fault) || error.message.includes(`the cell ${name}`)) return error;
  const Kind = error instanceof NotBegun ? NotBegun : Fault;
  return new Kind(error.code, `This is about the cell ${name}.`, error);
}
