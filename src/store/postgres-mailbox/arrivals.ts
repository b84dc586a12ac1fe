/** Messages that are new to an account: their octets, what was read of them, their terms and threads. Each has one live entry, which `put` places. */
import type { ModSeq, ThreadId, Uid } from '#/model/index.ts';
import type { NewMessage } from '#/ports/index.ts';
import { isUidl, newEmailId, newThreadId, threadKeys } from '../mailbox/index.ts';
import type { Prepared } from '../postgres/batch.ts';
import { byteaArray, int4Array, int8Array, textArray } from '../postgres/binary-arrays.ts';
import type { MailboxRow } from './account-row.ts';
import type { Change } from './change.ts';
import { Entries } from './entries.ts';
import { keepFlags } from './flag-bits.ts';
import { termRows } from './terms.ts';

/** Octets of one piece: what one read of a body takes, and one row can move. Never made smaller: reading looks so far back for a piece. */
export const PIECE_BYTES = 256 * 1024;
/** Which text a row of terms is of. */
export const HEAD_PART = 0;
export const BODY_PART = 1;

const INSERT_MESSAGES: Prepared = {
  name: 'insert-mailbox-messages',
  text: `INSERT INTO mailbox_message (account, id, thread, size, uidl, live, expunged)
    SELECT $1::int8, i.*, 1, 0 FROM unnest($2::text[], $3::text[], $4::int8[], $5::text[]) AS i`,
};
const INSERT_FACTS: Prepared = {
  name: 'insert-mailbox-facts',
  text: `INSERT INTO mailbox_facts (account, message, head_bytes, facts)
    SELECT $1::int8, i.* FROM unnest($2::text[], $3::int8[], $4::text[]) AS i`,
};
const INSERT_PIECES: Prepared = {
  name: 'insert-mailbox-pieces',
  text: `INSERT INTO mailbox_piece (account, message, at, octets)
    SELECT $1::int8, i.* FROM unnest($2::text[], $3::int8[], $4::bytea[]) AS i`,
};
const INSERT_TERMS: Prepared = {
  name: 'insert-mailbox-terms',
  text: `INSERT INTO mailbox_terms (account, message, part, n, terms)
    SELECT $1::int8, i.message, i.part, i.n, i.terms::tsvector
    FROM unnest($2::text[], $3::int4[], $4::int4[], $5::text[]) AS i (message, part, n, terms)`,
};
const FIND_THREADS: Prepared = {
  name: 'find-mailbox-threads',
  text: `SELECT t.key, t.thread FROM unnest($2::text[]) AS i (key)
    JOIN mailbox_thread t ON t.account = $1::int8 AND t.key = i.key`,
};
const INSERT_THREADS: Prepared = {
  name: 'insert-mailbox-threads',
  text: `INSERT INTO mailbox_thread (account, key, thread)
    SELECT $1::int8, i.* FROM unnest($2::text[], $3::text[]) AS i ON CONFLICT DO NOTHING`,
};

const FIND_UIDLS: Prepared = {
  name: 'find-uidls',
  text: `SELECT i.uidl FROM unnest($2::text[]) AS i (uidl) WHERE EXISTS (
      SELECT 1 FROM mailbox_message m WHERE m.account = $1::int8 AND m.uidl = i.uidl AND m.uidl IS NOT NULL
    ) OR EXISTS (SELECT 1 FROM mailbox_message m WHERE m.account = $1::int8 AND m.id = i.uidl)`,
};

interface NewRow {
  readonly id: string;
  readonly thread: ThreadId;
  readonly uidl: string | null;
  readonly mail: NewMessage;
}

export class Arrivals {
  readonly #change: Change;
  readonly #entries: Entries;
  readonly #rows: NewRow[] = [];
  readonly #threads: Map<string, ThreadId>;
  readonly #newThreads = new Map<string, ThreadId>();
  /** Not to be given again: two messages of a maildrop never have one UIDL (RFC 1939 §7). */
  readonly #uidls: Set<string>;

  private constructor(change: Change, threads: Map<string, ThreadId>, uidls: Set<string>) {
    this.#change = change;
    this.#entries = new Entries(change);
    this.#threads = threads;
    this.#uidls = uidls;
  }

  /** Looks up the threads that these mails may belong to, and whether their UIDLs are free. */
  static async begin(change: Change, mails: readonly NewMessage[]): Promise<Arrivals> {
    const keys = [...new Set(mails.flatMap(({ facts }) => threadKeys(facts)))];
    const threads = keys.length === 0 ? [] : await change.rows(FIND_THREADS, textArray(keys));
    const given = mails.flatMap(({ uidl }) => (uidl !== null && isUidl(uidl) ? [uidl] : []));
    const uidls = given.length === 0 ? [] : await change.rows(FIND_UIDLS, textArray(given));
    return new Arrivals(
      change,
      new Map(threads.map(([key, thread]) => [key ?? '', thread as ThreadId])),
      new Set(uidls.map(([uidl]) => uidl ?? '')),
    );
  }

  put(mailbox: MailboxRow, modSeq: ModSeq, mail: NewMessage): Uid {
    const { account, now } = this.#change;
    const id = newEmailId(now);
    const thread = this.#threadOf(mail);
    const size = mail.content.length;
    const uidl = this.#uidlOf(mail);
    this.#rows.push({ id, thread, uidl, mail });
    account.messages += 1;
    account.bytes += size;
    const { bits } = keepFlags(mailbox, mail.flags);
    return this.#entries.put(mailbox, modSeq, { bits, message: id, thread, receivedAt: mail.receivedAt, size, uidl });
  }

  /** Sends what was put. */
  write(): void {
    const { account } = this.#change;
    if (this.#rows.length === 0) return;
    const ids = textArray(this.#rows.map(({ id }) => id));
    const sizes = int8Array(this.#rows.map(({ mail }) => mail.content.length));
    const threads = textArray(this.#rows.map(({ thread }) => thread));
    this.#change.write(INSERT_MESSAGES, ids, threads, sizes, textArray(this.#rows.map(({ uidl }) => uidl)));
    const heads = int8Array(this.#rows.map(({ mail }) => headBytes(mail)));
    const facts = textArray(
      this.#rows.map(({ mail }) => JSON.stringify({ ...mail.facts, headTerms: [], bodyTerms: [] })),
    );
    this.#change.write(INSERT_FACTS, ids, heads, facts);
    this.#writePieces();
    this.#writeTerms(account.id);
    if (this.#newThreads.size > 0)
      this.#change.write(
        INSERT_THREADS,
        textArray([...this.#newThreads.keys()]),
        textArray([...this.#newThreads.values()]),
      );
    this.#entries.write();
  }

  #writePieces(): void {
    const pieces = this.#rows.flatMap(({ id, mail }) => piecesOf(mail).map((piece) => ({ id, ...piece })));
    if (pieces.length === 0) return;
    this.#change.write(
      INSERT_PIECES,
      textArray(pieces.map(({ id }) => id)),
      int8Array(pieces.map(({ at }) => at)),
      byteaArray(pieces.map(({ octets }) => octets)),
    );
  }

  #writeTerms(account: number): void {
    const rows = this.#rows.flatMap(({ id, mail: { facts } }) => [
      ...termRows(account, facts.headTerms).map((row) => ({ id, part: HEAD_PART, ...row })),
      ...termRows(account, facts.bodyTerms).map((row) => ({ id, part: BODY_PART, ...row })),
    ]);
    if (rows.length === 0) return;
    this.#change.write(
      INSERT_TERMS,
      textArray(rows.map(({ id }) => id)),
      int4Array(rows.map(({ part }) => part)),
      int4Array(rows.map(({ first }) => first)),
      textArray(rows.map(({ text }) => text)),
    );
  }

  // The first key that is known decides; those that were not stand for its thread from now on.
  #threadOf({ facts }: NewMessage): ThreadId {
    const keys = threadKeys(facts);
    const known = keys.map((key) => this.#threads.get(key)).find((each) => each !== undefined);
    const thread = known ?? newThreadId(this.#change.now);
    for (const key of keys) {
      if (this.#threads.has(key)) continue;
      this.#threads.set(key, thread);
      this.#newThreads.set(key, thread);
    }
    return thread;
  }

  // One that is taken, or can be none, gives way to the message's id.
  #uidlOf({ uidl }: NewMessage): string | null {
    if (uidl === null || !isUidl(uidl) || this.#uidls.has(uidl)) return null;
    this.#uidls.add(uidl);
    return uidl;
  }
}

function headBytes({ content, facts }: NewMessage): number {
  return Math.min(facts.structure.body, content.length);
}

/** The header section, then the rest, each in pieces. */
function piecesOf(mail: NewMessage): { at: number; octets: Uint8Array }[] {
  const { content } = mail;
  const head = headBytes(mail);
  return [...cuts(0, head), ...cuts(head, content.length)].map(([at, end]) => ({
    at,
    octets: content.subarray(at, end),
  }));
}

function cuts(from: number, to: number): [number, number][] {
  const count = Math.ceil((to - from) / PIECE_BYTES);
  return Array.from({ length: count }, (_, n) => [from + n * PIECE_BYTES, Math.min(to, from + (n + 1) * PIECE_BYTES)]);
}
