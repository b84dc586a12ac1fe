/** Content in rows: sealed under its day's key from acceptance on (design 1), its hash beside it in the message row. */
import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { MailId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { KeyDay } from '../keys/index.ts';
import { openBody, sealBody } from '../keys/index.ts';
import type { BodyKeys } from './keys.ts';
import { Statement } from './statement.ts';

/** The `day` of content that was stored as it came. */
const UNSEALED = '';

/** What the message row says of its content. */
export interface StoredBody {
  readonly id: MailId;
  readonly body: number | null;
  readonly size: number;
  readonly sha256: string;
}

export class BodyReader {
  readonly #keys: () => BodyKeys;
  readonly #load: Statement<{ day: KeyDay; content: Uint8Array }>;

  constructor(db: DatabaseSync, keys: () => BodyKeys) {
    this.#keys = keys;
    this.#load = new Statement(db, 'SELECT day, content FROM body WHERE id = ?');
  }

  /** The content, opened; its length and (unless the seal says as much already) its hash are as at acceptance. Faults `body.missing`, `body.damaged`. */
  read(message: StoredBody, checkHash: boolean): Uint8Array {
    const row = message.body === null ? undefined : this.#load.get(message.body);
    if (row === undefined) throw new Fault('body.missing');
    const isSealed = row.day !== UNSEALED;
    const content = isSealed ? openBody(this.#keys().opening(row.day), message.id, row.content) : row.content;
    if (content.length !== message.size) throw new Fault('body.damaged', 'Its length differs.');
    if ((checkHash || !isSealed) && sha256Of(content) !== message.sha256)
      throw new Fault('body.damaged', 'Its hash differs.');
    return content;
  }
}

export class BodyWriter {
  readonly #keys: BodyKeys;
  readonly #seal: boolean;
  readonly #insert: Statement;
  readonly #delete: Statement;
  // Chosen here, so that the message row can name it without asking the table.
  #lastId: number;

  constructor(db: DatabaseSync, keys: BodyKeys, seal: boolean) {
    this.#keys = keys;
    this.#seal = seal;
    this.#insert = new Statement(db, 'INSERT INTO body (id, day, content) VALUES (?, ?, ?)');
    this.#delete = new Statement(db, 'DELETE FROM body WHERE id = ?');
    this.#lastId = lastIdOf(db);
  }

  /** Chooses an id for content and takes its hash: what the message row says of it. */
  plan(content: Uint8Array): { readonly body: number; readonly sha256: string } {
    return { body: ++this.#lastId, sha256: sha256Of(content) };
  }

  /** Stores content under the id that was chosen for it. */
  write(body: number, message: MailId, content: Uint8Array, now: number): void {
    if (this.#seal) {
      const { day, key } = this.#keys.sealing(now);
      this.#insert.run(body, day, sealBody(key, message, [content]));
    } else this.#insert.run(body, UNSEALED, content);
  }

  delete(body: number): void {
    this.#delete.run(body);
  }
}

function sha256Of(content: Uint8Array): string {
  return hash('sha256', content, 'hex');
}

// Never below an id that a former process gave out: begins behind the clock, which no number of mails overtakes.
function lastIdOf(db: DatabaseSync): number {
  const last = new Statement<{ last: number | null }>(db, 'SELECT max(id) AS last FROM body').get()?.last ?? 0;
  return Math.max(last, Date.now() * 1000);
}
