/**
 * AES-256-GCM, in one piece: `format | nonce | ciphertext | tag`. Nonces are random: up to 2^32 seals a key by NIST SP 800-38D 8.3,
 * and a key serves one day. What the content belongs to is bound to it as additional data, so that sealed pieces can't change places.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Fault, randomOctets } from '#/model/index.ts';
import type { KeyDay } from './day.ts';

/** Octets of every key here. */
export const KEY_BYTES = 32;
/** What a seal adds to its content. */
export const SEAL_OVERHEAD_BYTES = 29;

const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

/** A new random day key. */
export function newDayKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/** A day's key as it may lie on disk. */
export function wrapDayKey(installationKey: Uint8Array, day: KeyDay, dayKey: Uint8Array): Buffer {
  return seal(installationKey, `day key ${day}`, [dayKey]);
}

/** The day's key again; fault `key.missing` when the installation key is not the one that wrapped it. */
export function unwrapDayKey(installationKey: Uint8Array, day: KeyDay, wrapped: Uint8Array): Buffer {
  const dayKey = unseal(installationKey, `day key ${day}`, wrapped);
  if (dayKey?.length !== KEY_BYTES) throw new Fault('key.missing', `It does not open the key of ${day}.`);
  return dayKey;
}

/** Content sealed under `key`, bound to `aad` (the mail id). Result is `SEAL_OVERHEAD_BYTES` longer. */
export function sealBody(key: Uint8Array, aad: string, chunks: readonly Uint8Array[]): Buffer {
  return seal(key, aad, chunks);
}

/** The same in pieces, so that large content is not copied once more. */
export function sealPieces(key: Uint8Array, aad: string, content: Uint8Array): Uint8Array[] {
  return piecesOf(key, aad, [content]);
}

/** The content again; fault `body.damaged` when one bit of it, its key or its `aad` differs. */
export function openBody(key: Uint8Array, aad: string, sealed: Uint8Array): Buffer {
  const content = unseal(key, aad, sealed);
  if (content === null) throw new Fault('body.damaged', 'Its seal is broken.');
  return content;
}

function seal(key: Uint8Array, aad: string, chunks: readonly Uint8Array[]): Buffer {
  return Buffer.concat(piecesOf(key, aad, chunks));
}

function piecesOf(key: Uint8Array, aad: string, chunks: readonly Uint8Array[]): Uint8Array[] {
  const nonce = randomOctets(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(aad));
  const parts: Uint8Array[] = [Buffer.of(FORMAT), nonce];
  for (const chunk of chunks) parts.push(cipher.update(chunk));
  // GCM leaves nothing to the end but its tag.
  cipher.final();
  parts.push(cipher.getAuthTag());
  return parts;
}

function unseal(key: Uint8Array, aad: string, sealed: Uint8Array): Buffer | null {
  if (sealed.length < SEAL_OVERHEAD_BYTES || sealed[0] !== FORMAT) return null;
  const tagAt = sealed.length - TAG_BYTES;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(aad)).setAuthTag(sealed.subarray(tagAt));
  const content = decipher.update(sealed.subarray(1 + NONCE_BYTES, tagAt));
  try {
    decipher.final();
    return content;
  } catch {
    return null;
  }
}
