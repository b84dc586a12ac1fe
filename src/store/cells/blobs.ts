/** `ports/blobs.ts` over cells: content stands in the cell of its tenant. */
import { type BlobRef, type Call, Fault, type TenantId } from '#/model/index.ts';
import type { Blobs, BlobWriter } from '#/ports/index.ts';
import type { CellStores, Cells } from './cell.ts';

/** Content of all cells. Faults `store.unavailable` while the tenant's cell is away. */
export function cellsBlobs(cells: Cells): Blobs {
  return new CellsBlobs(cells);
}

class CellsBlobs implements Blobs {
  readonly #cells: Cells;

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  create(tenant: TenantId, call: Call): Promise<BlobWriter> {
    return this.#ask(tenant, ({ blobs }) => blobs.create(tenant, call));
  }

  async *read(tenant: TenantId, ref: BlobRef, call: Call): AsyncGenerator<Uint8Array> {
    yield* await this.#ask(tenant, async ({ blobs }) => blobs.read(tenant, ref, call));
  }

  has(tenant: TenantId, ref: BlobRef, call: Call): Promise<boolean> {
    return this.#ask(tenant, ({ blobs }) => blobs.has(tenant, ref, call));
  }

  condemn(tenant: TenantId, keys: readonly string[], call: Call): Promise<void> {
    return this.#ask(tenant, ({ blobs }) => blobs.condemn(tenant, keys, call));
  }

  /** Each cell purges its own, where it is opened: only it knows which of its blobs are in use. */
  async purge(): Promise<number> {
    throw new TypeError('A purge is of one cell.');
  }

  async #ask<T>(tenant: TenantId, work: (stores: CellStores) => Promise<T>): Promise<T> {
    const home = this.#cells.homeOf(tenant);
    if (home === null) throw new Fault('store.unavailable', `No cell has the tenant ${tenant}.`);
    return await this.#cells.ask(home, work);
  }
}
