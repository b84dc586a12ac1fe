/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), both sides. Nonces and the salted password are made elsewhere and handed in.
 *
 *   server: first() ─▶ challenge() ─▶ final()            client: first() ─▶ challenge() ─▶ final() ─▶ verify()
 *
 * What must never happen: a proof accepted that was made for another exchange; an unknown user told from a wrong password:
 * for one, call `challenge` with a salt that stays the same for the name and keys that fit nothing.
 * Channel binding is not offered; a client that asks for it anyway is refused (RFC 5802 §6).
 */
import assert from 'node:assert/strict';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { prepareText } from './prepare.ts';

/** What a server keeps of a password (RFC 5802 §3). */
export interface ScramKeys {
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** The keys, with how they were made. */
export interface ScramSecret extends ScramKeys {
  readonly salt: Buffer;
  readonly iterations: number;
}

const keyBytes = 32;
/** RFC 7677 §4 asks for 4,096 at least; a server that asks a million wants our time. */
const iterationsMin = 4096;
const iterationsMax = 1_000_000;
const nonceForm = /^[!-+\--~]{8,256}$/;

/** The keys that a salted password, PBKDF2 of the prepared password, gives (RFC 5802 §3). */
export function scramKeys(saltedPassword: Buffer): ScramKeys {
  const storedKey = createHash('sha256').update(hmac(saltedPassword, 'Client Key')).digest();
  return { storedKey, serverKey: hmac(saltedPassword, 'Server Key') };
}

/** The server's half of one exchange. Messages are plain text here; SMTP carries them in base64. */
export class ScramServer {
  #bare = '';
  #gs2Header = '';
  #clientNonce = '';
  #serverFirst = '';
  #nonce = '';
  #secret: ScramSecret | null = null;

  /** Reads the client's first message: who signs in; null where it is malformed, or asks for what is not offered. */
  first(message: string): { readonly user: string; readonly authorizeAs: string } | null {
    // RFC 5802 §7: gs2-header, then user name and nonce; `y` says that the client saw no PLUS, which is so.
    const parts = /^([ny],(?:a=([^,]{1,300}))?,)(n=([^,]{1,300}),r=([!-+\--~]{8,256}))$/.exec(message);
    const user = readName(parts?.[4] ?? '');
    const authorizeAs = parts?.[2] === undefined ? '' : readName(parts[2]);
    if (parts === null || user === null || user === '' || authorizeAs === null) return null;
    this.#gs2Header = parts[1] ?? '';
    this.#bare = parts[3] ?? '';
    this.#clientNonce = parts[5] ?? '';
    return { user, authorizeAs };
  }

  /** The server's first message. `nonce` is fresh and random, at least 18 octets in base64. */
  challenge(secret: ScramSecret, nonce: string): string {
    assert(this.#bare !== '', 'SCRAM: challenge before first');
    this.#secret = secret;
    this.#nonce = this.#clientNonce + nonce;
    this.#serverFirst = `r=${this.#nonce},s=${secret.salt.toString('base64')},i=${secret.iterations}`;
    return this.#serverFirst;
  }

  /** Checks the client's proof; the server's last message, which proves us to the client, or null where it is wrong. */
  final(message: string): string | null {
    const parts = /^(c=([A-Za-z0-9+/=]+),r=([^,]+)),p=([A-Za-z0-9+/=]+)$/.exec(message);
    const proof = decodeBase64(parts?.[4] ?? '');
    if (this.#secret === null || parts === null || proof === null || proof.length !== keyBytes) return null;
    if (parts[2] !== encodeBase64(this.#gs2Header) || parts[3] !== this.#nonce) return null;
    const authMessage = `${this.#bare},${this.#serverFirst},${parts[1]}`;
    const clientKey = xor(proof, hmac(this.#secret.storedKey, authMessage));
    const shown = createHash('sha256').update(clientKey).digest();
    if (!timingSafeEqual(shown, this.#secret.storedKey)) return null;
    return `v=${hmac(this.#secret.serverKey, authMessage).toString('base64')}`;
  }
}

/** The client's half of one exchange. */
export class ScramClient {
  readonly #bare: string;
  readonly #nonce: string;
  #serverFirst = '';
  #serverNonce = '';
  #expected: Buffer | null = null;

  /** `nonce` is fresh and random, at least 18 octets in base64. */
  constructor(user: string, nonce: string) {
    this.#nonce = nonce;
    this.#bare = `n=${(prepareText(user) ?? user).replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  }

  first(): string {
    return `n,,${this.#bare}`;
  }

  /** Reads the server's first message: what the password is to be salted with; null where it is malformed or unsafe. */
  challenge(message: string): { readonly salt: Buffer; readonly iterations: number } | null {
    const parts = /^r=([^,]+),s=([A-Za-z0-9+/=]+),i=([1-9][0-9]{0,6})$/.exec(message);
    const nonce = parts?.[1] ?? '';
    const salt = decodeBase64(parts?.[2] ?? '');
    const iterations = Number(parts?.[3] ?? 0);
    if (salt === null || !nonceForm.test(nonce) || !nonce.startsWith(this.#nonce) || nonce === this.#nonce) return null;
    if (iterations < iterationsMin || iterations > iterationsMax) return null;
    this.#serverFirst = message;
    this.#serverNonce = nonce;
    return { salt, iterations };
  }

  /** The client's last message, with the proof. */
  final(saltedPassword: Buffer): string {
    assert(this.#serverFirst !== '', 'SCRAM: final before challenge');
    const withoutProof = `c=${encodeBase64('n,,')},r=${this.#serverNonce}`;
    const authMessage = `${this.#bare},${this.#serverFirst},${withoutProof}`;
    const { storedKey, serverKey } = scramKeys(saltedPassword);
    this.#expected = hmac(serverKey, authMessage);
    const proof = xor(hmac(saltedPassword, 'Client Key'), hmac(storedKey, authMessage));
    return `${withoutProof},p=${proof.toString('base64')}`;
  }

  /** Whether the server's last message proves that it knows the password too. */
  verify(message: string): boolean {
    const shown = message.startsWith('v=') ? decodeBase64(message.slice(2)) : null;
    return (
      shown !== null && this.#expected !== null && shown.length === keyBytes && timingSafeEqual(shown, this.#expected)
    );
  }
}

/** RFC 5802 §5.1: `=2C` is a comma, `=3D` an equals sign, and no other `=` stands in a name. */
function readName(text: string): string | null {
  if (/=(?!2C|3D)/.test(text)) return null;
  return prepareText(text.replaceAll('=2C', ',').replaceAll('=3D', '='));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((octet, i) => octet ^ (b[i] ?? 0)));
}
