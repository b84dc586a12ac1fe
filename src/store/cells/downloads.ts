/**
 * `ports/downloads.ts` over cells: a share stands in the cell of its tenant. Who has a token or the name of a share alone is led to the cell that has
 * it; where none that is there does and another is away, it says so. Each cell keeps its own house.
 */
import type { BlobRef, Call, RecipientNumber, ShareId, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type {
  CodeLimits,
  Downloads,
  ErasedPerson,
  FoundLink,
  KeepAnswer,
  LinkAct,
  LinkEvent,
  LinkKey,
  NewCode,
  NewLinkEvent,
  NewShare,
  ProofAttempt,
  Share,
  ShareFilter,
} from '#/ports/index.ts';
import type { Cell, Cells } from './cell.ts';

export function cellsDownloads(cells: Cells): Downloads {
  return new CellsDownloads(cells);
}

/** Shares whose cell is remembered: those that people are at now. */
const KNOWN_MAX = 10_000;

class CellsDownloads implements Downloads {
  readonly #cells: Cells;
  readonly #known = new Map<ShareId, Cell>();

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  async has(share: ShareId, call: Call): Promise<boolean> {
    return await this.#of(share, call, false, (downloads) => downloads.has(share, call));
  }

  keep(share: NewShare, quotaBytes: number, call: Call): Promise<KeepAnswer> {
    return this.#cells.ask(this.#home(share.tenant), ({ downloads }) => downloads.keep(share, quotaBytes, call));
  }

  async find(tokenHash: string, call: Call): Promise<FoundLink | null> {
    return await this.#first(({ downloads }) => downloads.find(tokenHash, call));
  }

  async file(share: ShareId, file: number, call: Call): Promise<Buffer | BlobRef | null> {
    return await this.#of(share, call, null, (downloads) => downloads.file(share, file, call));
  }

  async take(link: LinkKey, file: number, now: number, call: Call): Promise<boolean> {
    return await this.#of(link.share, call, false, (downloads) => downloads.take(link, file, now, call));
  }

  async giveBack(link: LinkKey, file: number, call: Call): Promise<void> {
    await this.#of(link.share, call, undefined, (downloads) => downloads.giveBack(link, file, call));
  }

  async setCode(link: LinkKey, code: NewCode, limits: CodeLimits, call: Call): Promise<boolean> {
    return await this.#of(link.share, call, false, (downloads) => downloads.setCode(link, code, limits, call));
  }

  async tryProof(link: LinkKey, attempt: ProofAttempt, call: Call): Promise<'right' | 'wrong' | 'spent'> {
    return await this.#of(link.share, call, 'spent', (downloads) => downloads.tryProof(link, attempt, call));
  }

  async act(share: ShareId, recipient: RecipientNumber | null, act: LinkAct, call: Call): Promise<number> {
    return await this.#of(share, call, 0, (downloads) => downloads.act(share, recipient, act, call));
  }

  async note(event: NewLinkEvent, call: Call): Promise<void> {
    await this.#of(event.share, call, undefined, (downloads) => downloads.note(event, call));
  }

  async list(filter: ShareFilter, after: ShareId | null, limit: number, call: Call): Promise<readonly Share[]> {
    if (filter.tenant !== undefined) {
      const home = this.#home(filter.tenant);
      return this.#cells.ask(home, ({ downloads }) => downloads.list(filter, after, limit, call));
    }
    const lists = await this.#cells.askAll(({ downloads }) => downloads.list(filter, after, limit, call));
    return lists
      .flat()
      .sort((one, other) => (one.id < other.id ? 1 : -1))
      .slice(0, limit);
  }

  async show(share: ShareId, call: Call): Promise<Share | null> {
    return await this.#first(({ downloads }) => downloads.show(share, call));
  }

  async events(share: ShareId, limit: number, call: Call): Promise<readonly LinkEvent[]> {
    return await this.#of(share, call, [], (downloads) => downloads.events(share, limit, call));
  }

  async bytes(tenant: TenantId, call: Call): Promise<number> {
    return await this.#cells.ask(this.#home(tenant), ({ downloads }) => downloads.bytes(tenant, call));
  }

  async due(): Promise<never> {
    return keepsHouse();
  }

  async looked(): Promise<never> {
    return keepsHouse();
  }

  async dropFiles(): Promise<never> {
    return keepsHouse();
  }

  async forget(): Promise<never> {
    return keepsHouse();
  }

  async blobsInUse(): Promise<never> {
    return keepsHouse();
  }

  async erase(person: ErasedPerson, call: Call): Promise<number> {
    const counts = await this.#cells.askAll(({ downloads }) => downloads.erase(person, call));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #home(tenant: TenantId): Cell {
    const home = this.#cells.homeOf(tenant);
    if (home === null) throw new Fault('store.unavailable', `No cell has the tenant ${tenant}.`);
    return home;
  }

  /** In the cell that has the share; `none` where no cell has it. */
  async #of<T>(share: ShareId, call: Call, none: T, work: (downloads: Downloads) => Promise<T>): Promise<T> {
    const cell = await this.#cellOf(share, call);
    return cell === null ? none : await this.#cells.ask(cell, ({ downloads }) => work(downloads));
  }

  async #cellOf(share: ShareId, call: Call): Promise<Cell | null> {
    const known = this.#known.get(share);
    if (known !== undefined) return known;
    const found = await this.#asked(async (cell) => {
      const shown = await this.#cells.ask(cell, ({ downloads }) => downloads.show(share, call));
      return shown === null ? null : cell;
    });
    if (found === null) return null;
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(share, found);
    return found;
  }

  #first<T>(work: (stores: ReturnType<Cell['stores']>) => Promise<T | null>): Promise<T | null> {
    return this.#asked((cell) => this.#cells.ask(cell, work));
  }

  /** What the one cell answers that knows it. A cell that is away may be the one: then nobody says that it is not there. */
  async #asked<T>(work: (cell: Cell) => Promise<T | null>): Promise<T | null> {
    const answers = await Promise.allSettled(this.#cells.all.map(work));
    for (const answer of answers) if (answer.status === 'fulfilled' && answer.value !== null) return answer.value;
    const [failed] = answers.filter(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return null;
  }
}

function keepsHouse(): never {
  throw new TypeError('Each cell keeps its own house.');
}
