/**
 * Names: which object holds which blob, and which says that nobody needs it any more. The time of a mark stands in its name, so that a
 * listing tells everything. Marks follow their blob in the order of names.
 */
import type { TenantId } from '#/model/index.ts';
import { isTenantName, readBlobKey, tenantName } from '../sealed/index.ts';

const CONDEMNED = '.condemned.';

/** What a name of ours is for. */
export interface Named {
  /** Name of the blob's object. */
  readonly blob: string;
  readonly key: string;
  readonly begunAt: number;
  /** For a mark: wall-clock ms since when nobody needs the blob. */
  readonly condemnedAt: number | null;
}

/** The object of a blob. */
export function blobName(prefix: string, tenant: TenantId, key: string): string {
  return `${prefix}${tenantName(tenant)}/${key}`;
}

/** The empty object that says that nobody needs a blob since `atMs`. */
export function markName(blob: string, atMs: number): string {
  return `${blob}${CONDEMNED}${atMs.toString(36).padStart(9, '0')}`;
}

/** Behind all marks of a blob, and in front of the next blob. */
export function lastMarkName(blob: string): string {
  return `${blob}${CONDEMNED}~`;
}

/** What a name is for; null where it is none of ours. */
export function readName(prefix: string, name: string): Named | null {
  if (!name.startsWith(prefix)) return null;
  const [tenant = '', rest = '', ...more] = name.slice(prefix.length).split('/');
  const [key = '', at = null] = rest.split(CONDEMNED);
  const known = readBlobKey(key);
  if (known === null || more.length > 0 || !isTenantName(tenant)) return null;
  const condemnedAt = at === null ? null : Number.parseInt(at, 36);
  return { blob: `${prefix}${tenant}/${key}`, key, begunAt: known.begunAt, condemnedAt };
}
