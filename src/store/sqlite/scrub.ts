/** Content of live messages, checked against what was accepted; and rows whose message is gone (H5). */
import type { DatabaseSync } from 'node:sqlite';
import type { BlobRef, MailId, Orphan, OrphanFault, RecipientNumber, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { BodyReader } from './bodies.ts';
import type { MessageRow } from './rows.ts';
import { Statement } from './statement.ts';

type Key = { message: MailId; recipient: RecipientNumber; tenant: TenantId };

/** Content outside the rows, which the caller has to look at, and who waits for it. */
export interface BlobToCheck {
  readonly tenant: TenantId;
  readonly ref: BlobRef;
  readonly waiting: readonly Key[];
}

export interface Scrubbed {
  readonly orphans: readonly Orphan[];
  readonly blobs: readonly BlobToCheck[];
  readonly next: MailId | null;
}

export class Scrubber {
  readonly #bodies: BodyReader;
  readonly #messages: Statement<MessageRow>;
  readonly #live: Statement<Key>;
  readonly #stray: Statement<Key>;

  constructor(db: DatabaseSync, bodies: BodyReader) {
    this.#bodies = bodies;
    this.#messages = new Statement(
      db,
      `SELECT * FROM message WHERE id > ?
         AND EXISTS (SELECT 1 FROM recipient WHERE recipient.message = message.id AND phase < 2) ORDER BY id LIMIT ?`,
    );
    this.#live = new Statement(
      db,
      'SELECT message, n AS recipient, tenant FROM recipient WHERE message = ? AND phase < 2 ORDER BY n',
    );
    this.#stray = new Statement(
      db,
      `SELECT message, n AS recipient, tenant FROM recipient WHERE message > ? AND message <= ? AND phase < 2
         AND NOT EXISTS (SELECT 1 FROM message WHERE message.id = recipient.message)`,
    );
  }

  /** Looks at up to `limit` messages behind `after`. */
  scrub(after: MailId | null, limit: number): Scrubbed {
    const messages = this.#messages.all(after ?? '', limit);
    const next = messages.length < limit ? null : (messages.at(-1)?.id ?? null);
    const stray = this.#stray.all(after ?? '', next ?? '~');
    const orphans = [
      ...stray.map((key) => orphanOf(key, 'no message row')),
      ...messages.flatMap((m) => this.#check(m)),
    ];
    return { orphans, blobs: messages.flatMap((message) => this.#blobOf(message)), next };
  }

  #check(message: MessageRow): Orphan[] {
    if (message.blob !== null) return [];
    try {
      this.#bodies.read(message);
      return [];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const fault = error.code === 'body.missing' ? 'body missing' : 'body differs from acceptance';
      return this.#live.all(message.id).map((key) => orphanOf(key, fault));
    }
  }

  #blobOf({ id, tenant, blob, size, sha256 }: MessageRow): BlobToCheck[] {
    return blob === null ? [] : [{ tenant, ref: { key: blob, size, sha256 }, waiting: this.#live.all(id) }];
  }
}

/** A row whose content can't be mended here. */
export function orphanOf(key: Key, fault: OrphanFault): Orphan {
  return { ...key, fault, mended: false };
}
