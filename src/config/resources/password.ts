/** Passwords in resource files: a plain one to set, or what `export` wrote. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { closed, either, readBy } from '#/codec/forms/index.ts';
import type { StoredSecret } from '#/model/index.ts';

/** A password as a file says it: chosen by people, to be made by us, or already hashed. */
export type PasswordResource =
  | { readonly kind: 'plain'; readonly plain: string }
  | { readonly kind: 'generate' }
  | { readonly kind: 'stored'; readonly secret: StoredSecret };

/** How hashed secrets stand in files and in the registry. */
export type SecretJson =
  | { readonly argon2id: string }
  | { readonly crypt: string }
  | { readonly sha256: string; readonly scram?: string | null };

// RFC 4616 §2 bounds neither; a password longer than this is a pasted file.
const PASSWORD_CHARACTERS_MAX = 1024;
const plain = readBy(
  (raw) => (raw.length > 0 && raw.length <= PASSWORD_CHARACTERS_MAX && !/[\0\r\n]/.test(raw) ? raw : null),
  'password',
  'write one line of text; quote figures',
).transform((text): PasswordResource => ({ kind: 'plain', plain: text }));

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=([1-8])\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/;
const MEMORY_KIB_MAX = 262_144;
const PASSES_MAX = 16;
const argon2id = closed({
  argon2id: readBy(readPhc, 'argon2id hash that we can afford', 'use 8·p ≤ m ≤ 262144 and 1 ≤ t ≤ 16, in PHC form'),
}).transform(({ argon2id: phc }) => stored({ kind: 'argon2id', phc }));

function readPhc(raw: string): string | null {
  const [, memory, passes, parallelism] = (PHC.exec(raw) ?? []).map(Number);
  if (memory === undefined || passes === undefined || parallelism === undefined) return null;
  // RFC 9106 §3.1: nothing can have been hashed with less.
  const possible = memory >= 8 * parallelism && passes >= 1;
  return possible && memory <= MEMORY_KIB_MAX && passes <= PASSES_MAX ? raw : null;
}

const CRYPT = /^\$[56]\$(?:rounds=(\d{1,9})\$)?[^$:\n]{0,16}\$[./0-9A-Za-z]{43,86}$/;
const ROUNDS_MAX = 1_000_000;
const crypt = closed({
  crypt: readBy(
    readCrypt,
    'crypt hash that we know',
    'SHA-256 ($5$) and SHA-512 ($6$) are known; for MD5, bcrypt or yescrypt set a new password',
  ),
}).transform(({ crypt: hash }) => stored({ kind: 'crypt', hash }));

function readCrypt(raw: string): string | null {
  // Dovecot names the scheme in front.
  const hash = raw.replace(/^\{(?:SHA(?:256|512)-)?CRYPT\}/i, '');
  const match = CRYPT.exec(hash);
  return match !== null && Number(match[1] ?? 0) <= ROUNDS_MAX ? hash : null;
}

const SCRAM = /^SCRAM-SHA-256\$\d{4,7}:[A-Za-z0-9+/=]{8,128}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$/;
const sha256 = closed({
  sha256: readBy((raw) => (/^[0-9a-f]{64}$/.test(raw) ? raw : null), 'SHA-256 in hexadecimal', 'write 64 small digits'),
  scram: readBy((raw) => (SCRAM.test(raw) ? raw : null), 'set of SCRAM-SHA-256 keys', 'leave it out')
    .nullable()
    .optional(),
}).transform(({ sha256: hex, scram }) => stored({ kind: 'sha256', hex, scram: scram ?? null }));

const generate = closed({ generate: z.literal(true) }).transform((): PasswordResource => ({ kind: 'generate' }));

/** A password in any of its forms. */
export const password: z.ZodType<PasswordResource> = either<PasswordResource>((raw) => {
  if (typeof raw !== 'object' || raw === null) return plain;
  if ('argon2id' in raw) return argon2id;
  if ('crypt' in raw) return crypt;
  return 'generate' in raw ? generate : sha256;
});

function stored(secret: StoredSecret): PasswordResource {
  return { kind: 'stored', secret };
}

/** How a secret is written. */
export function secretJson(secret: StoredSecret): SecretJson {
  if (secret.kind === 'argon2id') return { argon2id: secret.phc };
  if (secret.kind === 'crypt') return { crypt: secret.hash };
  return secret.scram === null ? { sha256: secret.hex } : { sha256: secret.hex, scram: secret.scram };
}

// Without letters that look alike, since people type these into the panels of scanners. 26 of 32 letters are 130 bits.
const LETTERS = 'abcdefghjkmnpqrstuvwxyz023456789';
const GENERATED_LENGTH = 26;
const GROUP = /.{1,5}/g;

/** A password that nobody can guess: 130 bits in groups of five. */
export function generatePassword(random: (bytes: number) => Uint8Array = randomBytes): string {
  const letters = Array.from(random(GENERATED_LENGTH), (byte) => LETTERS[byte % LETTERS.length] ?? 'a').join('');
  return (letters.match(GROUP) ?? []).join('-');
}

const CONNECTOR_CHARACTERS_MIN = 22;
const CONNECTOR_KINDS_MIN = 8;

/** Whether a chosen secret may stand for a generated one: 22 characters of mixed kinds hold 128 bits when they were drawn at random. */
export function looksGenerated(secret: string): boolean {
  return secret.length >= CONNECTOR_CHARACTERS_MIN && new Set(secret).size >= CONNECTOR_KINDS_MIN;
}

const CONNECTOR_CHARACTERS_MAX = 200;

/** Whether a secret comes through a header field as it is: ASCII, one line of it (RFC 5322 §2.1.1), no blanks that folding or trimming eats. */
export function fitsHeader(secret: string): boolean {
  return secret.length <= CONNECTOR_CHARACTERS_MAX && /^[!-~]+(?: [!-~]+)*$/.test(secret);
}

/** Stands where a secret is still to be made while the rules look at the rest; no secret has this hash. */
export const UNMADE: { readonly sha256: string } = { sha256: '0'.repeat(64) };
