/**
 * Custody and journal in one SQLite file, as the main thread sees them: it packs what is asked and hands it to threads, so that no commit,
 * no long read and no checkpoint runs on an event loop that serves people (design 4).
 *
 * The writer thread puts groups of requests into a log, which is what makes them durable, and into the tables; two readers answer, one for work and one for people; a fourth thread copies the WAL.
 * After `failed` has resolved nothing is accepted any more: the process has to stop, and recovers from what the disk has.
 */
import { setTimeout } from 'node:timers/promises';
import type {
  ArrivedMail,
  Body,
  Books,
  Call,
  Claim,
  Incarnation,
  IncarnationId,
  MailId,
  Orphan,
  Settled,
  Settlement,
} from '#/model/index.ts';
import { Fault, within } from '#/model/index.ts';
import type {
  ActResult,
  AffectedCount,
  AffectedPage,
  AffectedQuery,
  Blobs,
  ClaimRequest,
  Clock,
  Custody,
  Depth,
  Heartbeat,
  Journal,
  Log,
  QueueAct,
  QueueFilter,
  RecipientPlace,
  Recount,
  Trace,
  TraceQuery,
} from '#/ports/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import { CUSTODY_DEFAULTS, givenBack, joinClaims } from '../custody/index.ts';
import { Checkpointer } from './checkpointer.ts';
import type { Purpose } from './live-rows.ts';
import { placeText } from './log/index.ts';
import type { Condemned, RecipientKey, Recovery, WireClaim } from './protocol.ts';
import type { ReaderCall, ReaderCalls } from './reader.ts';
import { ReaderChannel } from './reader-channel.ts';
import type { BlobToCheck } from './scrub.ts';
import { orphanOf } from './scrub.ts';
import { pack, unpack } from './wire.ts';
import { WriterChannel } from './writer-channel.ts';

/** What the outcomes of one live recipient may need on disk: its row, two events and their indexes, with what a page split wastes. */
const RESERVE_BYTES_PER_RECIPIENT = 4096;
/** Rows of one request to the writer, where a call may name more: each is a few ms, so that acceptance goes on between them. */
const STEP_ROWS = 500;
/** Recipients of one claim: it reads their content too, some 0.1 ms each. */
const CLAIM_STEP_ROWS = 24;
/** Rows that one act touches at most; `more` brings the rest. */
const ACT_ROWS_MAX = 10_000;
const INDEX_EVERY_MS = 500;
/** How long one step of the look-up index may hold the writer up, and how much longer than a step the pause behind it is. */
const INDEX_STEP_MS = 3;
const INDEX_PAUSE_FACTOR = 2;
/** Steps of the index that a roll-over waits for. */
const INDEX_STEPS_MAX = 100;
/** For work that nobody waits for. */
const BACKGROUND_MS = 30_000;
const CLOSE_MS = 10_000;
/** Before a claim that could not be given back is given back again. */
const GIVE_BACK_AGAIN_MS = 1_000;

export interface SqliteCustodySettings extends Partial<CustodySettings> {
  /** Data directory; made when it is absent. */
  readonly dir: string;
  /** File of the installation key; made on the first run. */
  readonly secretsKeyFile: string;
  /** Content sealed at rest; costs about 15 µs for a mail of 4 KiB. Default true. */
  readonly encryptBodies?: boolean;
  /** Octets behind which a segment of the log ends; for tests of what happens there. Default 64 MiB. */
  readonly segmentBytes?: number;
}

export interface SqliteCustodyParts {
  readonly clock: Clock;
  readonly log?: Log;
  /** Where large content lies; null where none is ever kept apart. */
  readonly blobs: Blobs | null;
}

export interface SqliteCustody extends Custody, Journal {
  /** Resolves when the store has failed in a way that must not be retried (`store.failed`): the process must stop. */
  readonly failed: Promise<Fault>;
  /** Which of these blobs a message still names: the second look before a purge. */
  blobsInUse(keys: readonly string[], call: Call): Promise<ReadonlySet<string>>;
  /** What the writer has done since the start: groups committed, statements by the call that ran them (M3). */
  readonly costs: { readonly commits: number; readonly statements: ReadonlyMap<string, number> };
  /** Ends all threads where they stand, as a crash of the process would; for tests of recovery. */
  kill(): Promise<void>;
}

/** Opens the store of a data directory for writing. Faults: `store.locked`, `store.foreign`, `key.missing`, `store.failed`. */
export async function openSqliteCustody(
  settings: SqliteCustodySettings,
  parts: SqliteCustodyParts,
): Promise<SqliteCustody> {
  const { dir, secretsKeyFile: keyFile, encryptBodies = true, segmentBytes, ...rest } = settings;
  const failed = Promise.withResolvers<Fault>();
  const facts = { ...CUSTODY_DEFAULTS, ...rest };
  const onCondemned = (condemned: readonly Condemned[]): void => condemn(condemned, parts);
  const onFailed = (fault: Fault): void => {
    parts.log?.error('store.failed', { detail: fault.message });
    failed.resolve(fault);
  };
  const writer = await WriterChannel.open(
    { dir, keyFile, encryptBodies, segmentBytes, settings: facts },
    { clock: parts.clock, onCondemned, onFailed },
  );
  tellOf(writer.recovery, parts.log);
  const opening = [
    ReaderChannel.open({ dir, keyFile }, 'custody reader'),
    ReaderChannel.open({ dir, keyFile }, 'custody history'),
  ] as const;
  try {
    const [work, people] = await Promise.all(opening);
    const checkpointer = new Checkpointer(dir, writer, (error) =>
      onFailed(new Fault('store.failed', error.message, error)),
    );
    return new ThreadedCustody({ writer, work, people, checkpointer }, facts, parts, failed.promise);
  } catch (error) {
    for (const each of await Promise.allSettled(opening)) if (each.status === 'fulfilled') await each.value.kill();
    await writer.kill();
    throw error;
  }
}

/** Of each kind so many are told one by one. */
const TOLD_MAX = 20;

/** Octets that were answered for and are gone are an incident; nothing else would ever say so. */
function tellOf({ damage, refused }: Recovery, log: Log | undefined): void {
  for (const { place, end, wordsRead, foundAt } of damage.slice(0, TOLD_MAX)) {
    const where = { place: placeText(place), until: placeText(end), wordsRead };
    log?.error('store.log.damaged', { incident: true, ...where, foundAt: new Date(foundAt).toISOString() });
  }
  if (damage.length > TOLD_MAX) log?.error('store.log.damaged', { incident: true, more: damage.length - TOLD_MAX });
  if (refused.length === 0) return;
  const kinds = [...new Set(refused.map(({ name, detail }) => `${name}: ${detail}`))].slice(0, TOLD_MAX);
  log?.warn('store.log.refused', { requests: refused.length, detail: kinds.join('; ') });
}

interface Threads {
  readonly writer: WriterChannel;
  readonly work: ReaderChannel;
  readonly people: ReaderChannel;
  readonly checkpointer: Checkpointer;
}

class ThreadedCustody implements SqliteCustody {
  readonly failed: Promise<Fault>;
  readonly #threads: Threads;
  readonly #writer: WriterChannel;
  readonly #settings: CustodySettings;
  readonly #parts: SqliteCustodyParts;
  readonly #indexTimer: NodeJS.Timeout;
  #indexing: Promise<void> | null = null;
  #closed: Promise<void> | null = null;
  #toIndex = true;

  constructor(threads: Threads, settings: CustodySettings, parts: SqliteCustodyParts, failed: Promise<Fault>) {
    this.#threads = threads;
    this.#writer = threads.writer;
    this.#settings = settings;
    this.#parts = parts;
    this.failed = failed;
    this.#indexTimer = setInterval(() => void this.#fillIndex(), INDEX_EVERY_MS).unref();
  }

  async accept(mails: readonly ArrivedMail[], claimFor: IncarnationId | null, call: Call): Promise<void> {
    if (this.#threads.checkpointer.full) throw new Fault('store.busy');
    this.#toIndex = true;
    const packed = pack(mails);
    await this.#writer.call('accept', { mails: packed.mails, claimFor }, call, packed);
  }

  async claim(request: ClaimRequest, worker: IncarnationId, call: Call): Promise<readonly Claim[]> {
    if (request.kind !== 'named') return this.#claimInSteps(request, worker, call);
    const limit = Math.min(request.limit, STEP_ROWS);
    const { keys } = await this.#choose(request.filter, limit, null, call);
    return this.#claim({ kind: 'keys', keys }, worker, call);
  }

  async settle(settlement: Settlement, worker: IncarnationId, call: Call): Promise<readonly Settled[]> {
    const { claim, elapsedMs, peer, component } = settlement;
    if (settlement.born.length > 0) this.#toIndex = true;
    const packed = pack(settlement.born);
    const tokens = new Map(claim.recipients.map(({ n, token }) => [n, token]));
    const outcomes = settlement.outcomes.map(({ n, outcome }) => ({ n, token: tokens.get(n) ?? 0, outcome }));
    const input = { message: claim.mail.id, worker, elapsedMs, peer, outcomes, born: packed.mails, component };
    return (await this.#writer.call('settle', input, call, packed)).output;
  }

  async body(message: MailId, call: Call): Promise<Body> {
    const found = await this.#ask('work', 'body', { message }, call);
    if ('content' in found) {
      const { content } = found;
      return { kind: 'memory', chunks: [content], size: content.length };
    }
    const { tenant, blob: ref } = found;
    const { blobs } = this.#parts;
    if (blobs === null || !(await blobs.has(tenant, ref, call))) throw new Fault('body.missing');
    return { kind: 'blob', ref, size: ref.size };
  }

  depth(call: Call): Promise<readonly Depth[]> {
    return this.#ask('work', 'depth', null, call);
  }

  get costs(): SqliteCustody['costs'] {
    return this.#writer.costs;
  }

  async enlist(incarnation: Incarnation, call: Call): Promise<void> {
    await this.#writer.call('enlist', { incarnation }, call);
  }

  async beat(worker: IncarnationId, call: Call): Promise<boolean> {
    return (await this.#writer.call('beat', { worker }, call)).output;
  }

  beats(call: Call): Promise<readonly Heartbeat[]> {
    return this.#ask('work', 'beats', null, call);
  }

  async retire(worker: IncarnationId, clean: boolean, call: Call): Promise<number> {
    let total = 0;
    for (;;) {
      const { output } = await this.#writer.call('retire', { worker, clean, limit: STEP_ROWS }, call);
      total += output;
      if (output < STEP_ROWS) return total;
    }
  }

  async act(act: QueueAct, filter: QueueFilter, by: string, limit: number, call: Call): Promise<ActResult> {
    const purpose = { act, by, now: this.#parts.clock.now(), settings: this.#settings };
    const { keys, more } = await this.#choose(filter, Math.min(limit, ACT_ROWS_MAX), purpose, call);
    const hit: RecipientKey[] = [];
    for (let from = 0; from < keys.length; from += STEP_ROWS) {
      const step = { act, by, keys: keys.slice(from, from + STEP_ROWS) };
      hit.push(...(await this.#writer.call('act', step, call)).output);
    }
    return { recipients: hit.length, messages: [...new Set(hit.map(([message]) => message))], more };
  }

  async sweep(call: Call): Promise<readonly Orphan[]> {
    return (await this.#writer.call('sweep', { limit: STEP_ROWS }, call)).output;
  }

  async scrub(after: MailId | null, limit: number, call: Call): ReturnType<Custody['scrub']> {
    const { orphans, blobs, next } = await this.#ask('people', 'scrub', { after, limit }, call);
    const found = [...orphans];
    for (const blob of blobs) found.push(...(await this.#scrubBlob(blob, call)));
    return { orphans: found, next };
  }

  books(call: Call): Promise<readonly Books[]> {
    return this.#ask('work', 'books', null, call);
  }

  recount(call: Call): Promise<readonly Recount[]> {
    return this.#ask('people', 'recount', null, call);
  }

  async rollOver(
    before: number,
    dropBefore: number,
    limit: number,
    call: Call,
  ): Promise<{ readonly moved: number; readonly more: boolean }> {
    // An event may only be closed when the index knows its message; far behind, the rest is closed by the next call.
    for (let step = 0, behind = true; behind && step < INDEX_STEPS_MAX; step++)
      behind = (await this.#writer.call('fillIndex', { budgetMs: INDEX_STEP_MS }, call)).output.more;
    const { recipients, events, more } = await this.#ask('people', 'copy', { before, limit }, call);
    let moved = 0;
    for (let from = 0; from < Math.max(recipients.length, events.length, 1); from += STEP_ROWS) {
      const [to, step] = [from + STEP_ROWS, STEP_ROWS];
      const input = { recipients: recipients.slice(from, from + step), events: events.slice(from, to) };
      moved += (await this.#writer.call('forget', input, call)).output;
    }
    await this.#ask('people', 'drop', { before: dropBefore }, call);
    return { moved, more };
  }

  async remember(name: string, value: string, call: Call): Promise<void> {
    await this.#writer.call('remember', { name, value }, call);
  }

  recall(name: string, call: Call): Promise<string | null> {
    return this.#ask('work', 'recall', { name }, call);
  }

  reserveBytes(): number {
    return this.#writer.live * RESERVE_BYTES_PER_RECIPIENT;
  }

  trace(query: TraceQuery, limit: number, call: Call): Promise<readonly Trace[]> {
    return this.#ask('people', 'trace', { query, limit }, call);
  }

  queue(filter: QueueFilter, after: MailId | null, limit: number, call: Call): ReturnType<Journal['queue']> {
    return this.#ask('people', 'queue', { filter, after, limit }, call);
  }

  firstAttempts(since: number, call: Call): ReturnType<Journal['firstAttempts']> {
    return this.#ask('people', 'firstAttempts', { since }, call);
  }

  affectedCounts(query: AffectedQuery, call: Call): Promise<readonly AffectedCount[]> {
    return this.#ask('people', 'affectedCounts', { query }, call);
  }

  affected(query: AffectedQuery, after: RecipientPlace | null, limit: number, call: Call): Promise<AffectedPage> {
    return this.#ask('people', 'affected', { query, after, limit }, call);
  }

  async blobsInUse(keys: readonly string[], call: Call): Promise<ReadonlySet<string>> {
    return new Set(await this.#ask('work', 'blobsInUse', { keys }, call));
  }

  kill(): Promise<void> {
    const { writer, work, people, checkpointer } = this.#threads;
    this.#closed ??= Promise.all([writer.kill(), work.kill(), people.kill(), checkpointer.kill()]).then(() => {});
    clearInterval(this.#indexTimer);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  // Readers first: the writer can then leave one tidy file.
  async #close(): Promise<void> {
    clearInterval(this.#indexTimer);
    const { writer, work, people, checkpointer } = this.#threads;
    await Promise.all([work.close(CLOSE_MS), people.close(CLOSE_MS), checkpointer.close(CLOSE_MS)]);
    await writer.close(CLOSE_MS);
  }

  // Asked for at once, carried out one after the other with others' requests between them. Where one fails the caller has nothing: a short
  // answer says that no more waits.
  async #claimInSteps(
    request: Exclude<ClaimRequest, { kind: 'named' }>,
    worker: IncarnationId,
    call: Call,
  ): Promise<readonly Claim[]> {
    const steps: Promise<Claim[]>[] = [];
    for (let left = Math.min(request.limit, STEP_ROWS); left > 0; left -= CLAIM_STEP_ROWS)
      steps.push(this.#claim({ ...request, limit: Math.min(left, CLAIM_STEP_ROWS) }, worker, call));
    const done = await Promise.allSettled(steps);
    const claims = joinClaims(done.flatMap((step) => (step.status === 'fulfilled' ? step.value : [])));
    const failed = done.find((step) => step.status === 'rejected');
    if (failed === undefined) return claims;
    this.#giveBack(claims, worker);
    throw failed.reason;
  }

  async #claim(
    request: Exclude<ClaimRequest, { kind: 'named' }> | { kind: 'keys'; keys: readonly RecipientKey[] },
    worker: IncarnationId,
    call: Call,
  ): Promise<Claim[]> {
    const giveBack = (output: unknown): void => this.#giveBack(output as WireClaim[], worker);
    const answer = await this.#writer.call('claim', { request, worker }, call, undefined, giveBack);
    return answer.output.map((claim) => unpack(claim, answer.bytes, answer.base));
  }

  // The caller has gone and knows nothing of these claims: they would stay with a worker that lives.
  #giveBack(claims: readonly Pick<Claim, 'mail' | 'destination' | 'recipients'>[], worker: IncarnationId): void {
    const due = this.#parts.clock.now();
    for (const claim of claims) {
      const outcomes = claim.recipients.map(({ n, state }) => ({ n, outcome: givenBack(state, due) }));
      const settlement = { claim: { ...claim, body: null }, outcomes, born: [], elapsedMs: 0, peer: null };
      void this.#untilTaken(settlement, worker);
    }
  }

  // The store was slow a moment ago and may still be: repeated until it takes it, fails for good or closes.
  async #untilTaken(settlement: Settlement, worker: IncarnationId): Promise<void> {
    while (this.#closed === null) {
      try {
        await this.settle(settlement, worker, within(BACKGROUND_MS));
        return;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        this.#parts.log?.warn('store.claim.kept', { message: settlement.claim.mail.id, detail: why });
        if (error instanceof Fault && error.retry === 'never') return;
        await this.#parts.clock.sleep(GIVE_BACK_AGAIN_MS);
      }
    }
  }

  // Readers see what is committed; what was answered before this question has to be.
  async #ask<Name extends ReaderCall>(
    who: 'work' | 'people',
    name: Name,
    input: ReaderCalls[Name]['input'],
    call: Call,
  ): Promise<ReaderCalls[Name]['output']> {
    if (this.#writer.ahead) await this.#writer.call('publish', null, call);
    return this.#threads[who].call(name, input, call);
  }

  #choose(
    filter: QueueFilter,
    limit: number,
    purpose: Purpose | null,
    call: Call,
  ): Promise<{ readonly keys: readonly RecipientKey[]; readonly more: boolean }> {
    return this.#ask('people', 'choose', { filter, limit, purpose }, call);
  }

  async #scrubBlob({ tenant, ref, waiting }: BlobToCheck, call: Call): Promise<Orphan[]> {
    const { blobs } = this.#parts;
    if (blobs === null || !(await blobs.has(tenant, ref, call)))
      return waiting.map((key) => orphanOf(key, 'body missing'));
    try {
      for await (const _piece of blobs.read(tenant, ref, call));
      return [];
    } catch (error) {
      if (!(error instanceof Fault && error.code.startsWith('body.'))) throw error;
      const fault = error.code === 'body.missing' ? 'body missing' : 'body differs from acceptance';
      return waiting.map((key) => orphanOf(key, fault));
    }
  }

  #fillIndex(): Promise<void> {
    this.#indexing ??= this.#carryIndexOn().finally(() => {
      this.#indexing = null;
    });
    return this.#indexing;
  }

  // Behind acceptance, in steps that share its flushes; what is not indexed yet, a trace reads itself.
  async #carryIndexOn(): Promise<void> {
    if (!this.#toIndex) return;
    this.#toIndex = false;
    try {
      for (let more = true; more && this.#closed === null; ) {
        const begin = performance.now();
        more = (await this.#writer.call('fillIndex', { budgetMs: INDEX_STEP_MS }, within(BACKGROUND_MS))).output.more;
        if (more) await setTimeout((performance.now() - begin) * INDEX_PAUSE_FACTOR, undefined, { ref: false });
      }
    } catch (error) {
      this.#toIndex = true;
      if (this.#closed !== null) return;
      this.#parts.log?.warn('store.index.late', { detail: error instanceof Error ? error.message : String(error) });
    }
  }
}

// A blob that is not condemned here is found by the purge, as one that no row names.
function condemn(condemned: readonly Condemned[], { blobs, log }: SqliteCustodyParts): void {
  for (const [tenant, group] of Map.groupBy(condemned, (each) => each.tenant)) {
    const keys = group.map((each) => each.key);
    blobs?.condemn(tenant, keys, within(BACKGROUND_MS)).catch((error: Error) => {
      log?.warn('store.condemn.failed', { detail: error.message });
    });
  }
}
