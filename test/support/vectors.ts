/** Test data from elsewhere, which is no part of the product: read where it lies (`VECTORS`, a folder), or the test is skipped. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.env.VECTORS ?? join(import.meta.dirname, '../../../shared/vectors');

/** The text of a file below the folder, or why there is none. */
export function readVectors(path: string): { readonly text: string } | { missing: string } {
  const file = join(FOLDER, path);
  if (!existsSync(file)) return { missing: `${path} is not among the vectors: set VECTORS to their folder` };
  return { text: readFileSync(file, 'utf8') };
}
