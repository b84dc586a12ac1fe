/** All cells of an installation in one process, and what is asked of them together. */
import type { Settings } from '#/config/index.ts';
import { Fault } from '#/model/index.ts';
import type { Intake } from '#/ports/index.ts';
import {
  Cells,
  cellsBlobs,
  cellsCampaigns,
  cellsCustody,
  cellsDecisions,
  cellsDomainKeys,
  cellsDownloads,
  cellsEndedSessions,
  cellsIncidents,
  cellsIntake,
  cellsJournal,
  cellsPastMails,
  cellsPeople,
  cellsPolicyMemory,
  cellsRegistry,
  type KnownResources,
  knownResourcesIn,
} from '#/store/cells/index.ts';
import type { Claims } from '../claims.ts';
import type { ProcessRoleParts } from '../opened.ts';
import type { Stores } from '../stores.ts';
import { cellFolder, cellSettings } from './cell-settings.ts';
import { CellKeeper, type OpenServices } from './keeper.ts';

const LOOK_AGAIN_MS = 50;
/** For the services of the cells that are there, before people are served. */
const SERVED_MS = 10_000;

export class Keepers implements AsyncDisposable {
  readonly all: readonly CellKeeper[];
  readonly cells: Cells;
  readonly stores: Stores;
  readonly intake: Intake;
  readonly #parts: ProcessRoleParts;
  readonly #known: KnownResources;

  /** Begins to open all of them. */
  constructor(settings: Settings, parts: ProcessRoleParts) {
    this.#parts = parts;
    this.#known = knownResourcesIn((cell) => cellFolder(settings, cell));
    const names = Object.keys(settings.cells ?? {});
    this.all = names.map((name) => CellKeeper.start(name, cellSettings(settings, name), parts, this.#known));
    this.cells = new Cells(this.all);
    this.stores = storesOver(this.cells, this.#known, (purpose) => this.#derivedKey(purpose));
    this.intake = cellsIntake(this.cells, (name) => this.named(name)?.services?.claims?.intake ?? null);
  }

  named(name: string): CellKeeper | undefined {
    return this.all.find((keeper) => keeper.name === name);
  }

  /** Claims of all cells that are there. */
  claims(): readonly Claims[] {
    return this.all.flatMap((keeper) => keeper.services?.claims ?? []);
  }

  /** What is worth knowing while it works: which cells are away. */
  trouble(): string | undefined {
    const away = this.all.filter((keeper) => keeper.services === null);
    return away.length === 0 ? undefined : away.map(({ name, why }) => `the cell ${name} is away: ${why}`).join('; ');
  }

  /**
   * Resolves when it can be told who our tenants are: at least one cell is there, and of each that is away this host knows the tenants
   * from before. Rejects when `parts.stop` aborts, and where nobody is patient and none can be opened.
   */
  async stand(): Promise<void> {
    const { clock, stop, patient, health } = this.#parts;
    while (!(await this.#stands())) {
      const none = this.all.every((keeper) => keeper.isSettled && !keeper.isThere);
      if (stop.aborted || (none && !patient)) throw new Fault('store.unavailable', this.trouble());
      health.waits();
      await clock.sleep(LOOK_AGAIN_MS, stop);
    }
  }

  /** Runs services on all cells; resolves when they stand on those that are there, or time is over. */
  async serveBy(open: OpenServices): Promise<void> {
    const { clock, stop } = this.#parts;
    const until = clock.monotonic() + SERVED_MS;
    for (const keeper of this.all) keeper.serveBy(open);
    const isServed = (): boolean => this.all.every((keeper) => keeper.services !== null || !keeper.isThere);
    while (!isServed() && !stop.aborted && clock.monotonic() < until) await clock.sleep(LOOK_AGAIN_MS, stop);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((keeper) => keeper[Symbol.asyncDispose]()));
  }

  async #stands(): Promise<boolean> {
    if (!this.all.every(({ isSettled }) => isSettled) || !this.all.some(({ isThere }) => isThere)) return false;
    for (const { name, isThere } of this.all) if (!isThere && (await this.#known.load(name)) === null) return false;
    return true;
  }

  /** All of them derive from the one key of the installation. */
  #derivedKey(purpose: string): Buffer {
    for (const keeper of this.all) {
      const key = keeper.derivedKey(purpose);
      if (key !== null) return key;
    }
    throw new Fault('store.unavailable', this.trouble());
  }
}

/** The ports over these cells. */
export function storesOver(cells: Cells, known: KnownResources, derivedKey: Stores['derivedKey']): Stores {
  return {
    custody: cellsCustody(cells),
    journal: cellsJournal(cells),
    blobs: cellsBlobs(cells),
    registry: cellsRegistry(cells, known),
    downloads: cellsDownloads(cells),
    sessions: cellsEndedSessions(cells),
    decisions: cellsDecisions(cells),
    domainKeys: cellsDomainKeys(cells),
    incidents: cellsIncidents(cells),
    past: cellsPastMails(cells),
    policyMemory: cellsPolicyMemory(cells),
    people: cellsPeople(cells),
    campaigns: cellsCampaigns(cells),
    derivedKey,
    costs: null,
    [Symbol.asyncDispose]: async () => {},
  };
}
