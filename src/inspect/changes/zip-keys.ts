/**
 * What opens encrypted ZIPs, derived from the key of the installation: nothing of it is stored, and it is the same at each attempt of the mail.
 *
 * A salt depends on the content that it is for: should the same file ever be compressed otherwise, by another release of the runtime, it is another one,
 * and no key stream covers two contents.
 */
import { createHash, createHmac } from 'node:crypto';
import { SALT_BYTES } from '#/codec/zip/index.ts';
import type { ZipId } from '#/model/index.ts';
import type { ZipSecrets } from '#/ports/index.ts';

/** 16 of Crockford's letters are 80 bits: who has the file may try them for years, and they are not mixed up when they are read out. */
const PASSWORD_CHARS = 16;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export class ZipKeys implements ZipSecrets {
  readonly #derive: (purpose: string) => Buffer;

  /** `derive` gives keys for purposes, the same for the life of the installation; it is asked when a key is needed. */
  constructor(derive: (purpose: string) => Buffer) {
    this.#derive = derive;
  }

  password(zip: ZipId): string {
    const letters = [...this.#mac('zip password', zip).subarray(0, PASSWORD_CHARS)];
    return letters.map((octet) => ALPHABET[octet % ALPHABET.length]).join('');
  }

  salt(zip: ZipId, file: number, content: Buffer): Buffer {
    const digest = createHash('sha256').update(content).digest('hex');
    return this.#mac('zip salt', `${zip}\0${file}\0${digest}`).subarray(0, SALT_BYTES);
  }

  #mac(purpose: string, text: string): Buffer {
    return createHmac('sha256', this.#derive(purpose)).update(text).digest();
  }
}
