/** Names: which file holds which blob. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TenantId } from '#/model/index.ts';
import type { KeyDay } from '../keys/index.ts';
import { keyDayOf } from '../keys/index.ts';

const KEY = /^(\d{4}-\d{2}-\d{2})\.([0-9a-z]{9})\.([0-9a-f]{24})$/;
const CONDEMNED = '.condemned';

/** A new key: the day whose key seals it, the ms it was begun, and what makes it unique. */
export function newBlobKey(nowMs: number): string {
  return `${keyDayOf(nowMs)}.${nowMs.toString(36).padStart(9, '0')}.${randomBytes(12).toString('hex')}`;
}

/** What a key tells; null where the text is no key, such as a name that would lead out of the folder. */
export function readBlobKey(key: string): { readonly day: KeyDay; readonly begunAt: number } | null {
  const [, day, begun = ''] = KEY.exec(key) ?? [];
  return day === undefined ? null : { day: day as KeyDay, begunAt: Number.parseInt(begun, 36) };
}

/** Folder of all blobs of a tenant. The name tells nobody who it is and holds no character that a file name can't. */
export function tenantFolder(dir: string, tenant: TenantId): string {
  return join(dir, createHash('sha256').update(tenant).digest('hex').slice(0, 24));
}

/** Folder of one blob: 256 below a tenant. */
export function blobFolder(dir: string, tenant: TenantId, key: string): string {
  return join(tenantFolder(dir, tenant), key.slice(-2));
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
