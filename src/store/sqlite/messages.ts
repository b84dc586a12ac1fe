/** The message rows, and the way by which content leaves with the last recipient. */
import type { DatabaseSync } from 'node:sqlite';
import { isLive, type MailId, type TenantId } from '#/model/index.ts';
import type { Place, SegmentKeeper } from './log/index.ts';
import type { Condemned, WireMail } from './protocol.ts';
import type { MessageRow } from './rows.ts';
import { Statement } from './statement.ts';
import type { YoungMail, YoungMails } from './young.ts';

/** Where the content of a new mail stands, and its hash where it has no seal. */
export interface NewContent {
  readonly logAt: Place;
  readonly sha256: string;
}

type Content = { tenant: TenantId; body: number | null; log_at: Place | null; blob: string | null; size: number };

export class MessageTable {
  readonly #young: YoungMails;
  readonly #keeper: SegmentKeeper;
  readonly #insert: Statement;
  readonly #isThere: Statement;
  readonly #find: Statement<MessageRow>;
  readonly #content: Statement<Content>;
  readonly #clear: Statement;
  readonly #deleteBody: Statement;
  readonly #blobInUse: Statement;
  readonly #born: Statement<{ born: string | null }>;
  readonly #bear: Statement;
  /** No row has a greater id. */
  #newest: string;

  constructor(db: DatabaseSync, young: YoungMails, keeper: SegmentKeeper) {
    this.#young = young;
    this.#keeper = keeper;
    this.#insert = new Statement(
      db,
      `INSERT INTO message (id, tenant, parent, origin, purpose, sender, identity, received_at, needs, header_from,
        subject, message_id, hops, size, sha256, log_at, blob, lot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#isThere = new Statement(db, 'SELECT 1 FROM message WHERE id = ?');
    this.#find = new Statement(db, 'SELECT * FROM message WHERE id = ?');
    this.#content = new Statement(db, 'SELECT tenant, body, log_at, blob, size FROM message WHERE id = ?');
    this.#clear = new Statement(db, 'UPDATE message SET body = NULL, log_at = NULL, blob = NULL WHERE id = ?');
    this.#deleteBody = new Statement(db, 'DELETE FROM body WHERE id = ?');
    this.#blobInUse = new Statement(db, 'SELECT 1 FROM message WHERE blob = ? LIMIT 1');
    this.#born = new Statement(db, 'SELECT born FROM message WHERE id = ?');
    this.#bear = new Statement(db, 'UPDATE message SET born = ? WHERE id = ?');
    this.#newest = new Statement<{ id: string | null }>(db, 'SELECT max(id) AS id FROM message').get()?.id ?? '';
  }

  find(id: MailId): MessageRow | undefined {
    return this.#find.get(id);
  }

  /** Takes a mail without its recipients; `content` is null where a blob holds it. Null when its id is there already. With `young`, the row is written at the next commit. */
  insert(mail: WireMail, content: NewContent | null, lot: number, young: boolean): YoungMail | null {
    if (this.#has(mail.id)) return null;
    const { logAt = null, sha256 = '' } = content ?? {};
    const fresh: YoungMail = { mail, logAt, sha256, lot, recipients: new Map() };
    if (logAt !== null) this.#keeper.came(logAt, mail.body.size);
    // A blob may be shared: its row stands where others look for it.
    if (young && mail.body.kind === 'bytes') this.#young.set(mail.id, fresh);
    else this.write(fresh);
    return fresh;
  }

  /** The row of a mail. */
  write({ mail, logAt, sha256, lot }: YoungMail): void {
    const blob = mail.body.kind === 'blob' ? mail.body.ref : null;
    this.#insert.run(
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
      blob?.sha256 ?? sha256,
      logAt,
      blob?.key ?? null,
      lot,
    );
  }

  /** Names under which mails were born once of a message. */
  bornOf(id: MailId): ReadonlySet<string> {
    const names = this.#born.get(id)?.born ?? null;
    return new Set<string>(names === null ? [] : JSON.parse(names));
  }

  bear(id: MailId, names: ReadonlySet<string>): void {
    this.#bear.run(JSON.stringify([...names]), id);
  }

  /** Lets the content of an ended message go: at once, or a blob when no other message names it. */
  releaseContent(id: MailId): Condemned | null {
    const young = this.#young.get(id);
    if (young !== undefined) {
      if (young.logAt !== null) this.#keeper.went(young.logAt, young.mail.body.size);
      young.logAt = null;
      return null;
    }
    const row = this.#content.get(id);
    if (row === undefined) return null;
    if (row.log_at !== null) this.#keeper.went(row.log_at, row.size);
    if (row.body !== null) this.#deleteBody.run(row.body);
    if (row.log_at !== null || row.body !== null || row.blob !== null) this.#clear.run(id);
    if (row.blob === null) return null;
    return this.#blobInUse.get(row.blob) === undefined ? { tenant: row.tenant, key: row.blob } : null;
  }

  // Ids are in order of time: nearly always a new one is the greatest, and no index has to be asked.
  #has(id: MailId): boolean {
    if (id > this.#newest) {
      this.#newest = id;
      return false;
    }
    return this.#young.has(id) || this.#isThere.get(id) !== undefined;
  }
}

/** Whether a mail that is in no table yet still has a recipient that has not ended. */
export function hasLiveRecipient({ recipients }: YoungMail): boolean {
  for (const { progress } of recipients.values()) if (isLive(progress.state)) return true;
  return false;
}
