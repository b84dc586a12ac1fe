/** Names of blobs, and the keys that belong to them. */
import { createHash, randomBytes } from 'node:crypto';
import type { Call, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { KeyDay, KeyRing } from '../keys/index.ts';
import { keyDayOf } from '../keys/index.ts';
import { blobKeyOf } from './pieces.ts';

const KEY = /^(\d{4}-\d{2}-\d{2})\.([0-9a-z]{9})\.([0-9a-f]{24})$/;

/** A new key: the day whose key seals it, the ms it was begun, and what makes it unique. */
export function newBlobKey(nowMs: number): string {
  return `${keyDayOf(nowMs)}.${nowMs.toString(36).padStart(9, '0')}.${randomBytes(12).toString('hex')}`;
}

/** What a key tells; null where the text is no key, such as a name that would lead out of the folder. */
export function readBlobKey(key: string): { readonly day: KeyDay; readonly begunAt: number } | null {
  const [, day, begun = ''] = KEY.exec(key) ?? [];
  return day === undefined ? null : { day: day as KeyDay, begunAt: Number.parseInt(begun, 36) };
}

/** What all blobs of a tenant lie below. The name tells nobody who it is and holds no character that a file name can't. */
export function tenantName(tenant: TenantId): string {
  return createHash('sha256').update(tenant).digest('hex').slice(0, 24);
}

/** Whether a text is such a name. */
export function isTenantName(text: string): boolean {
  return /^[0-9a-f]{24}$/.test(text);
}

/** What seals a new blob; makes the day's key where it has none. */
export async function sealingKey(keyRing: KeyRing, tenant: TenantId, key: string): Promise<Buffer> {
  const { begunAt } = knownKey(key);
  return blobKeyOf((await keyRing.sealing(begunAt)).key, tenant, key);
}

/** What opens a stored blob. Faults: `body.missing` for a name that no blob can have, `key.missing` where its day was destroyed. */
export async function openingKey(keyRing: KeyRing, tenant: TenantId, key: string): Promise<Buffer> {
  return blobKeyOf(await keyRing.opening(knownKey(key).day), tenant, key);
}

/** Fault `call.late` where the time of a call is over, or its signal has ended it. */
export function refuseLate(call: Call): void {
  if (call.signal?.aborted || performance.now() > call.deadlineAt) throw new Fault('call.late');
}

function knownKey(key: string): NonNullable<ReturnType<typeof readBlobKey>> {
  const known = readBlobKey(key);
  if (known === null) throw new Fault('body.missing');
  return known;
}
