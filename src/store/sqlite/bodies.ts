/**
 * Content of mail: sealed under its day's key from acceptance on (design 1). It stands in the log where it was written; what outlives
 * its segment is carried into a row. The seal is the hash of acceptance: AES-GCM's tag, bound to the mail's id, fails for any other
 * octets. Only content that is kept unsealed has a hash of its own beside it.
 */
import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { MailId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { KeyDay } from '../keys/index.ts';
import { openBody } from '../keys/index.ts';
import type { BodyKeys } from './keys.ts';
import type { BlockReader, Place } from './log/index.ts';
import { openBlock, plainOf } from './log/index.ts';
import { Statement } from './statement.ts';

/** The `day` of content that was stored as it came. */
export const UNSEALED = '';

/** What the message row says of its content. */
export interface StoredBody {
  readonly id: MailId;
  readonly body: number | null;
  readonly log_at: Place | null;
  readonly size: number;
  readonly sha256: string;
}

export class BodyReader {
  readonly #keys: () => BodyKeys;
  readonly #blocks: BlockReader;
  readonly #load: Statement<{ day: KeyDay; content: Uint8Array }>;

  constructor(db: DatabaseSync, blocks: BlockReader, keys: () => BodyKeys) {
    this.#keys = keys;
    this.#blocks = blocks;
    this.#load = new Statement(db, 'SELECT day, content FROM body WHERE id = ?');
  }

  /** The content, opened; its length, and its seal or hash, are as at acceptance. Faults `body.missing`, `body.damaged`. */
  read(message: StoredBody): Uint8Array {
    const content = message.log_at === null ? this.#fromRow(message) : this.#fromLog(message, message.log_at);
    if (content.length !== message.size) throw new Fault('body.damaged', 'Its length differs.');
    if (isPlain(message.sha256) && sha256Of(content) !== message.sha256)
      throw new Fault('body.damaged', 'Its hash differs.');
    return content;
  }

  #fromLog({ id, size, sha256 }: StoredBody, place: Place): Uint8Array {
    const block = this.#blocks.read(place, size);
    if (block === null) throw new Fault('body.missing');
    return isPlain(sha256) ? plainOf(block) : openBlock((day) => this.#keys().opening(day), id, block);
  }

  #fromRow({ id, body }: StoredBody): Uint8Array {
    const row = body === null ? undefined : this.#load.get(body);
    if (row === undefined) throw new Fault('body.missing');
    return row.day === UNSEALED ? row.content : openBody(this.#keys().opening(row.day), id, row.content);
  }
}

/** Whether content is kept as it came: then a hash stands beside it. */
export function isPlain(sha256: string): boolean {
  return sha256 !== '';
}

/** The hash that stands beside unsealed content. */
export function sha256Of(content: Uint8Array): string {
  return hash('sha256', content, 'hex');
}
