/** In which cell a tenant is (contract `cells:`): said once, one that there is, and the same ever after. */

import { suggestion } from '#/codec/forms/index.ts';
import type { Finding, Path } from '../complaint.ts';
import type { StoredTenant } from './stored.ts';

/** What is wrong about the cell of a tenant that stands at `path`; `before` is the tenant as it is now. */
export function* checkCell(
  { id, cell }: StoredTenant,
  before: StoredTenant | undefined,
  cells: readonly string[] | null,
  path: Path,
): Generator<Finding> {
  if (cells === null) {
    if (cell === undefined) return;
    const message = `${id} names a cell, and there is one store: kept, and not acted on.`;
    yield { path, severity: 'warning', message, remedy: 'remove cell, or name cells in the settings' };
    return;
  }
  if (cell === undefined) {
    const message = `${id} names no cell.`;
    yield { path, message, remedy: `add cell: ${cells.length === 1 ? cells[0] : `one of ${cells.join(', ')}`}` };
    return;
  }
  if (!cells.includes(cell)) {
    yield { path: [...path, 'cell'], message: `There is no cell ${cell}.`, remedy: suggestion(cell, cells) };
    return;
  }
  const home = before === undefined ? cell : (before.cell ?? cells[0]);
  if (home === cell) return;
  const message = `${id} is in the cell ${home}: its mail and its history lie there and would not follow it to ${cell}.`;
  yield { path: [...path, 'cell'], message, remedy: `keep cell: ${home}, or make a new tenant in ${cell}` };
}
