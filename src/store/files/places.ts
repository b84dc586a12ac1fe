/** Which file holds which blob. */
import { join } from 'node:path';
import type { TenantId } from '#/model/index.ts';
import { isTenantName, readBlobKey, tenantName } from '../sealed/index.ts';

const CONDEMNED = '.condemned';

/** Folder of one blob: 256 below a tenant. */
export function blobFolder(dir: string, tenant: TenantId, key: string): string {
  return join(dir, tenantName(tenant), key.slice(-2));
}

/** Where files are that are still being written. */
export function draftFolder(dir: string): string {
  return join(dir, 'tmp');
}

/** The empty file beside a blob that says since when nobody needs it, by its time. */
export function condemnedName(key: string): string {
  return `${key}${CONDEMNED}`;
}

/** The key that such a name is for; null for other names. */
export function keyOfCondemned(name: string): string | null {
  return name.endsWith(CONDEMNED) ? name.slice(0, -CONDEMNED.length) : null;
}

/** Whether a path below the folder of all blobs is that of a whole blob: not a draft, not a sign beside one. */
export function isBlobName(path: string): boolean {
  const [tenant = '', part = '', key = '', ...rest] = path.split('/');
  return isTenantName(tenant) && part.length === 2 && readBlobKey(key) !== null && rest.length === 0;
}
