/**
 * The look-up index: hashes of addresses and Message-IDs, filled behind acceptance (M3). It comes in lots, so that the pages which one step
 * writes are few; a question asks every lot. Hashes may clash: what is found is checked against the rows.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { MailId } from '#/model/index.ts';
import { lookUpHashes } from '../custody/index.ts';
import type { Deadline } from './deadline.ts';
import { Statement } from './statement.ts';

/** Fact that holds the seq of the last event that was indexed. */
const CURSOR = 'store.look-up.cursor';

type Arrival = {
  message: MailId;
  lot: number;
  sender: string | null;
  message_id: string;
  address: string | null;
  original: string | null;
};

const ARRIVALS = `SELECT m.id AS message, m.lot, m.sender, m.message_id, r.address, r.original
  FROM journal AS j CROSS JOIN message AS m ON m.id = j.message
  LEFT JOIN recipient AS r ON r.message = j.message AND r.n = j.recipient
  WHERE j.seq > ? AND j.seq <= ? AND j.kind = 'accepted'`;

/** Events of one step; the clock is looked at between steps. */
const STEP_EVENTS = 50;

/** The writer's part: carries the index on behind what has been accepted. */
export class LookUpFiller {
  readonly #arrivals: Statement<Arrival>;
  readonly #insert: Statement;
  readonly #saveCursor: Statement;
  readonly #cursor: Statement<{ value: string }>;

  constructor(db: DatabaseSync) {
    this.#arrivals = new Statement(db, ARRIVALS);
    this.#insert = new Statement(db, 'INSERT OR IGNORE INTO look_up (lot, hash, message) VALUES (?, ?, ?)');
    this.#saveCursor = new Statement(
      db,
      'INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    );
    this.#cursor = new Statement(db, 'SELECT value FROM fact WHERE name = ?');
  }

  /** Goes on for `budgetMs`, up to the event `lastSeq`; says whether more are there. A short budget: acceptance waits behind it. */
  fill(budgetMs: number, lastSeq: number): { more: boolean } {
    const endsAt = performance.now() + budgetMs;
    const from = Number(this.#cursor.get(CURSOR)?.value ?? 0);
    let done = from;
    while (done < lastSeq && performance.now() < endsAt) {
      this.#step(done, STEP_EVENTS);
      // Seqs have no gaps but those of requests that were undone: a step that finds few goes as far all the same.
      done = Math.min(lastSeq, done + STEP_EVENTS);
    }
    if (done > from) this.#saveCursor.run(CURSOR, String(done));
    return { more: done < lastSeq };
  }

  #step(from: number, count: number): void {
    const keys = this.#arrivals.all(from, from + count).flatMap((arrival) => {
      return hashesOf(arrival).map((hash) => ({ hash, lot: arrival.lot, message: arrival.message }));
    });
    keys.sort((a, b) => a.lot - b.lot || a.hash - b.hash);
    for (const { lot, hash, message } of keys) this.#insert.run(lot, hash, message);
  }
}

/** The reader's part: messages under one key, in the hot file or a closed day. */
export class LookUpReader {
  readonly #previousLot: Statement<{ lot: number }>;
  readonly #find: Statement<{ message: MailId }>;

  constructor(db: DatabaseSync) {
    this.#previousLot = new Statement(db, 'SELECT lot FROM look_up WHERE lot < ? ORDER BY lot DESC LIMIT 1');
    this.#find = new Statement(db, 'SELECT message FROM look_up WHERE lot = ? AND hash = ? ORDER BY message DESC');
  }

  /** Candidates, newest first in each lot, from the newest lot on. */
  *find(hash: number): Generator<MailId> {
    for (let next = this.#previousLot.get(Number.MAX_SAFE_INTEGER); next !== undefined; ) {
      for (const { message } of this.#find.all(next.lot, hash)) yield message;
      next = this.#previousLot.get(next.lot);
    }
  }
}

/** Messages that came in behind the index. */
export class LookUpTail {
  readonly #cursor: Statement<{ value: string }>;
  readonly #arrivals: Statement<Arrival>;

  constructor(db: DatabaseSync) {
    this.#cursor = new Statement(db, 'SELECT value FROM fact WHERE name = ?');
    this.#arrivals = new Statement(db, `${ARRIVALS} ORDER BY j.seq DESC`);
  }

  /** Candidates, newest first. */
  *find(hash: number, deadline: Deadline): Generator<MailId> {
    const from = Number(this.#cursor.get(CURSOR)?.value ?? 0);
    for (const arrival of this.#arrivals.iterate(from, Number.MAX_SAFE_INTEGER)) {
      deadline.check();
      if (hashesOf(arrival).includes(hash)) yield arrival.message;
    }
  }
}

function hashesOf({ sender, address, original, message_id: messageId }: Arrival): number[] {
  return lookUpHashes([sender, address, original], messageId);
}
