/** Choosing and claiming rows that wait. Each choice reads one index from its begin; none looks at rows that it does not take. */
import type { DatabaseSync } from 'node:sqlite';
import type { MailId, RecipientFacts, RecipientNumber, TenantId } from '#/model/index.ts';
import { isBeforeInspection, isFault } from '#/model/index.ts';
import type { ClaimRequest } from '#/ports/index.ts';
import { groupClaims } from '../custody/index.ts';
import type { RecipientKey, WireBody, WireClaim, WriterCalls } from './protocol.ts';
import type { MessageRow, RecipientRow } from './rows.ts';
import { factsOf, mailOf, progressOf } from './rows.ts';
import { Statement } from './statement.ts';
import type { Tables } from './tables.ts';

/** Content that one call brings with it, a step of a claim being one; claims beyond it read theirs themselves. */
const CONTENT_BYTES_MAX = 2 * 1024 * 1024;
/** Recipients of one call, so that no call holds the writer up for long. */
const CLAIM_MAX = 500;
const EVER = Number.MAX_SAFE_INTEGER;

type Chosen = { message: MailId; n: RecipientNumber; at: number };

const DUE = 'phase = 0 AND claim_by IS NULL AND destination = ?';

export class Claimer {
  readonly #tables: Tables;
  readonly #due: Statement<Chosen>;
  readonly #nextTenant: Statement<{ tenant: TenantId }>;
  readonly #overdue: Statement<Chosen>;
  readonly #take: Statement<RecipientRow>;
  readonly #everybody: Statement<RecipientFacts>;

  constructor(db: DatabaseSync, tables: Tables) {
    this.#tables = tables;
    this.#due = new Statement(
      db,
      `SELECT message, n, due AS at FROM recipient INDEXED BY recipient_queue
       WHERE ${DUE} AND tenant = ? AND (attempts > 0) = ? AND due <= ? ORDER BY due, message, n LIMIT ?`,
    );
    this.#nextTenant = new Statement(
      db,
      `SELECT tenant FROM recipient INDEXED BY recipient_queue WHERE ${DUE} AND tenant > ? ORDER BY tenant LIMIT 1`,
    );
    this.#overdue = new Statement(
      db,
      `SELECT message, n, attention_at AS at FROM recipient INDEXED BY recipient_attention
       WHERE phase < 2 AND claim_by IS NULL AND phase = ? AND attention_at <= ? ORDER BY attention_at, message, n LIMIT ?`,
    );
    this.#take = new Statement(
      db,
      `UPDATE recipient SET claim_by = ?, token = token + 1
       WHERE message = ? AND n = ? AND phase < 2 AND claim_by IS NULL RETURNING *`,
    );
    this.#everybody = new Statement(
      db,
      'SELECT n, address, original, direction FROM recipient WHERE message = ? ORDER BY n',
    );
  }

  /** Claims for `worker`; nothing for one that does not live. */
  claim({ request, worker }: WriterCalls['claim']['input']): WireClaim[] {
    const living = this.#tables.workers.living(worker);
    if (living === null) return [];
    const taken: RecipientRow[] = [];
    for (const [message, n] of this.#choose(request)) {
      const row = this.#take.get(living.key, message, n);
      if (row !== undefined) taken.push(row);
    }
    return this.#withMails(taken);
  }

  #choose(request: WriterCalls['claim']['input']['request']): readonly RecipientKey[] {
    if (request.kind === 'keys') return request.keys;
    const limit = Math.min(request.limit, CLAIM_MAX);
    if (request.kind === 'due') return keysOf(this.#chooseDue(request, limit), limit);
    return keysOf(this.#overdue.all(request.kind === 'held' ? 1 : 0, request.now, limit), limit);
  }

  // Each tenant's rows come in order; the most urgent of all tenants are taken.
  #chooseDue(request: ClaimRequest & { kind: 'due' }, limit: number): Chosen[] {
    const { destination, tenant, fresh, retried = false, ignoreDue, now } = request;
    const tenants = tenant === null ? this.#tenantsOf(destination) : [tenant];
    const tried = [0, 1].filter((each) => (each === 0 ? !retried : !fresh));
    return tenants
      .flatMap((each) => tried.flatMap((t) => this.#due.all(destination, each, t, ignoreDue ? EVER : now, limit)))
      .sort((a, b) => a.at - b.at || (a.message < b.message ? -1 : a.message > b.message ? 1 : a.n - b.n));
  }

  #tenantsOf(destination: string): TenantId[] {
    const tenants: TenantId[] = [];
    for (let next = this.#nextTenant.get(destination, ''); next !== undefined; ) {
      tenants.push(next.tenant);
      next = this.#nextTenant.get(destination, next.tenant);
    }
    return tenants;
  }

  // A row whose message is gone stays claimed by nobody's doing but ours: it is left out, and the scrub names it.
  #withMails(taken: readonly RecipientRow[]): WireClaim[] {
    const messages = new Map<MailId, MessageRow | undefined>();
    for (const { message } of taken) messages.getOrInsertComputed(message, (id) => this.#tables.messages.find(id));
    const rows = taken.flatMap((row) => {
      const message = messages.get(row.message);
      if (message === undefined) return [];
      return [{ mail: mailOf(message), facts: factsOf(row), progress: progressOf(row), token: row.token }];
    });
    const bodies = new Map<MailId, WireBody | null>();
    let bytes = 0;
    return groupClaims(rows).map((claim) => {
      const body = bodies.getOrInsertComputed(claim.mail.id, (id) => {
        const loaded = this.#body(messages.get(id), CONTENT_BYTES_MAX - bytes, bytes);
        bytes += loaded?.kind === 'bytes' ? loaded.size : 0;
        return loaded;
      });
      if (!isBeforeInspection(claim.destination)) return { ...claim, body };
      return { ...claim, body, everybody: this.#everybody.all(claim.mail.id) };
    });
  }

  // What is missing or damaged is told by `body()`, to the one who asks for it: the other claims go on.
  #body(message: MessageRow | undefined, room: number, at: number): WireBody | null {
    if (message === undefined) return null;
    const { blob, size, sha256 } = message;
    if (blob !== null) return { kind: 'blob', ref: { key: blob, size, sha256 }, size };
    if (size > room) return null;
    try {
      this.#tables.output.push(this.#tables.bodies.read(message));
      return { kind: 'bytes', at, size };
    } catch (error) {
      if (isFault(error, 'body.missing') || isFault(error, 'body.damaged') || isFault(error, 'key.missing'))
        return null;
      throw error;
    }
  }
}

function keysOf(chosen: readonly Chosen[], limit: number): RecipientKey[] {
  return chosen.slice(0, limit).map(({ message, n }) => [message, n]);
}
