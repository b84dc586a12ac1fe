/**
 * One file of a ZIP under a password, in the form AE-2 (the ZIP specification, appendix E) with a key of 256 bits: salt, a check of the
 * password, the content under AES in counter mode, and the begin of a MAC over that.
 *
 * What must never happen: one key stream over two contents. Password and salt make it; who gives them sees to it that no two contents have both.
 */
import { type Cipheriv, createCipheriv, createHmac, pbkdf2Sync } from 'node:crypto';

/** Of a key of 256 bits. */
export const SALT_BYTES = 16;
/** What encryption adds to a content: salt, check, MAC. */
export const ADDED_BYTES: number = SALT_BYTES + 2 + 10;

const KEY_BYTES = 32;
const CHECK_BYTES = 2;
const MAC_BYTES = 10;
/** The form says how many. */
const ROUNDS = 1_000;
const BLOCK_BYTES = 16;
/** Encrypted in one stretch: a fraction of a millisecond. Whole blocks. */
const PIECE_BYTES = 64 * 1024;

/** The content encrypted, piece by piece; it is not changed. */
export function* encrypted(content: Buffer, password: string, salt: Buffer): Generator<Buffer> {
  // RFC 8018 §5.2: PBKDF2, with HMAC-SHA1.
  const keys = pbkdf2Sync(password, salt, ROUNDS, 2 * KEY_BYTES + CHECK_BYTES, 'sha1');
  yield Buffer.concat([salt, keys.subarray(2 * KEY_BYTES)]);
  const mac = createHmac('sha1', keys.subarray(KEY_BYTES, 2 * KEY_BYTES));
  const stream = new KeyStream(keys.subarray(0, KEY_BYTES));
  for (let at = 0; at < content.length; at += PIECE_BYTES) {
    const piece = stream.over(content.subarray(at, at + PIECE_BYTES));
    mac.update(piece);
    yield piece;
  }
  yield mac.digest().subarray(0, MAC_BYTES);
}

/** AES of a counter that begins at 1 and is written with its least octet first; `aes-256-ctr` writes it the other way. */
class KeyStream {
  readonly #aes: Cipheriv;
  #count = 0;

  constructor(key: Buffer) {
    this.#aes = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  }

  /** The next piece under the stream. All but the last one are whole blocks. */
  over(piece: Buffer): Buffer {
    const counters = Buffer.alloc(Math.ceil(piece.length / BLOCK_BYTES) * BLOCK_BYTES);
    for (let at = 0; at < counters.length; at += BLOCK_BYTES) counters.writeUInt32LE(++this.#count, at);
    const stream = this.#aes.update(counters).subarray(0, piece.length);
    for (let i = 0; i < stream.length; i++) stream[i] = (stream[i] ?? 0) ^ (piece[i] ?? 0);
    return stream;
  }
}
