/**
 * One open account: its database, what of it stands in memory (its counters, its mailboxes and their counts), and the transaction that a
 * group of requests shares.
 * ```
 * open ──▶ begin ──▶ attempt … attempt ──▶ commit ──▶ open …      a request that fails is undone alone (SAVEPOINT)
 *                        └── broken ──▶ closed                    a commit that fails is never tried again
 * ```
 * What must never happen: memory that says other than the tables after a request (it is written within the request, and read anew when
 * one is undone); a number that is given before the mark covers it.
 */
import type { AccountKey } from '#/model/index.ts';
import { nextUidValidity } from '../mailbox/index.ts';
import type { Database } from './database.ts';
import { MailboxTable } from './mailbox-table.ts';
import { type Mark, MarkFile, readMark } from './mark.ts';
import { openAccountFile, type Place } from './places.ts';
import { raiseToMark, renewIdentity } from './restored.ts';
import { Thinning } from './thinning.ts';
import type { AccountViews, Views } from './views.ts';

/** Counters of an account. `gone`: expunged and not purged. */
export interface AccountState {
  nextId: number;
  modSeq: number;
  validity: number;
  liveMessages: number;
  liveBytes: number;
  goneMessages: number;
  goneBytes: number;
  held: number;
}

/** Ids begin at the second of the account's birth, so that an account that is made anew gives none again. */
const IDS_A_SECOND = 65_536;

export class Account {
  readonly db: Database;
  readonly mailboxes: MailboxTable;
  readonly views: AccountViews;
  readonly thinning = new Thinning();
  readonly #mark: MarkFile;
  /** Wall clock of the group. */
  now: number;
  state: AccountState;
  /** Whether the running request has changed anything that clients see. */
  hasChanged = false;
  #changeModSeq: number | null = null;
  #arrived = 0;
  readonly #told = new Set<number>();

  constructor(key: AccountKey, place: Place, views: Views, now: number) {
    this.now = now;
    const mark = readMark(place.mark);
    this.db = openAccountFile(place);
    this.views = views.ofAccount();
    this.#mark = new MarkFile(place.mark, mark);
    this.mailboxes = new MailboxTable(this);
    try {
      this.state = hasRow(this.db) ? this.#resume(mark) : this.#bear(key, mark);
      this.mailboxes.load();
      this.#follow();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  begin(): void {
    this.db.run('BEGIN IMMEDIATE');
  }

  /** Runs one request so that it is whole or has never been. */
  attempt<T>(work: () => T): T {
    this.hasChanged = false;
    this.#changeModSeq = null;
    this.db.run('SAVEPOINT request');
    try {
      const output = work();
      this.#save();
      this.db.run('RELEASE request');
      return output;
    } catch (error) {
      this.hasChanged = false;
      if (this.db.isInTransaction) {
        this.db.run('ROLLBACK TO request');
        this.db.run('RELEASE request');
      }
      this.reload();
      throw error;
    }
  }

  /** Durable when it returns. */
  commit(): void {
    this.db.run('COMMIT');
    this.#follow();
  }

  rollback(): void {
    if (this.db.isInTransaction) this.db.run('ROLLBACK');
    this.reload();
  }

  /** Forgets what memory says and reads it from the tables. */
  reload(): void {
    this.state = this.#load();
    this.mailboxes.load();
    this.views.clear();
  }

  /** The modification sequence of what the running request changes: one for all of it. */
  changeModSeq(): number {
    this.#changeModSeq ??= this.nextModSeq();
    return this.#changeModSeq;
  }

  /** The modification sequence of a mailbox that is made. */
  nextModSeq(): number {
    this.hasChanged = true;
    this.state.modSeq += 1;
    this.#mark.cover(this.state.modSeq, 0);
    return this.state.modSeq;
  }

  newId(): number {
    return this.state.nextId++;
  }

  /** A UIDVALIDITY that no mailbox of this account has had: the second, or the next one. RFC 9051 §2.3.1.1. */
  newValidity(): number {
    this.state.validity = nextUidValidity(this.now, this.state.validity);
    return this.state.validity;
  }

  /** Before a UID is given. */
  coverUid(uid: number): void {
    this.#mark.cover(0, uid);
  }

  /** A message came whose terms have to be indexed. */
  hasArrived(): void {
    this.#arrived += 1;
  }

  /** How many came since this was asked last. */
  takeArrived(): number {
    const arrived = this.#arrived;
    this.#arrived = 0;
    return arrived;
  }

  /** Something was written down of what happened to a mailbox. */
  hasTold(mailbox: number): void {
    this.#told.add(mailbox);
  }

  /** In a quiet moment: old happenings go, the log moves into the database, memory is given back. */
  rest(): void {
    if (this.#told.size > 0) {
      this.begin();
      this.attempt(() => {
        for (const mailbox of this.#told) this.mailboxes.forgetHappenings(mailbox);
      });
      this.commit();
      this.#told.clear();
    }
    this.db.exec('PRAGMA wal_checkpoint(PASSIVE); PRAGMA shrink_memory;');
  }

  close(): void {
    this.views.clear();
    this.#mark.close();
    this.db.close();
  }

  #follow(): void {
    this.#mark.cover(this.state.modSeq, 0);
    this.#mark.follow(this.state.modSeq, this.state.validity, this.state.nextId);
  }

  #resume(mark: Mark | null): AccountState {
    if (mark === null) renewIdentity(this.db, this.now, IDS_A_SECOND);
    else raiseToMark(this.db, mark, this.now, IDS_A_SECOND);
    return this.#load();
  }

  // Where there is a mark there was a database: what it gave is not given again.
  #bear({ tenant, address }: AccountKey, mark: Mark | null): AccountState {
    const nextId = Math.max(Math.floor(this.now / 1000) * IDS_A_SECOND, mark?.nextId ?? 0);
    this.state = {
      nextId,
      modSeq: 0,
      validity: mark?.validity ?? 0,
      liveMessages: 0,
      liveBytes: 0,
      goneMessages: 0,
      goneBytes: 0,
      held: 0,
    };
    this.begin();
    this.db.run('INSERT INTO account VALUES (1, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0)', tenant, address, nextId);
    this.mailboxes.bear();
    this.#save();
    this.db.run('COMMIT');
    return this.state;
  }

  #load(): AccountState {
    const row = this.db.get<AccountState>(
      `SELECT next_id AS nextId, mod_seq AS modSeq, validity, live_messages AS liveMessages, live_bytes AS liveBytes,
         gone_messages AS goneMessages, gone_bytes AS goneBytes, held FROM account`,
    );
    return { ...(row as AccountState) };
  }

  #save(): void {
    const { nextId, modSeq, validity, liveMessages, liveBytes, goneMessages, goneBytes, held } = this.state;
    this.db.run(
      `UPDATE account SET next_id = ?, mod_seq = ?, validity = ?, live_messages = ?, live_bytes = ?, gone_messages = ?,
         gone_bytes = ?, held = ?`,
      nextId,
      modSeq,
      validity,
      liveMessages,
      liveBytes,
      goneMessages,
      goneBytes,
      held,
    );
    this.mailboxes.save();
  }
}

function hasRow(db: Database): boolean {
  return db.get('SELECT 1 AS there FROM account') !== undefined;
}
