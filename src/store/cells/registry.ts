/**
 * `ports/registry.ts` over cells: the resources, counters and audit entries of a tenant are in the registry of its cell, and are read as one.
 *
 * A version is the sum of the cells' versions: each of them only grows, so that the same sum is the same state of all. A change is
 * compared and set cell by cell, where something changes. When somebody else was quicker in the second of two cells, the first one keeps its part, and
 * whoever changes plans again on top of it: a file is whole at the end, but two cells do not switch in one moment.
 *
 * A cell that is away is read as it was last seen, by this process or by one before it on this host. One that was never seen makes `load`
 * fail: nobody knows whose domains are ours then.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Call, Fault } from '#/model/index.ts';
import type {
  AuditEntry,
  ErasedNames,
  ErasedPerson,
  ErasureNote,
  PolicyStep,
  Registry,
  RegistryChange,
  RegistrySnapshot,
  ToldChange,
  UsageCount,
  UsageRow,
} from '#/ports/index.ts';
import { Refusal } from '#/ports/index.ts';
import type { AuditLog, AuditPage, AuditVerdict, ChainedAuditEntry } from '../audit-chain.ts';
import type { Cell, Cells } from './cell.ts';
import type { KnownResources } from './known-resources.ts';
import { changeFor, homesOf, mergeResources, splitResources } from './resources.ts';

/** The registries of all cells as one. */
export function cellsRegistry(cells: Cells, known: KnownResources): Registry & AuditLog {
  return new CellsRegistry(cells, known);
}

/** For one cell's answer to a look; the others' tenants must not wait for one that is silent. */
const LOOK_MS = 2_000;
/** A cell without tenants, and one that nothing was ever written to, are the same. */
const NOTHING = { tenants: [] };

class CellsRegistry implements Registry, AuditLog {
  readonly #cells: Cells;
  readonly #known: KnownResources;
  readonly #seen = new Map<string, RegistrySnapshot>();
  #merged: { readonly versions: readonly number[]; readonly resources: unknown } | null = null;

  constructor(cells: Cells, known: KnownResources) {
    this.#cells = cells;
    this.#known = known;
  }

  async load(call: Call): Promise<RegistrySnapshot> {
    const snapshots = await this.#snapshots(call);
    this.#cells.settle(homesOf(this.#cells, snapshots));
    return {
      version: sumOf(snapshots),
      at: Math.max(...snapshots.map(({ at }) => at)),
      resources: this.#mergedOf(snapshots),
    };
  }

  /** Merged once for the snapshots of these versions: mail asks every few ms. */
  #mergedOf(snapshots: readonly RegistrySnapshot[]): unknown {
    const isSame = snapshots.every(({ version }, i) => version === this.#merged?.versions[i]);
    if (this.#merged !== null && isSame) return this.#merged.resources;
    const resources = mergeResources(this.#cells, snapshots);
    this.#merged = { versions: snapshots.map(({ version }) => version), resources };
    return resources;
  }

  async replace(expected: number, resources: unknown, change: RegistryChange, call: Call): Promise<boolean> {
    const before = await this.#snapshots(call);
    if (sumOf(before) !== expected) return false;
    const next = splitResources(this.#cells, resources);
    const old = splitResources(this.#cells, mergeResources(this.#cells, before));
    const differing = this.#cells.all.flatMap((_, i) =>
      isDeepStrictEqual(old[i] ?? NOTHING, next[i] ?? NOTHING) ? [] : [i],
    );
    // A change that changes nothing is one all the same, and is written down.
    const changed = differing.length === 0 ? [0] : differing;
    refuseMoves(homesOf(this.#cells, before), this.#cells, next);
    // All of them are there before the first one changes.
    for (const i of changed) this.#cells.all[i]?.stores();
    for (const i of changed) {
      const cell = this.#cells.all[i] ?? this.#cells.first;
      const part = changeFor(change, next[i], old[i]);
      const version = before[i]?.version ?? 0;
      const done = await this.#cells.ask(cell, ({ registry }) => registry.replace(version, next[i], part, call));
      if (!done) return false;
    }
    return true;
  }

  async changes(limit: number, call: Call): Promise<readonly (ToldChange & { readonly version: number })[]> {
    const lists = await this.#cells.askAll(({ registry }) => registry.changes(limit, call));
    return lists
      .flat()
      .sort((one, other) => other.at - one.at)
      .slice(0, limit);
  }

  /** A step has the version of its tenant's cell. */
  async policySteps(tenant: string | null, limit: number, call: Call): Promise<readonly PolicyStep[]> {
    if (tenant !== null) {
      const home = this.#cells.homeOf(tenant);
      return home === null
        ? []
        : await this.#cells.ask(home, ({ registry }) => registry.policySteps(tenant, limit, call));
    }
    const lists = await this.#cells.askAll(({ registry }) => registry.policySteps(null, limit, call));
    return lists
      .flat()
      .sort((one, other) => other.at - one.at)
      .slice(0, limit);
  }

  /** Of cells that are there: who belongs to another one can't send now. */
  async loadUsage(call: Call): Promise<readonly UsageRow[]> {
    const lists = await Promise.allSettled(
      this.#cells.all.map((cell) => this.#cells.ask(cell, ({ registry }) => registry.loadUsage(call))),
    );
    return lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []));
  }

  /** Saves what can be saved, and fails where that is nothing. */
  async saveUsage(rows: readonly UsageRow[], call: Call): Promise<readonly UsageCount[]> {
    const byCell = Map.groupBy(rows, ({ tenant }) => this.#cells.homeOf(tenant) ?? this.#cells.first);
    const saving = [...byCell].map(([cell, own]) =>
      this.#cells.ask(cell, ({ registry }) => registry.saveUsage(own, call)),
    );
    const saved = await Promise.allSettled(saving);
    const failed = saved.find((one) => one.status === 'rejected');
    if (failed !== undefined && saved.every((one) => one.status === 'rejected')) throw failed.reason;
    return saved.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  }

  /** In the cell of the tenant that the entry is about; what is about no one tenant goes to the first cell that takes it. */
  async audit(entry: AuditEntry, call: Call): Promise<void> {
    const home = this.#homeOfAct(entry);
    if (home !== null) return await this.#cells.ask(home, ({ registry }) => registry.audit(entry, call));
    let failure: unknown = null;
    for (const cell of this.#cells.all) {
      try {
        return await this.#cells.ask(cell, ({ registry }) => registry.audit(entry, call));
      } catch (error) {
        // Only where nothing can have been written is it written elsewhere.
        if (!(error instanceof Fault && error.code === 'store.unavailable')) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  /** Each cell has its own chain, and numbers of its own. */
  async auditEntries(after: number | null, limit: number, call: Call): Promise<readonly ChainedAuditEntry[]> {
    const lists = await this.#cells.askAll(({ registry }) => registry.auditEntries(after, limit, call));
    const all = lists.flat().sort((one, other) => one.at - other.at);
    if (after === null) return all.slice(-limit);
    const told = lists.filter((list) => list.length > 0);
    if (told.length > 1 && lists.some((list) => list.length === limit))
      throw new Refusal(
        2,
        'The cells number their entries by themselves. Ask for more at once, or for the newest ones.',
      );
    return all;
  }

  /** One cell after the other: `CELL` or `CELL PLACE`. */
  async auditPage(after: string | null, limit: number, call: Call): Promise<AuditPage> {
    const [place = '0', behind = null] = (after ?? '0').split(' ');
    const at = Number(place);
    const cell = this.#cells.all[at];
    if (cell === undefined) return { entries: [], next: null };
    const { entries, next } = await this.#cells.ask(cell, ({ registry }) => registry.auditPage(behind, limit, call));
    if (next !== null) return { entries, next: `${at} ${next}` };
    return { entries, next: at + 1 < this.#cells.all.length ? `${at + 1}` : null };
  }

  /** In every cell: who is somebody in one tenant may be named in another's. */
  async eraseNames(person: ErasedPerson, note: ErasureNote, call: Call): Promise<ErasedNames> {
    const steps = await this.#cells.askAll(({ registry }) => registry.eraseNames(person, note, call));
    const sum = (of: 'entries' | 'changes' | 'rules' | 'counters'): number =>
      steps.reduce((all, step) => all + step[of], 0);
    return {
      ...{ entries: sum('entries'), changes: sum('changes'), rules: sum('rules'), counters: sum('counters') },
      more: steps.some(({ more }) => more),
    };
  }

  async verifyAudit(call: Call): Promise<AuditVerdict> {
    const verdicts = await this.#cells.askAll(({ registry }) => registry.verifyAudit(call));
    const broken = verdicts.find(({ brokenAt }) => brokenAt !== null);
    return {
      entries: verdicts.reduce((sum, { entries }) => sum + entries, 0),
      brokenAt: broken?.brokenAt ?? null,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  // Where one cell is unknown the others have been written down all the same when this is answered: nothing goes on behind it.
  async #snapshots(call: Call): Promise<readonly RegistrySnapshot[]> {
    const looks = await Promise.allSettled(this.#cells.all.map((cell) => this.#snapshotOf(cell, call)));
    return looks.map((look) => {
      if (look.status === 'rejected') throw look.reason;
      return look.value;
    });
  }

  async #snapshotOf(cell: Cell, call: Call): Promise<RegistrySnapshot> {
    const deadlineAt = Math.min(call.deadlineAt, performance.now() + LOOK_MS);
    try {
      const fresh = await this.#cells.ask(cell, ({ registry }) => registry.load({ ...call, deadlineAt }));
      await this.#see(cell, fresh);
      return fresh;
    } catch (error) {
      if (performance.now() > call.deadlineAt || call.signal?.aborted) throw error;
      const known = this.#seen.get(cell.name) ?? (await this.#known.load(cell.name));
      if (known === null) throw error;
      this.#seen.set(cell.name, known);
      return known;
    }
  }

  /** What can't be written down now is known in memory, and written with the next version. */
  async #see(cell: Cell, fresh: RegistrySnapshot): Promise<void> {
    if (this.#seen.get(cell.name)?.version === fresh.version) return;
    this.#seen.set(cell.name, fresh);
    await this.#known.save(cell.name, fresh).catch(() => {});
  }

  /** `tenant:acme`, `acme/scanner`: the words by which operations say whom they are about. */
  #homeOfAct({ subject }: AuditEntry): Cell | null {
    const named = /(?:^|\s)tenant:(\S+)/.exec(subject)?.[1] ?? /^([a-z0-9-]+)\//.exec(subject)?.[1];
    return named === undefined ? null : this.#cells.homeOf(named);
  }
}

function sumOf(snapshots: readonly RegistrySnapshot[]): number {
  return snapshots.reduce((sum, { version }) => sum + version, 0);
}

/** What a tenant has lies in its cell, and does not follow it by itself. */
function refuseMoves(homes: ReadonlyMap<string, Cell>, cells: Cells, next: ReturnType<typeof splitResources>): void {
  for (const [i, cell] of cells.all.entries()) {
    for (const { id } of next[i]?.tenants ?? []) {
      const home = homes.get(id);
      if (home !== undefined && home !== cell)
        throw new Fault(
          'config.invalid',
          `The tenant ${id} is in the cell ${home.name}, and can't be moved to ${cell.name}.`,
        );
    }
  }
}
