/** The mailboxes of an account: all of them in memory while it is open, each with its counts and the keywords that it knows. */
import type { Mailbox, MailboxId, MailboxName, SpecialUse } from '#/model/index.ts';
import { BORN_MAILBOXES } from '../mailbox/index.ts';
import type { Account } from './account.ts';
import { mailboxIdOf, numberOf } from './ids.ts';
import { Keywords } from './keywords.ts';
import { HAPPENINGS_KEPT } from './limits.ts';

/** One mailbox. `isGone`: deleted, kept for what can be recovered from it. */
export interface MailboxState {
  readonly id: number;
  name: MailboxName;
  specialUse: SpecialUse | null;
  uidValidity: number;
  uidNext: number;
  modSeq: number;
  exists: number;
  unseen: number;
  deleted: number;
  size: number;
  /** Of changes up to here the list of happenings may be short. */
  toldSince: number;
}

type MailboxRow = MailboxState & { readonly subscribed: number };

export class MailboxTable {
  readonly #account: Account;
  readonly #byId = new Map<number, MailboxState>();
  readonly #byName = new Map<string, MailboxState>();
  readonly #changed = new Set<MailboxState>();
  readonly #keywords = new Map<number, Keywords>();

  constructor(account: Account) {
    this.#account = account;
  }

  names(): Set<MailboxName> {
    return new Set([...this.#byId.values()].map(({ name }) => name));
  }

  /** The oldest first. */
  get all(): Iterable<MailboxState> {
    return this.#byId.values();
  }

  /** By its object id, of live ones. */
  byId(id: MailboxId): MailboxState | null {
    return this.#byId.get(numberOf(id)) ?? null;
  }

  byNumber(id: number): MailboxState | null {
    return this.#byId.get(id) ?? null;
  }

  byName(name: string): MailboxState | null {
    return this.#byName.get(name) ?? null;
  }

  byUse(use: SpecialUse): MailboxState | null {
    for (const mailbox of this.#byId.values()) if (mailbox.specialUse === use) return mailbox;
    return null;
  }

  /** Of a deleted mailbox too. */
  keywords(mailbox: number): Keywords {
    let keywords = this.#keywords.get(mailbox);
    if (keywords === undefined) {
      keywords = new Keywords(this.#account.db, mailbox);
      this.#keywords.set(mailbox, keywords);
    }
    return keywords;
  }

  /** To be called before counts or names are changed; the change reaches the table with the end of the request. */
  change(mailbox: MailboxState): MailboxState {
    this.#changed.add(mailbox);
    this.#account.hasChanged = true;
    return mailbox;
  }

  create(name: MailboxName, specialUse: SpecialUse | null): MailboxState {
    const id = this.#account.newId();
    const modSeq = this.#account.nextModSeq();
    const mailbox: MailboxState = {
      id,
      name,
      specialUse,
      uidValidity: this.#account.newValidity(),
      uidNext: 1,
      modSeq,
      exists: 0,
      unseen: 0,
      deleted: 0,
      size: 0,
      toldSince: modSeq,
    };
    this.#account.db.run(
      'INSERT INTO mailbox VALUES (?, ?, ?, ?, 1, ?, 0, 0, 0, 0, ?, 0)',
      id,
      name,
      specialUse,
      mailbox.uidValidity,
      modSeq,
      modSeq,
    );
    this.#byId.set(id, mailbox);
    this.#byName.set(name, mailbox);
    this.#account.hasChanged = true;
    return mailbox;
  }

  /** New names for mailboxes, all at once: one may take the name that another one leaves. */
  rename(moves: readonly (readonly [MailboxState, MailboxName])[]): void {
    const { db } = this.#account;
    for (const [mailbox] of moves) {
      db.run('UPDATE mailbox SET name = ? WHERE id = ?', `/${mailbox.id}`, mailbox.id);
      this.#byName.delete(mailbox.name);
    }
    for (const [mailbox, name] of moves) {
      db.run('UPDATE mailbox SET name = ? WHERE id = ?', name, mailbox.id);
      mailbox.name = name;
      this.#byName.set(name, mailbox);
    }
    this.#account.hasChanged = true;
  }

  /** Rows of deleted mailboxes of which nothing can be recovered any more. */
  forgetEmpty(): void {
    const gone = 'is_gone = 1 AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.mailbox = mailbox.id)';
    const { db } = this.#account;
    db.run(`DELETE FROM keyword WHERE mailbox IN (SELECT id FROM mailbox WHERE ${gone})`);
    db.run(`DELETE FROM mailbox WHERE ${gone}`);
  }

  /** Its row stays for the name of what can be recovered, and no longer. */
  remove(mailbox: MailboxState): void {
    this.save();
    this.#account.db.run('UPDATE mailbox SET is_gone = 1, special_use = NULL WHERE id = ?', mailbox.id);
    this.#account.db.run('DELETE FROM happening WHERE mailbox = ?', mailbox.id);
    this.forgetEmpty();
    this.#byId.delete(mailbox.id);
    this.#byName.delete(mailbox.name);
    this.#account.hasChanged = true;
  }

  /** Keeps what happened last; who asks for more hears of the whole mailbox. */
  forgetHappenings(id: number): void {
    const mailbox = this.byNumber(id);
    const oldest = this.#account.db.get<{ modSeq: number }>(
      'SELECT mod_seq AS modSeq FROM happening WHERE mailbox = ? ORDER BY mod_seq DESC LIMIT 1 OFFSET ?',
      id,
      HAPPENINGS_KEPT,
    );
    if (mailbox === null || oldest === undefined) return;
    this.#account.db.run('DELETE FROM happening WHERE mailbox = ? AND mod_seq <= ?', id, oldest.modSeq);
    this.#changed.add(mailbox);
    mailbox.toldSince = Math.max(mailbox.toldSince, oldest.modSeq);
  }

  /** With the first use of the account. */
  bear(): void {
    for (const [name, use] of BORN_MAILBOXES) {
      this.create(name, use);
      this.#account.db.run('INSERT INTO subscription (name) VALUES (?)', name);
    }
  }

  load(): void {
    this.#byId.clear();
    this.#byName.clear();
    this.#changed.clear();
    this.#keywords.clear();
    const rows = this.#account.db.all<MailboxRow>(
      `SELECT id, name, special_use AS specialUse, uid_validity AS uidValidity, uid_next AS uidNext, mod_seq AS modSeq,
         message_count AS "exists", unseen, deleted, size, told_since AS toldSince FROM mailbox
       WHERE is_gone = 0 ORDER BY id`,
    );
    for (const row of rows) {
      this.#byId.set(row.id, row);
      this.#byName.set(row.name, row);
    }
  }

  save(): void {
    for (const mailbox of this.#changed) {
      this.#account.db.run(
        `UPDATE mailbox SET uid_validity = ?, uid_next = ?, mod_seq = ?, message_count = ?, unseen = ?, deleted = ?,
           size = ?, told_since = ? WHERE id = ?`,
        mailbox.uidValidity,
        mailbox.uidNext,
        mailbox.modSeq,
        mailbox.exists,
        mailbox.unseen,
        mailbox.deleted,
        mailbox.size,
        mailbox.toldSince,
        mailbox.id,
      );
    }
    this.#changed.clear();
  }
}

/** As clients see it. */
export function shown(mailbox: MailboxState, subscribed: boolean): Mailbox {
  const { id, name, specialUse, uidValidity, uidNext, modSeq, exists, unseen, deleted, size } = mailbox;
  return {
    id: mailboxIdOf(id),
    name,
    specialUse,
    subscribed,
    uidValidity,
    uidNext,
    highestModSeq: modSeq,
    exists,
    unseen,
    deleted,
    size,
  };
}
