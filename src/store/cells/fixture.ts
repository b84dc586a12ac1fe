/** Cells in memory for tests, each with a knob that takes it away. */
import { Fault, type TenantId, within } from '#/model/index.ts';
import type { Journal, RegistrySnapshot } from '#/ports/index.ts';
import { SUITE_SETTINGS } from '../contract/custody.ts';
import { StandingClock } from '../contract/samples.ts';
import {
  openMemoryBlobs,
  openMemoryCampaigns,
  openMemoryCustody,
  openMemoryDownloads,
  openMemoryIncidents,
  openMemoryPastMails,
  openMemoryPeople,
  openMemoryPolicyMemory,
  openMemoryRegistry,
} from '../memory/index.ts';
import { type Cell, Cells, cellsRegistry, type KnownResources } from './index.ts';

/** A cell in memory. */
export class KnobCell implements Cell {
  readonly name: string;
  /** Its store can't be reached. */
  away = false;
  /** Its lists are given in pages of so many at most. */
  pageMax = Number.POSITIVE_INFINITY;
  readonly #stores: ReturnType<Cell['stores']>;

  constructor(name: string, clock: StandingClock) {
    this.name = name;
    const custody = openMemoryCustody({ clock }, SUITE_SETTINGS);
    const journal: Journal = {
      trace: (query, limit, call) => custody.trace(query, limit, call),
      queue: (filter, after, limit, call) => custody.queue(filter, after, Math.min(limit, this.pageMax), call),
      firstAttempts: (since, call) => custody.firstAttempts(since, call),
      affectedCounts: (query, call) => custody.affectedCounts(query, call),
      affected: (query, after, limit, call) => custody.affected(query, after, Math.min(limit, this.pageMax), call),
    };
    const blobs = openMemoryBlobs({ clock });
    const downloads = openMemoryDownloads();
    const { sessions, decisions, domainKeys } = downloads;
    this.#stores = {
      ...{ custody, journal, blobs, registry: openMemoryRegistry() },
      ...{ downloads, sessions, decisions, domainKeys, incidents: openMemoryIncidents() },
      past: openMemoryPastMails(),
      policyMemory: openMemoryPolicyMemory(),
      people: openMemoryPeople(),
      campaigns: openMemoryCampaigns(),
    };
  }

  /** What it has, away or not. */
  get inside(): ReturnType<Cell['stores']> {
    return this.#stores;
  }

  stores(): ReturnType<Cell['stores']> {
    if (this.away) throw new Fault('store.unavailable', `It is the cell ${this.name}: pulled out.`);
    return this.#stores;
  }
}

/** What is known of cells, without a disk. */
export class FakeKnown implements KnownResources {
  readonly kept = new Map<string, RegistrySnapshot>();

  async load(cell: string): Promise<RegistrySnapshot | null> {
    return this.kept.get(cell) ?? null;
  }

  async save(cell: string, snapshot: RegistrySnapshot): Promise<void> {
    this.kept.set(cell, snapshot);
  }
}

/** East with acme, west with bolt; nothing is applied yet. */
export function twoCells() {
  const clock = new StandingClock();
  const [east, west] = [new KnobCell('east', clock), new KnobCell('west', clock)];
  const cells = new Cells([east, west]);
  const known = new FakeKnown();
  return { clock, east, west, cells, known, registry: cellsRegistry(cells, known) };
}

export const ACME = { id: 'acme' as TenantId, cell: 'east' };
export const BOLT = { id: 'bolt' as TenantId, cell: 'west' };

/** Both tenants where they belong. */
export async function settledCells() {
  const all = twoCells();
  const change = { at: 1, by: 'test', lines: ['+ tenant acme', '+ tenant bolt'] };
  await all.registry.replace(0, { tenants: [ACME, BOLT] }, change, within(30_000));
  await all.registry.load(within(30_000));
  return all;
}
