/**
 * What opens a link, derived from the key of the installation: nothing of it is stored, and it is the same at each attempt of the mail. What the
 * store has are hashes, by which a token is found and a secret is known again.
 */
import { createHash, createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import type { LinkKey, LinkTokens } from '#/ports/index.ts';

/** 160 bits: design 6 asks for 128. */
const TOKEN_BYTES = 20;
const TOKEN = /^[A-Za-z0-9_-]{27}$/;
/** 12 of Crockford's letters are 60 bits, and are not mixed up when they are read out. */
const PASSWORD_CHARS = 12;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** Design 6: at least 8 digits. */
const CODE_DIGITS = 8;

export class LinkKeys implements LinkTokens {
  readonly #derive: (purpose: string) => Buffer;

  /** `derive` gives keys for purposes, the same for the life of the installation; it is asked when a key is needed. */
  constructor(derive: (purpose: string) => Buffer) {
    this.#derive = derive;
  }

  /** What stands in the recipient's link. */
  token(link: LinkKey): string {
    return this.#mac('download link', nameOf(link)).subarray(0, TOKEN_BYTES).toString('base64url');
  }

  /** In groups of four. */
  password(link: LinkKey): string {
    const letters = [...this.#mac('download password', nameOf(link)).subarray(0, PASSWORD_CHARS)];
    const text = letters.map((octet) => ALPHABET[octet % ALPHABET.length]).join('');
    return text.replace(/.{4}(?=.)/g, '$&-');
  }

  /** Of a code or password, bound to its link: eight digits alone would be found by trying, so a key is in it. */
  secretHash(link: LinkKey, secret: string): string {
    return this.#mac('download secret', `${nameOf(link)}\0${secret}`).toString('hex');
  }

  /** What a browser shows that has proved itself. */
  pass(link: LinkKey, until: number): string {
    const mac = this.#mac('download pass', `${nameOf(link)}\0${until}`).toString('base64url');
    return `${until.toString(36)}.${mac}`;
  }

  /** Whether it is one of this link, and its time is not over. */
  isPass(link: LinkKey, given: string, now: number): boolean {
    const until = Number.parseInt(given.split('.', 1)[0] ?? '', 36);
    if (!Number.isSafeInteger(until) || until <= now) return false;
    const [right, shown] = [Buffer.from(this.pass(link, until)), Buffer.from(given)];
    return right.length === shown.length && timingSafeEqual(right, shown);
  }

  #mac(purpose: string, text: string): Buffer {
    return createHmac('sha256', this.#derive(purpose)).update(text).digest();
  }
}

/** By which a link is found; null for what can't be a token. */
export function tokenHashOf(token: string): string | null {
  return TOKEN.test(token) ? createHash('sha256').update(token).digest('hex') : null;
}

export function newCode(): string {
  return String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0');
}

/** As it was meant: people write spaces, dashes and capitals, and full-width figures. */
export function plainSecret(given: string): string {
  return given
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '')
    .replace(/o/g, '0')
    .replace(/[il]/g, '1');
}

function nameOf({ share, n }: LinkKey): string {
  return `${share}\0${n}`;
}
