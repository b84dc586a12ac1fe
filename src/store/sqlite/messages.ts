/** The message rows, and the way by which content leaves with the last recipient. */
import type { DatabaseSync } from 'node:sqlite';
import type { MailId, TenantId } from '#/model/index.ts';
import type { BodyWriter } from './bodies.ts';
import type { Condemned, WireMail } from './protocol.ts';
import type { MessageRow } from './rows.ts';
import { Statement } from './statement.ts';

export class MessageTable {
  readonly #bodies: BodyWriter;
  readonly #insert: Statement;
  readonly #find: Statement<MessageRow>;
  readonly #content: Statement<{ tenant: TenantId; body: number | null; blob: string | null }>;
  readonly #clearBlob: Statement;
  readonly #blobInUse: Statement;

  constructor(db: DatabaseSync, bodies: BodyWriter) {
    this.#bodies = bodies;
    this.#insert = new Statement(
      db,
      `INSERT INTO message (id, tenant, parent, origin, purpose, sender, identity, received_at, needs, header_from,
        subject, message_id, hops, size, sha256, body, blob, lot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO NOTHING`,
    );
    this.#find = new Statement(db, 'SELECT * FROM message WHERE id = ?');
    this.#content = new Statement(db, 'SELECT tenant, body, blob FROM message WHERE id = ?');
    this.#clearBlob = new Statement(db, 'UPDATE message SET blob = NULL WHERE id = ?');
    this.#blobInUse = new Statement(db, 'SELECT 1 FROM message WHERE blob = ? LIMIT 1');
  }

  find(id: MailId): MessageRow | undefined {
    return this.#find.get(id);
  }

  /** Stores a mail without its recipients; `content` is null where a blob holds it. False when its id is there already. */
  insert(mail: WireMail, content: Uint8Array | null, lot: number, now: number): boolean {
    const blob = mail.body.kind === 'blob' ? mail.body.ref : null;
    const stored = content === null ? null : this.#bodies.plan(content);
    const inserted = this.#insert.run(
      mail.id,
      mail.tenant,
      mail.parent,
      mail.origin,
      mail.purpose,
      mail.sender,
      JSON.stringify(mail.identity),
      mail.receivedAt,
      JSON.stringify(mail.needs),
      mail.facts.from,
      mail.facts.subject,
      mail.facts.messageId,
      mail.hops,
      mail.body.size,
      stored?.sha256 ?? blob?.sha256 ?? '',
      stored?.body ?? null,
      blob?.key ?? null,
      lot,
    );
    if (inserted > 0 && content !== null && stored !== null) this.#bodies.write(stored.body, mail.id, content, now);
    return inserted > 0;
  }

  /** Lets the content of an ended message go: a row at once, a blob when no other message names it. */
  releaseContent(id: MailId): Condemned | null {
    const row = this.#content.get(id);
    if (row === undefined) return null;
    if (row.body !== null) this.#bodies.delete(row.body);
    if (row.blob === null) return null;
    this.#clearBlob.run(id);
    return this.#blobInUse.get(row.blob) === undefined ? { tenant: row.tenant, key: row.blob } : null;
  }
}
