/** Entries on their way into a mailbox: UIDs are given here, rows go out together. */
import type { EmailId, ModSeq, ThreadId, Uid } from '#/model/index.ts';
import type { Prepared } from '../postgres/batch.ts';
import { int8Array, textArray } from '../postgres/binary-arrays.ts';
import type { MailboxRow } from './account-row.ts';
import type { Change } from './change.ts';
import { TOGETHER_MAX } from './checked.ts';
import { DELETED, hasBit, SEEN } from './flag-bits.ts';

const INSERT: Prepared = {
  name: 'insert-mailbox-entries',
  text: `INSERT INTO mailbox_entry (account, mailbox, uid, mod_seq, flags, message, thread, received_at, saved_at, size,
      uidl)
    SELECT $1::int8, i.* FROM unnest($2::text[], $3::int8[], $4::int8[], $5::int8[], $6::text[], $7::text[], $8::int8[],
      $9::int8[], $10::int8[], $11::text[]) AS i`,
};

/** A message that comes into a mailbox. */
export interface NewEntry {
  /** As the target keeps them (`keepFlags`). */
  readonly bits: number;
  readonly message: EmailId;
  readonly thread: ThreadId;
  readonly receivedAt: number;
  readonly size: number;
  /** Where it came from elsewhere. */
  readonly uidl: string | null;
}

type Placed = NewEntry & { readonly mailbox: MailboxRow; readonly uid: Uid; readonly modSeq: ModSeq };

export class Entries {
  readonly #change: Change;
  readonly #placed: Placed[] = [];

  constructor(change: Change) {
    this.#change = change;
  }

  /** Gives it the next UID; the counts of the mailbox have it. */
  put(mailbox: MailboxRow, modSeq: ModSeq, entry: NewEntry): Uid {
    const uid = mailbox.uidNext;
    this.#placed.push({ ...entry, mailbox, uid, modSeq });
    mailbox.uidNext += 1;
    mailbox.modSeq = modSeq;
    mailbox.messages += 1;
    mailbox.unseen += hasBit(entry.bits, SEEN) ? 0 : 1;
    mailbox.deleted += hasBit(entry.bits, DELETED) ? 1 : 0;
    mailbox.size += entry.size;
    this.#change.touch(mailbox);
    return uid;
  }

  /** Sends what was put. */
  write(): void {
    for (let from = 0; from < this.#placed.length; from += TOGETHER_MAX)
      writeRows(this.#change, this.#placed.slice(from, from + TOGETHER_MAX));
    this.#placed.length = 0;
  }
}

function writeRows(change: Change, rows: readonly Placed[]): void {
  change.write(
    INSERT,
    textArray(rows.map(({ mailbox }) => mailbox.id)),
    int8Array(rows.map(({ uid }) => uid)),
    int8Array(rows.map(({ modSeq }) => modSeq)),
    int8Array(rows.map(({ bits }) => bits)),
    textArray(rows.map(({ message }) => message)),
    textArray(rows.map(({ thread }) => thread)),
    int8Array(rows.map(({ receivedAt }) => receivedAt)),
    int8Array(rows.map(() => change.now)),
    int8Array(rows.map(({ size }) => size)),
    textArray(rows.map(({ uidl }) => uidl)),
  );
}
