/** The resources of all cells as one document, and back. Of a tenant only its `id` and `cell` are looked at here. */
import { Fault } from '#/model/index.ts';
import type { RegistryChange, RegistrySnapshot } from '#/ports/index.ts';
import type { Cell, Cells } from './cell.ts';

type TenantPart = { readonly id: string; readonly cell?: string | null };
/** What one cell keeps. What is beside the tenants is in the first one. */
export type Part = { readonly tenants?: readonly TenantPart[] };

/** One document; null where nothing has ever been written. A tenant that does not say its cell is given the name of the one that it is in. */
export function mergeResources(cells: Cells, snapshots: readonly RegistrySnapshot[]): unknown {
  const parts = snapshots.map(({ resources }) => resources as Part | null);
  if (parts.every((part) => part === null)) return null;
  const tenants = parts.flatMap((part, i) =>
    (part?.tenants ?? []).map((tenant) => placed(tenant, cells.all[i], cells)),
  );
  const named = parts.some((part) => part?.tenants !== undefined);
  return { ...parts[0], ...(named ? { tenants } : {}) };
}

/** What each cell is to keep, in the order of the cells. Fault `config.invalid` for a cell that there is not. */
export function splitResources(cells: Cells, resources: unknown): readonly (Part | null)[] {
  // As a store keeps it: what is undefined is not there.
  const whole = JSON.parse(JSON.stringify(resources ?? null)) as Part | null;
  if (whole === null) return cells.all.map(() => null);
  const byCell = Map.groupBy(whole.tenants ?? [], (tenant) => cellOf(tenant, cells));
  return cells.all.map((cell) => {
    const tenants = byCell.get(cell) ?? [];
    if (cell !== cells.first) return { tenants };
    return whole.tenants === undefined ? whole : { ...whole, tenants };
  });
}

/** Who is in which cell. Fault `config.invalid` where one tenant is in two: which of them its mail belongs to is not ours to guess. */
export function homesOf(cells: Cells, snapshots: readonly RegistrySnapshot[]): ReadonlyMap<string, Cell> {
  const homes = new Map<string, Cell>();
  for (const [i, cell] of cells.all.entries()) {
    for (const { id } of (snapshots[i]?.resources as Part | null)?.tenants ?? []) {
      const other = homes.get(id);
      if (other !== undefined)
        throw new Fault('config.invalid', `The tenant ${id} is in the cells ${other.name} and ${cell.name}.`);
      homes.set(id, cell);
    }
  }
  return homes;
}

/** The part of a change that one cell writes down: a line about a tenant stands where that tenant is. */
export function changeFor(
  change: RegistryChange,
  next: Part | null | undefined,
  old: Part | null | undefined,
): RegistryChange {
  const here = new Set([...(next?.tenants ?? []), ...(old?.tenants ?? [])].map(({ id }) => id));
  const lines = change.lines.filter((line) => {
    const tenant = /^[-+~] (?:tenant )?([^\s:]+)/.exec(line)?.[1];
    return tenant === undefined || here.has(tenant);
  });
  const policies = change.policies?.filter(({ tenant }) => here.has(tenant));
  return { ...change, lines, ...(policies && { policies }) };
}

function placed(tenant: TenantPart, cell: Cell | undefined, cells: Cells): TenantPart {
  return cell === cells.first || (tenant.cell ?? null) !== null ? tenant : { ...tenant, cell: cell?.name ?? null };
}

function cellOf({ id, cell }: TenantPart, cells: Cells): Cell {
  if (cell === undefined || cell === null) return cells.first;
  const found = cells.named(cell);
  if (found === undefined)
    throw new Fault('config.invalid', `The tenant ${id} is in the cell ${cell}, which the settings do not name.`);
  return found;
}
