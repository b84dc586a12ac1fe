/**
 * One transaction that changes one account. It begins by locking the account's row, so that writers of an account come one after the other
 * on whatever host; what it reads then stays as it is until it ends. What it decides is sent together with the COMMIT.
 *
 * States: begun (locked) → committed, or undone. What must never happen: a change of counts without the rows that they count; a
 * modification sequence or UID that is given twice.
 */

import type { MailboxId, ModSeq } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Fields, Prepared, Step, StepValue } from '../postgres/batch.ts';
import { int8Array, textArray } from '../postgres/binary-arrays.ts';
import type { Lane } from '../postgres/lane.ts';
import { COMMIT } from '../postgres/statements.ts';
import type { AccountRow, MailboxRow } from './account-row.ts';
import { MAILBOX_COLUMNS, readMailbox } from './account-row.ts';
import { idText } from './checked.ts';

const FIND_MAILBOX: Prepared = {
  name: 'mailbox-by-id',
  text: `SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE account = $1::int8 AND id = $2::text`,
};
const FIND_MAILBOXES: Prepared = {
  name: 'mailboxes-by-name-or-use',
  text: `SELECT ${MAILBOX_COLUMNS} FROM mailbox
    WHERE account = $1::int8 AND (name = ANY ($2::text[]) OR special_use = ANY ($3::text[]))`,
};
const ALL_MAILBOXES: Prepared = {
  name: 'mailboxes-of-account',
  text: `SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE account = $1::int8`,
};
const SAVE_ACCOUNT: Prepared = {
  name: 'save-account',
  text: `UPDATE mailbox_account SET version = $2::int8, mod_seq = $3::int8, uid_validity = $4::int8, held = $5::text = 't',
      messages = $6::int8, bytes = $7::int8, recoverable_messages = $8::int8, recoverable_bytes = $9::int8
    WHERE id = $1::int8`,
};
const SAVE_MAILBOXES: Prepared = {
  name: 'save-mailboxes',
  text: `UPDATE mailbox m SET uid_next = i.uid_next, mod_seq = i.mod_seq, forgotten = i.forgotten, messages = i.messages,
      unseen = i.unseen, deleted = i.deleted, size = i.size, keywords = i.keywords
    FROM unnest($2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int8[], $10::text[])
      AS i (id, uid_next, mod_seq, forgotten, messages, unseen, deleted, size, keywords)
    WHERE m.account = $1::int8 AND m.id = i.id`,
};
const SAVE_WRITE: Prepared = {
  name: 'save-mailbox-write',
  text: `INSERT INTO mailbox_write (account, writer, token, at) VALUES ($1::int8, $2::text, $3::int8, $4::int8)
    ON CONFLICT (account, writer) DO UPDATE SET token = excluded.token, at = excluded.at`,
};

/** Whose transaction it is: a process, and the number of this try. */
export interface Token {
  readonly writer: string;
  readonly number: number;
}

export class Change {
  readonly account: AccountRow;
  readonly now: number;
  readonly #lane: Lane;
  readonly #token: Token;
  readonly #steps: Step[] = [];
  readonly #mailboxes = new Map<MailboxId, MailboxRow>();
  readonly #touched = new Set<MailboxRow>();
  #hasAll = false;
  #changes = false;

  /** Behind BEGIN and the lock. */
  constructor(lane: Lane, account: AccountRow, token: Token, now: number) {
    this.#lane = lane;
    this.account = account;
    this.#token = token;
    this.now = now;
  }

  /** Whether it has changed anything so far. */
  get changes(): boolean {
    return this.#changes;
  }

  /** A modification sequence for everything that one call changes (RFC 7162 §3.1). */
  nextModSeq(): ModSeq {
    this.#changes = true;
    return ++this.account.modSeq;
  }

  /** Rows of one statement whose first value is the account, now. What was written before has been done. */
  async rows(statement: Prepared, ...values: readonly StepValue[]): Promise<readonly Fields[]> {
    const steps = this.#steps.splice(0);
    const rows = await this.#lane.run([...steps, { statement, values: [this.account.id, ...values] }]);
    return rows.at(-1) ?? [];
  }

  /** A statement whose first value is the account; it goes out with the next one that reads, or with the COMMIT. */
  write(statement: Prepared, ...values: readonly StepValue[]): void {
    this.#changes = true;
    this.writeAside(statement, ...values);
  }

  /** A statement that changes nothing that anyone sees, and may be done twice: nobody who watches is told. */
  writeAside(statement: Prepared, ...values: readonly StepValue[]): void {
    this.#steps.push({ statement, values: [this.account.id, ...values] });
  }

  /** Writes the account's row, whose fields have been changed. */
  touchAccount(): void {
    this.#changes = true;
  }

  async mailbox(id: MailboxId): Promise<MailboxRow | null> {
    const known = this.#mailboxes.get(id);
    if (known !== undefined || this.#hasAll) return known ?? null;
    const [fields] = await this.rows(FIND_MAILBOX, idText(id));
    return fields === undefined ? null : this.#know(readMailbox(fields));
  }

  /** Those with one of these names or special uses, in no order. */
  async find(names: readonly string[], uses: readonly string[] = []): Promise<readonly MailboxRow[]> {
    const fits = (row: MailboxRow): boolean => names.includes(row.name) || uses.includes(row.specialUse ?? '');
    if (this.#hasAll) return [...this.#mailboxes.values()].filter(fits);
    const found = await this.rows(FIND_MAILBOXES, textArray(names), textArray(uses));
    return found.map((fields) => this.#know(readMailbox(fields)));
  }

  /** All of them, in no order. */
  async mailboxes(): Promise<readonly MailboxRow[]> {
    if (!this.#hasAll) for (const fields of await this.rows(ALL_MAILBOXES)) this.#know(readMailbox(fields));
    this.#hasAll = true;
    return [...this.#mailboxes.values()];
  }

  /** One that this transaction has made; its row is written already. */
  made(row: MailboxRow): MailboxRow {
    return this.#know(row);
  }

  /** One that this transaction has taken away. */
  gone(row: MailboxRow): void {
    this.#mailboxes.delete(row.id);
    this.#touched.delete(row);
  }

  /** Its counts or its next UID change: written with the COMMIT. */
  touch(row: MailboxRow): void {
    this.#changes = true;
    this.#touched.add(row);
  }

  /** What is sent with the COMMIT; nothing but that where nothing was changed. */
  async commit(): Promise<void> {
    const steps = [...this.#steps, ...(this.#changes ? this.#rowsOfCounts() : [])];
    await this.#lane.run([...steps, { statement: COMMIT, values: [] }]);
  }

  #rowsOfCounts(): Step[] {
    const { account } = this;
    account.version += 1;
    const steps: Step[] = [{ statement: SAVE_ACCOUNT, values: accountValues(account) }];
    const rows = [...this.#touched];
    if (rows.length > 0) steps.push({ statement: SAVE_MAILBOXES, values: [account.id, ...mailboxValues(rows)] });
    const { writer, number } = this.#token;
    steps.push({ statement: SAVE_WRITE, values: [account.id, writer, number, this.now] });
    return steps;
  }

  // What is known already may have been changed here: it stays as it is.
  #know(row: MailboxRow): MailboxRow {
    return this.#mailboxes.getOrInsert(row.id, row);
  }
}

function accountValues(account: AccountRow): StepValue[] {
  for (const count of [account.messages, account.bytes, account.recoverableMessages, account.recoverableBytes])
    if (!Number.isSafeInteger(count) || count < 0)
      throw new Fault('store.failed', 'The counts of an account do not add up.');
  return [
    account.id,
    account.version,
    account.modSeq,
    account.uidValidity,
    account.held ? 't' : 'f',
    account.messages,
    account.bytes,
    account.recoverableMessages,
    account.recoverableBytes,
  ];
}

function mailboxValues(rows: readonly MailboxRow[]): StepValue[] {
  const numbers = (of: (row: MailboxRow) => number): Buffer => int8Array(rows.map(of));
  return [
    textArray(rows.map(({ id }) => id)),
    numbers(({ uidNext }) => uidNext),
    numbers(({ modSeq }) => modSeq),
    numbers(({ forgotten }) => forgotten),
    numbers(({ messages }) => messages),
    numbers(({ unseen }) => unseen),
    numbers(({ deleted }) => deleted),
    numbers(({ size }) => size),
    textArray(rows.map(({ keywords }) => keywords)),
  ];
}
