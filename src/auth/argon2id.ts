/** argon2id in PHC form (RFC 9106): `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ARGON2ID } from './limits.ts';

interface Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

interface Parsed extends Cost {
  readonly nonce: Buffer;
  readonly tag: Buffer;
}

const derive = promisify(argon2);
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** A new hash with a fresh salt, at today's cost. */
export async function hashArgon2id(password: string): Promise<string> {
  const nonce = randomBytes(ARGON2ID.nonceBytes);
  const tag = await tagOf(password, nonce, ARGON2ID, ARGON2ID.tagBytes);
  const { memoryKiB, passes, parallelism } = ARGON2ID;
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${bare(nonce)}$${bare(tag)}`;
}

/** Whether the password is the one; false also for a hash that cannot be read. */
export async function verifyArgon2id(password: string, phc: string): Promise<boolean> {
  const parsed = parsePhc(phc);
  if (parsed === null) return false;
  const tag = await tagOf(password, parsed.nonce, parsed, parsed.tag.length);
  return timingSafeEqual(tag, parsed.tag);
}

/** Whether the hash costs less to guess than one made today. */
export function isWeakArgon2id(phc: string): boolean {
  const parsed = parsePhc(phc);
  return parsed === null || parsed.memoryKiB < ARGON2ID.memoryKiB || parsed.passes < ARGON2ID.passes;
}

function parsePhc(phc: string): Parsed | null {
  const [, memory, passes, parallelism, nonce, tag] = PHC.exec(phc) ?? [];
  if (nonce === undefined || tag === undefined) return null;
  const parsed = {
    memoryKiB: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    nonce: Buffer.from(nonce, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
  return isPossible(parsed) ? parsed : null;
}

// RFC 9106 §3.1: the least that each may be; nothing can have been hashed with less.
function isPossible({ memoryKiB, passes, parallelism, nonce, tag }: Parsed): boolean {
  return parallelism >= 1 && memoryKiB >= 8 * parallelism && passes >= 1 && nonce.length >= 8 && tag.length >= 4;
}

async function tagOf(password: string, nonce: Buffer, cost: Cost, tagLength: number): Promise<Buffer> {
  const { memoryKiB: memory, passes, parallelism } = cost;
  return await derive('argon2id', { message: password, nonce, parallelism, tagLength, memory, passes });
}

function bare(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
