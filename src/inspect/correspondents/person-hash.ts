import { createHmac } from 'node:crypto';
import { addressKey, type TenantId } from '#/model/index.ts';
import type { PersonHash } from '#/ports/index.ts';

/** Of the key that only this is made with. */
export const PERSON_KEY = 'correspondents';
/** 128 bits: no two people of a tenant ever share one. */
const CHARS = 22;

/**
 * What stands for a person where it is kept who has written to whom. Without the key nobody finds out whose it is, not even by trying all addresses that
 * there are; and the same person is another one in another tenant.
 */
export function personHash(key: Buffer, tenant: TenantId, address: string): PersonHash {
  const hash = createHmac('sha256', key)
    .update(`${tenant}\n${addressKey(address)}`)
    .digest('base64url');
  return hash.slice(0, CHARS) as PersonHash;
}
