/**
 * One audit chain, many writers (design 6). An entry's hash covers the one before it, so an entry is made for one place: the place
 * behind the newest. The place is the key of its row; of two writers who saw the same newest one, the second is refused, reads again
 * and makes its entries anew. What waits meanwhile goes in together, in one statement.
 *
 * Each entry carries a token of its own: when nobody knows whether an insert was committed, the tokens tell.
 */
import { randomUUID } from 'node:crypto';
import type { Call } from '#/model/index.ts';
import { Fault, within } from '#/model/index.ts';
import type { AuditEntry } from '#/ports/index.ts';
import { CHAIN_START, chainHash } from '../audit-chain.ts';
import { inTime } from './in-time.ts';
import type { Sql } from './sql.ts';
import { hasSqlState } from './sql.ts';

/** Entries that may wait, and that one statement takes. */
const WAITING_MAX = 10_000;
const TOGETHER_MAX = 200;
/** Time for one group: an act that is not written down must not go on for ever. */
const GROUP_MS = 10_000;
/** Pause after a lost connection. */
const AGAIN_MS = 100;

interface Waiting {
  readonly entry: AuditEntry;
  readonly token: string;
  readonly call: Call;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const INSERT = `INSERT INTO audit_entry (seq, at, by, act, subject, reason, hash, token)
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`;

export class AuditWriter {
  readonly #sql: Sql;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Durable when it resolves. Faults `call.late` (it may still be written), `store.busy`, `store.unavailable`. */
  async write(entry: AuditEntry, call: Call): Promise<void> {
    if (isOver(call)) throw new Fault('call.late');
    if (this.#waiting.length >= WAITING_MAX) throw new Fault('store.busy');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ entry: asKept(entry), token: randomUUID(), call, resolve, reject });
    void this.#writeAll();
    await inTime(promise, call);
  }

  async #writeAll(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    while (this.#waiting.length > 0) await this.#writeGroup(this.#nextGroup());
    this.#writing = false;
  }

  // Whose caller has gone before anything was sent is left out: its act has not gone on.
  #nextGroup(): Waiting[] {
    const group = this.#waiting.splice(0, TOGETHER_MAX);
    return group.filter(({ call, reject }) => {
      if (!isOver(call)) return true;
      reject(new Fault('call.late'));
      return false;
    });
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const call = within(GROUP_MS);
    let left = group;
    try {
      while (left.length > 0) left = await this.#attempt(left, call);
    } catch (error) {
      for (const { reject } of left) reject(error);
    }
  }

  // Returns what is still to be written.
  async #attempt(group: readonly Waiting[], call: Call): Promise<readonly Waiting[]> {
    try {
      await this.#insert(group, call);
      for (const { resolve } of group) resolve();
      return [];
    } catch (error) {
      // 23505: somebody else has the place, or an attempt of ours that seemed lost has come to be.
      const lostRace = hasSqlState(error, '23505');
      const lostConnection = error instanceof Fault && error.code === 'store.unavailable';
      if ((!lostRace && !lostConnection) || isOver(call)) throw error;
      if (lostConnection) await new Promise((done) => setTimeout(done, AGAIN_MS));
      return await this.#withoutWritten(group, call).catch(() => group);
    }
  }

  async #insert(group: readonly Waiting[], call: Call): Promise<void> {
    const newest = 'SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1';
    const [last] = await this.#sql.rows<{ seq: number; hash: string }>(newest, [], call);
    let { seq, hash } = last ?? { seq: 0, hash: CHAIN_START };
    const places = group.map(({ entry }) => {
      hash = chainHash(hash, entry);
      return { seq: ++seq, hash };
    });
    const values = [
      places.map((place) => place.seq),
      group.map(({ entry }) => entry.at),
      group.map(({ entry }) => entry.by),
      group.map(({ entry }) => entry.act),
      group.map(({ entry }) => entry.subject),
      group.map(({ entry }) => entry.reason),
      places.map((place) => place.hash),
      group.map(({ token }) => token),
    ];
    await this.#sql.rows(INSERT, values, call);
  }

  async #withoutWritten(group: readonly Waiting[], call: Call): Promise<readonly Waiting[]> {
    const tokens = group.map(({ token }) => token);
    const text = 'SELECT token FROM audit_entry WHERE token = ANY ($1::text[])';
    const rows = await this.#sql.rows<{ token: string }>(text, [tokens], call);
    const written = new Set(rows.map(({ token }) => token));
    for (const { token, resolve } of group) if (written.has(token)) resolve();
    return group.filter(({ token }) => !written.has(token));
  }
}

// The hash is over what a reader will find: PostgreSQL holds no NUL, and UTF-8 no half of a surrogate pair.
function asKept({ at, by, act, subject, reason }: AuditEntry): AuditEntry {
  const keep = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');
  return { at, by: keep(by), act: keep(act), subject: keep(subject), reason: keep(reason) };
}

function isOver({ deadlineAt, signal }: Call): boolean {
  return deadlineAt <= performance.now() || signal?.aborted === true;
}
