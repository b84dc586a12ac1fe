/**
 * The model of custody: what `ports/custody.ts` promises, in the plainest code that keeps it, for tests of engines and as the measure of
 * the other keepers. Durable as long as the process lives. It scans where they have indexes.
 */
import type {
  ArrivedMail,
  Body,
  Books,
  Call,
  Claim,
  ClaimedRecipient,
  Incarnation,
  IncarnationId,
  MailId,
  Orphan,
  Outcome,
  Settled,
  Settlement,
} from '#/model/index.ts';
import { Fault, isBeforeInspection, isLive } from '#/model/index.ts';
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
  QueueAct,
  QueueFilter,
  RecipientPlace,
  Recount,
  Trace,
  TraceQuery,
} from '#/ports/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import {
  AffectedTally,
  acted,
  affectedOf,
  booksOf,
  bornOnce,
  bornWith,
  CUSTODY_DEFAULTS,
  comparePlaces,
  groupClaims,
  hasReport,
  isAffecting,
  isTold,
  lapsed,
  mailMatches,
  mended,
  pageOf,
  quantiles,
  reached,
  recipientMatches,
  settled,
  traceMatches,
  traceOf,
  untold,
} from '../custody/index.ts';
import { MemoryArchive } from './archive.ts';
import type { MemoryMail, MemoryRecipient } from './rows.ts';
import { hashOf, MemoryRows } from './rows.ts';

/** What the outcomes of one recipient may need on disk; the model takes the same as the real keeper. */
const RESERVE_BYTES_PER_RECIPIENT = 4096;

/** A keeper in memory. `blobs` holds large content; without it, content is whatever the mail carried. */
export function openMemoryCustody(
  parts: { readonly clock: Clock; readonly blobs?: Blobs | null },
  settings: Partial<CustodySettings> = {},
): Custody & Journal {
  return new MemoryCustody({ ...CUSTODY_DEFAULTS, ...settings }, parts.clock, parts.blobs ?? null);
}

class MemoryCustody implements Custody, Journal {
  readonly #rows: MemoryRows;
  readonly #archive: MemoryArchive;
  readonly #blobs: Blobs | null;
  readonly #workers = new Map<IncarnationId, { readonly incarnation: Incarnation; beat: number }>();
  readonly #facts = new Map<string, string>();

  constructor(settings: CustodySettings, clock: Clock, blobs: Blobs | null) {
    this.#rows = new MemoryRows(settings, clock);
    this.#archive = new MemoryArchive(this.#rows);
    this.#blobs = blobs;
  }

  async accept(mails: readonly ArrivedMail[], claimFor: IncarnationId | null, call: Call): Promise<void> {
    inTime(call);
    const worker = claimFor !== null && this.#workers.has(claimFor) ? claimFor : null;
    for (const mail of mails) {
      this.#rows.insert(mail, worker, mail.origin === 'received' ? 'gate' : 'deliver', claimFor ?? '');
    }
  }

  async claim(request: ClaimRequest, worker: IncarnationId, call: Call): Promise<readonly Claim[]> {
    inTime(call);
    if (!this.#workers.has(worker)) return [];
    const chosen = this.#choose(request).slice(0, request.limit);
    for (const row of chosen) {
      row.claimBy = worker;
      row.token += 1;
    }
    return groupClaims(chosen).map((claim) => {
      const mail = this.#rows.mails.get(claim.mail.id);
      const body = mail?.body ?? null;
      if (!isBeforeInspection(claim.destination)) return { ...claim, body };
      return { ...claim, body, everybody: (mail?.recipients ?? []).map((row) => reached(row.facts)) };
    });
  }

  async settle(settlement: Settlement, worker: IncarnationId, call: Call): Promise<readonly Settled[]> {
    inTime(call);
    const { claim, outcomes, born } = settlement;
    const claimedAs = (n: number) => claim.recipients.find((recipient) => recipient.n === n);
    const whole =
      !hasReport(born) ||
      outcomes.every(({ n, outcome }) => !isTold(outcome) || this.#holds(claim.mail.id, claimedAs(n), worker));
    const answers = outcomes.map(({ n, outcome: asked }) => {
      const claimed = claimedAs(n);
      const outcome = whole ? asked : untold(asked, this.#now());
      const answer = claimed === undefined ? 'lapsed' : this.#settleOne(settlement, claimed, outcome, worker);
      return answer === 'settled' && outcome !== asked ? 'lapsed' : answer;
    });
    const parent = this.#rows.mails.get(claim.mail.id);
    const fresh = bornOnce(bornWith(born, outcomes, answers, whole), parent?.born ?? new Set());
    if (parent !== undefined) parent.born = fresh.names;
    for (const mail of fresh.born) this.#rows.insert(mail, null, 'deliver', worker);
    return answers;
  }

  async body(message: MailId, call: Call): Promise<Body> {
    inTime(call);
    const mail = this.#rows.mails.get(message);
    const body = mail?.body ?? null;
    if (mail === undefined || body === null) throw new Fault('body.missing');
    if (body.kind === 'blob') {
      if (this.#blobs !== null && !(await this.#blobs.has(mail.mail.tenant, body.ref, call)))
        throw new Fault('body.missing');
    } else if (hashOf(body) !== mail.sha256) throw new Fault('body.damaged');
    return body;
  }

  async depth(call: Call): Promise<readonly Depth[]> {
    inTime(call);
    const depths = new Map<string, Depth>();
    for (const { mail, progress, claimBy } of this.#rows.liveRows()) {
      if (!isWaiting(progress.state) || claimBy !== null) continue;
      const key = JSON.stringify([progress.destination, mail.tenant]);
      const known = depths.get(key);
      depths.set(key, {
        destination: progress.destination,
        tenant: mail.tenant,
        waiting: (known?.waiting ?? 0) + 1,
        oldestAt: Math.min(known?.oldestAt ?? Number.POSITIVE_INFINITY, mail.receivedAt),
        nextDue: Math.min(known?.nextDue ?? Number.POSITIVE_INFINITY, progress.due ?? Number.POSITIVE_INFINITY),
      });
    }
    return [...depths.values()].sort((a, b) => compare(a.destination, b.destination) || compare(a.tenant, b.tenant));
  }

  async enlist(incarnation: Incarnation, call: Call): Promise<void> {
    inTime(call);
    this.#workers.getOrInsert(incarnation.id, { incarnation, beat: 0 });
  }

  async beat(worker: IncarnationId, call: Call): Promise<boolean> {
    inTime(call);
    const row = this.#workers.get(worker);
    if (row !== undefined) row.beat += 1;
    return row !== undefined;
  }

  async beats(call: Call): Promise<readonly Heartbeat[]> {
    inTime(call);
    const claims = new Map<IncarnationId, number>();
    for (const { claimBy } of this.#rows.liveRows())
      if (claimBy !== null) claims.set(claimBy, (claims.get(claimBy) ?? 0) + 1);
    return [...this.#workers.values()].map(({ incarnation, beat }) => {
      return { incarnation, beat, claims: claims.get(incarnation.id) ?? 0 };
    });
  }

  async retire(worker: IncarnationId, clean: boolean, call: Call): Promise<number> {
    inTime(call);
    const role = this.#workers.get(worker)?.incarnation.role ?? null;
    this.#workers.delete(worker);
    const rows = [...this.#rows.liveRows()].filter((row) => row.claimBy === worker);
    for (const row of rows)
      this.#rows.move(row, lapsed(row.progress, { role, clean }, this.#now(), this.#rows.settings), janitor);
    return rows.length;
  }

  async act(act: QueueAct, filter: QueueFilter, by: string, limit: number, call: Call): Promise<ActResult> {
    inTime(call);
    const hit: MemoryRecipient[] = [];
    let more = false;
    for (const row of this.#named(filter)) {
      const change = acted(row.progress, act, by, this.#now(), this.#rows.settings);
      if (change === null) continue;
      more = hit.length >= limit;
      if (more) break;
      this.#rows.move(row, change, { ...janitor, component: 'cli' });
      hit.push(row);
    }
    return { recipients: hit.length, messages: [...new Set(hit.map((row) => row.mail.id))], more };
  }

  async sweep(call: Call): Promise<readonly Orphan[]> {
    inTime(call);
    const orphans: Orphan[] = [];
    for (const row of [...this.#rows.liveRows()]) {
      const lost = row.claimBy !== null && !this.#workers.has(row.claimBy);
      if (!lost) continue;
      this.#rows.move(
        row,
        lapsed(row.progress, { role: null, clean: false }, this.#now(), this.#rows.settings),
        janitor,
      );
      orphans.push(orphanOf(row, 'claimed by a dead worker', true));
    }
    for (const row of this.#rows.liveRows()) {
      const waiting = isWaiting(row.progress.state);
      if (row.claimBy !== null || (waiting ? row.progress.due : row.progress.attentionAt) !== null) continue;
      this.#rows.move(row, mended(row.progress, this.#now(), this.#rows.settings), janitor);
      orphans.push(orphanOf(row, waiting ? 'no due time' : 'held without a deadline', true));
    }
    return orphans;
  }

  async scrub(after: MailId | null, limit: number, call: Call): ReturnType<Custody['scrub']> {
    inTime(call);
    const mails = this.#inOrder().filter((mail) => mail.recipients.some((row) => isLive(row.progress.state)));
    const behind = mails.filter((mail) => after === null || mail.mail.id > after);
    const orphans: Orphan[] = [];
    for (const { mail, recipients } of behind.slice(0, limit)) {
      const fault = await this.body(mail.id, call).then(
        () => null,
        (error: Fault) => (error.code === 'body.missing' ? 'body missing' : 'body differs from acceptance'),
      );
      if (fault === null) continue;
      orphans.push(...recipients.filter((r) => isLive(r.progress.state)).map((r) => orphanOf(r, fault, false)));
    }
    return { orphans, next: behind.length > limit ? (behind[limit - 1]?.mail.id ?? null) : null };
  }

  async books(call: Call): Promise<readonly Books[]> {
    inTime(call);
    return [...this.#rows.books]
      .map(([tenant, line]) => booksOf(tenant, line))
      .sort((a, b) => compare(a.tenant, b.tenant));
  }

  async recount(call: Call): Promise<readonly Recount[]> {
    return this.#archive.recount(await this.books(call));
  }

  async rollOver(
    before: number,
    dropBefore: number,
    limit: number,
    call: Call,
  ): Promise<{ readonly moved: number; readonly more: boolean }> {
    inTime(call);
    return this.#archive.rollOver(before, dropBefore, limit);
  }

  async remember(name: string, value: string, call: Call): Promise<void> {
    inTime(call);
    this.#facts.set(name, value);
  }

  async recall(name: string, call: Call): Promise<string | null> {
    inTime(call);
    return this.#facts.get(name) ?? null;
  }

  reserveBytes(): number {
    return this.#rows.live * RESERVE_BYTES_PER_RECIPIENT;
  }

  async trace(query: TraceQuery, limit: number, call: Call): Promise<readonly Trace[]> {
    inTime(call);
    const found = this.#inOrder()
      .reverse()
      .filter(({ mail, recipients }) => traceMatches(query, mail, recipients.map(filtered)));
    return found.slice(0, limit).map(({ mail, recipients }) => {
      return traceOf(mail, recipients, this.#rows.events.map(({ event }) => event).filter(isOf(mail.id)));
    });
  }

  async queue(filter: QueueFilter, after: MailId | null, limit: number, call: Call): ReturnType<Journal['queue']> {
    inTime(call);
    const items: Trace[] = [];
    for (const { mail, recipients } of this.#inOrder()) {
      if ((after !== null && mail.id <= after) || !mailMatches(filter, mail)) continue;
      const rows = recipients.filter((row) => isLive(row.progress.state) && recipientMatches(filter, filtered(row)));
      if (rows.length === 0) continue;
      if (items.length >= limit) return { items, next: items.at(-1)?.id ?? null };
      items.push(traceOf(mail, rows, []));
    }
    return { items, next: null };
  }

  async firstAttempts(since: number, call: Call): ReturnType<Journal['firstAttempts']> {
    inTime(call);
    const waits = new Map<MailId, number>();
    for (const { event, waitedMs } of this.#rows.events) {
      if (waitedMs === null || event.at < since) continue;
      waits.set(event.message, Math.min(waits.get(event.message) ?? waitedMs, waitedMs));
    }
    return quantiles([...waits.values()]);
  }

  async affectedCounts(query: AffectedQuery, call: Call): Promise<readonly AffectedCount[]> {
    inTime(call);
    const tally = new AffectedTally();
    for (const row of this.#affected(query))
      tally.add(row.mail.tenant, placeOf(row), row.progress.state === 'delivered');
    return tally.counts();
  }

  async affected(query: AffectedQuery, after: RecipientPlace | null, limit: number, call: Call): Promise<AffectedPage> {
    inTime(call);
    const behind = this.#affected(query).filter((row) => after === null || comparePlaces(placeOf(row), after) > 0);
    const some = behind.slice(0, limit + 1);
    return pageOf(
      some.map(({ mail, facts, progress }) => affectedOf(mail, facts, progress)),
      limit,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** In order of message and recipient. */
  #affected(query: AffectedQuery): MemoryRecipient[] {
    const events = this.#rows.events.filter(({ event }) => isAffecting(query, event));
    const hit = new Set(events.map(({ event }) => `${event.message}/${event.recipient}`));
    const rows = this.#inOrder().flatMap(({ recipients }) => recipients);
    return rows.filter(({ mail, facts }) => hit.has(`${mail.id}/${facts.n}`));
  }

  #now(): number {
    return this.#rows.clock.now();
  }

  #inOrder(): MemoryMail[] {
    return [...this.#rows.mails.values()].sort((a, b) => compare(a.mail.id, b.mail.id));
  }

  #holds(message: MailId, claimed: ClaimedRecipient | undefined, worker: IncarnationId): boolean {
    const row = claimed === undefined ? undefined : this.#rows.recipient(message, claimed.n);
    return row !== undefined && isLive(row.progress.state) && row.claimBy === worker && row.token === claimed?.token;
  }

  #settleOne(settlement: Settlement, claimed: ClaimedRecipient, outcome: Outcome, worker: IncarnationId): Settled {
    const message = settlement.claim.mail.id;
    const row = this.#rows.recipient(message, claimed.n);
    if (row === undefined || !isLive(row.progress.state)) return 'already';
    if (!this.#holds(message, claimed, worker) && outcome.kind !== 'delivered') return 'lapsed';
    const { elapsedMs, peer } = settlement;
    const change = settled(row.progress, outcome, settlement, this.#now(), this.#rows.settings);
    this.#rows.move(row, change, { component: settlement.component ?? 'deliver', worker, elapsedMs, peer });
    return 'settled';
  }

  #choose(request: ClaimRequest): MemoryRecipient[] {
    const free = [...this.#rows.liveRows()].filter((row) => row.claimBy === null);
    const waits = free.filter((row) => isWaiting(row.progress.state));
    switch (request.kind) {
      case 'due': {
        const due = (row: MemoryRecipient): number => row.progress.due ?? Number.POSITIVE_INFINITY;
        const { destination, tenant, fresh, retried = false, ignoreDue, now } = request;
        return waits
          .filter((row) => row.progress.destination === destination)
          .filter((row) => tenant === null || row.mail.tenant === tenant)
          .filter((row) => !fresh || row.progress.attempts === 0)
          .filter((row) => !retried || row.progress.attempts > 0)
          .filter((row) => row.progress.due !== null && (ignoreDue || due(row) <= now))
          .sort((a, b) => due(a) - due(b) || inOrder(a, b));
      }
      case 'attention':
        return overdue(waits, request.now);
      case 'held':
        return overdue(
          free.filter((row) => !isWaiting(row.progress.state)),
          request.now,
        );
      case 'named':
        return this.#named(request.filter);
    }
  }

  #named(filter: QueueFilter): MemoryRecipient[] {
    return [...this.#rows.liveRows()]
      .filter((row) => row.claimBy === null)
      .filter((row) => mailMatches(filter, row.mail) && recipientMatches(filter, filtered(row)))
      .sort(inOrder);
  }
}

const janitor = { component: 'janitor', worker: '', elapsedMs: 0, peer: null };

function inTime(call: Call): void {
  if (call.deadlineAt < performance.now() || call.signal?.aborted === true) throw new Fault('call.late');
}

function placeOf({ mail, facts }: MemoryRecipient): RecipientPlace {
  return { message: mail.id, n: facts.n };
}

function isWaiting(state: string): boolean {
  return state === 'queued' || state === 'deferred';
}

function isOf(message: MailId): (event: { readonly message: MailId }) => boolean {
  return (event) => event.message === message;
}

function filtered({ facts, progress }: MemoryRecipient): MemoryRecipient['facts'] & Pick<MemoryRecipient, 'progress'> {
  return { ...facts, progress };
}

function overdue(rows: readonly MemoryRecipient[], now: number): MemoryRecipient[] {
  const at = (row: MemoryRecipient): number => row.progress.attentionAt ?? Number.POSITIVE_INFINITY;
  return rows.filter((row) => at(row) <= now).sort((a, b) => at(a) - at(b) || inOrder(a, b));
}

function inOrder(a: MemoryRecipient, b: MemoryRecipient): number {
  return compare(a.mail.id, b.mail.id) || a.facts.n - b.facts.n;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function orphanOf({ mail, facts }: MemoryRecipient, fault: Orphan['fault'], isMended: boolean): Orphan {
  return { message: mail.id, recipient: facts.n, tenant: mail.tenant, fault, mended: isMended };
}
