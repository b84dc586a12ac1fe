/**
 * SHA-crypt, `$5$` and `$6$`: the password hash of most Unix systems and of Dovecot's CRYPT schemes, for taking over accounts.
 * Written from its public description; the steps keep the letters that it gives them. It runs in JavaScript, so it makes room
 * for others every few hundred rounds.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

type Digest = (data: Uint8Array) => Buffer;

const FORM = /^\$([56])\$(?:rounds=(\d+)\$)?([^$]*)\$([./0-9A-Za-z]+)$/;
const ROUNDS_DEFAULT = 5000;
const ROUNDS_MIN = 1000;
// The algorithm's own ceiling is 999,999,999: hours. `apply` refuses what is above this.
const ROUNDS_MAX = 1_000_000;
const ROUNDS_A_SLICE = 500;
const SALT_MAX = 16;

/** Whether the password is the one; false for what is no SHA-crypt hash. */
export async function verifyShaCrypt(password: string, stored: string): Promise<boolean> {
  const [, kind, roundsText, salt, encoded] = FORM.exec(stored) ?? [];
  if (kind === undefined || salt === undefined || encoded === undefined) return false;
  const rounds = Math.min(ROUNDS_MAX, Math.max(ROUNDS_MIN, Number(roundsText ?? ROUNDS_DEFAULT)));
  const tag = await tagOf(Buffer.from(password), Buffer.from(salt).subarray(0, SALT_MAX), rounds, kind === '6');
  const found = Buffer.from(encode(tag, kind === '6'));
  const wanted = Buffer.from(encoded);
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}

async function tagOf(password: Buffer, salt: Buffer, rounds: number, long: boolean): Promise<Buffer> {
  const digest: Digest = (data) => hash(long ? 'sha512' : 'sha256', data, 'buffer');
  const b = digest(Buffer.concat([password, salt, password]));
  const p = repeated(digest(Buffer.concat(Array<Buffer>(password.length).fill(password))), password.length);
  let c = digest(Buffer.concat([password, salt, repeated(b, password.length), ...byBits(password, b)]));
  const s = repeated(digest(Buffer.concat(Array<Buffer>(16 + (c[0] ?? 0)).fill(salt))), salt.length);
  for (let round = 0; round < rounds; round++) {
    c = digest(roundInput(round, c, p, s));
    if (round % ROUNDS_A_SLICE === ROUNDS_A_SLICE - 1) await setImmediate();
  }
  return c;
}

function roundInput(round: number, c: Buffer, p: Buffer, s: Buffer): Buffer {
  const odd = round % 2 === 1;
  const parts = [odd ? p : c];
  if (round % 3 !== 0) parts.push(s);
  if (round % 7 !== 0) parts.push(p);
  parts.push(odd ? c : p);
  return Buffer.concat(parts);
}

// Step 11: for each bit of the password's length, lowest first, the digest B for a one and the password for a zero.
function byBits(password: Buffer, b: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let length = password.length; length > 0; length >>= 1) parts.push((length & 1) === 1 ? b : password);
  return parts;
}

function repeated(block: Buffer, length: number): Buffer {
  return Buffer.alloc(length, length === 0 ? Buffer.alloc(1) : block);
}

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

// Groups of three octets, in an order that turns with each group; the rest at the end.
function encode(tag: Buffer, long: boolean): string {
  const third = long ? 21 : 10;
  let text = '';
  let group = [0, third, 2 * third];
  for (let i = 0; i < third; i++) {
    text += letters(tag[group[0] ?? 0] ?? 0, tag[group[1] ?? 0] ?? 0, tag[group[2] ?? 0] ?? 0, 4);
    const [x = 0, y = 0, z = 0] = group;
    group = long ? [y + 1, z + 1, x + 1] : [z + 1, x + 1, y + 1];
  }
  return text + (long ? letters(0, 0, tag[63] ?? 0, 2) : letters(0, tag[31] ?? 0, tag[30] ?? 0, 3));
}

function letters(high: number, middle: number, low: number, count: number): string {
  let value = (high << 16) | (middle << 8) | low;
  let text = '';
  for (let i = 0; i < count; i++) {
    text += ALPHABET[value & 63] ?? '';
    value >>= 6;
  }
  return text;
}
