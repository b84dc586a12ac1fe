/** SCRAM-SHA-256 keys beside a generated secret, in the form of RFC 5803; and invented ones for names that have none. */
import { createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { scramKeys } from '#/codec/sasl/index.ts';
import type { ScramKeys } from '#/ports/index.ts';
import { SCRAM_ITERATIONS } from './limits.ts';

const FORM = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** Keys for a new secret. */
export function makeScram(secret: string): string {
  const salt = randomBytes(SALT_BYTES);
  const { storedKey, serverKey } = scramKeys(pbkdf2Sync(secret, salt, SCRAM_ITERATIONS, KEY_BYTES, 'sha256'));
  const keys = `${storedKey.toString('base64')}:${serverKey.toString('base64')}`;
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${keys}`;
}

/** Reads them back; null where the text is something else. */
export function readScram(text: string): ScramKeys | null {
  const [, iterations, salt, stored, server] = FORM.exec(text) ?? [];
  if (salt === undefined || stored === undefined || server === undefined) return null;
  const [storedKey, serverKey] = [Buffer.from(stored, 'base64'), Buffer.from(server, 'base64')];
  return { salt: Buffer.from(salt, 'base64'), iterations: Number(iterations), storedKey, serverKey, real: true };
}

/** Keys that fit nothing, the same for a name each time: a stranger cannot tell it from a name that is there (RFC 5802 §9). */
export function inventScram(username: string, seed: Buffer): ScramKeys {
  const part = (what: string) => createHmac('sha256', seed).update(`${what}\0${username}`).digest();
  return {
    salt: part('salt').subarray(0, SALT_BYTES),
    iterations: SCRAM_ITERATIONS,
    storedKey: part('stored'),
    serverKey: part('server'),
    real: false,
  };
}
