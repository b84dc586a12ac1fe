/**
 * What waits for inspection, given out to one worker (ports/inspection.ts): its incarnation and heartbeat, claims from the store, outcomes
 * on their way back. As everywhere in the queue, all state is in custody's rows.
 *
 * Tenants take turns as soon as one request can't bring all that is due, so that one tenant's newsletter does not keep the others waiting
 * (M5). Mail over which a worker was lost is given out apart, whole and alone: so the next loss says which mail it was (H10). What takes
 * long waits in a lane of its own, from which tenants are served in turn (M4, M5).
 */
import type { Claim, DestinationKey, Incarnation, Settlement, TenantId } from '#/model/index.ts';
import { INSPECT_DESTINATION, SLOW_INSPECT_DESTINATION, within } from '#/model/index.ts';
import type { ClaimRequest, Clock, Custody, Depth, InspectionWork, Log } from '#/ports/index.ts';
import { Leases } from './leases.ts';
import type { QueueSettings } from './settings.ts';
import { complete, returned } from './settlements.ts';
import { reasonOf, Settler } from './settler.ts';
import { Wake } from './wake.ts';

export interface InspectionWorkParts {
  readonly custody: Custody;
  readonly clock: Clock;
  readonly log: Log;
  readonly incarnation: Incarnation;
  /** In [0, 1): jitter. */
  readonly random: () => number;
  /** The process must stop now: declared dead, or an outcome can't be recorded. */
  readonly onFatal: (reason: string) => void;
  /** Mail waits for its next hop, or was born: whoever delivers may look. */
  readonly onPassed: () => void;
}

export interface RunningInspectionWork extends InspectionWork, AsyncDisposable {
  /** Something may be due: look now. Losing a ring costs a second. */
  ring(): void;
  /** Monotonic ms since the last stored heartbeat. */
  beatAgeMs(): number;
  /** For how long the oldest mail that nobody has taken has been due, ms; 0 where none is, null where the store does not say by then. */
  oldestMs(withinMs: number): Promise<number | null>;
  /** Gives the incarnation up at once and for ever: what it claimed is due again, and no verdict of it counts any more. `clean`: the mails have no part in it. */
  fence(clean: boolean): Promise<void>;
}

/** At the end, for outcomes under way. */
const CLOSE_MS = 10_000;
/** All recipients of one mail, if need be. */
const WHOLE_MAIL = 10_000;

/** Enlists the incarnation and beats until it is disposed. Dispose the worker first. */
export async function startInspectionWork(
  { pace }: Pick<QueueSettings, 'pace'>,
  parts: InspectionWorkParts,
): Promise<RunningInspectionWork> {
  const wake = new Wake(parts.clock);
  const leases = await Leases.start({ ...parts, onRows: () => wake.ring() });
  return new InspectionClaims({ pace, parts, wake, leases });
}

interface Standing {
  readonly pace: QueueSettings['pace'];
  readonly parts: InspectionWorkParts;
  readonly wake: Wake;
  readonly leases: Leases;
}

class InspectionClaims implements RunningInspectionWork {
  readonly #standing: Standing;
  readonly #settler: Settler;
  /** Tenants whose turn is still to come in this round; null while one request brings all that is due. */
  #turns: TenantId[] | null = null;
  /** Whose turn it was last in the slow lane. */
  #lastSlow = '';
  #fenced = false;

  constructor(standing: Standing) {
    const { parts, pace } = standing;
    this.#standing = standing;
    this.#settler = new Settler({ ...parts, worker: parts.incarnation.id }, pace, (settlement) => {
      const isGone = settlement.outcomes.some(({ outcome }) => outcome.kind === 'passed');
      if (isGone || settlement.born.length > 0) parts.onPassed();
    });
  }

  async claim(limit: number): Promise<readonly Claim[]> {
    if (this.#turns === null) {
      const claims = await this.#ask({ fresh: true, limit });
      if (recipientsOf(claims) >= limit) this.#turns = [];
      return claims;
    }
    for (let tenant = await this.#nextTenant(); tenant !== null; tenant = this.#turns?.shift() ?? null) {
      const claims = await this.#ask({ fresh: true, tenant, limit });
      if (claims.length > 0) return claims;
    }
    this.#turns = null;
    return [];
  }

  async claimSlow(room: (tenant: TenantId) => number): Promise<readonly Claim[]> {
    const tenants = (await this.#due(SLOW_INSPECT_DESTINATION)).map(({ tenant }) => tenant).sort();
    const next = tenants.findIndex((tenant) => tenant > this.#lastSlow);
    for (const tenant of next === -1 ? tenants : [...tenants.slice(next), ...tenants.slice(0, next)]) {
      const limit = room(tenant);
      if (limit <= 0) continue;
      const claims = await this.#ask({ destination: SLOW_INSPECT_DESTINATION, fresh: true, tenant, limit });
      if (claims.length === 0) continue;
      this.#lastSlow = tenant;
      return await this.#wholeOnes(claims);
    }
    return [];
  }

  /** A mail of many recipients is slow once, not once for each few of them. Where the rest can't be had, what is claimed is given back. */
  async #wholeOnes(claims: readonly Claim[]): Promise<readonly Claim[]> {
    const whole: Claim[] = [];
    for (const claim of claims) {
      const { recipients, everybody = recipients } = claim;
      const isWhole = everybody.length === recipients.length;
      const all = isWhole ? claim : await this.#whole(claim).catch(() => null);
      if (all !== null) whole.push(all);
    }
    return whole;
  }

  async claimAlone(): Promise<Claim | null> {
    const [first] = await this.#ask({ retried: true, limit: 1 });
    return first === undefined ? null : await this.#whole(first);
  }

  /** All of its recipients that wait where the claimed ones do. */
  async #whole(first: Claim): Promise<Claim> {
    const { custody, incarnation } = this.#standing.parts;
    const filter = { ids: [first.mail.id], destination: first.destination, state: 'queued' } as const;
    const claims = [first];
    try {
      // The store gives only so many at a time.
      for (let left = (first.everybody?.length ?? WHOLE_MAIL) - first.recipients.length; left > 0; ) {
        const step = await custody.claim({ kind: 'named', filter, limit: left }, incarnation.id, this.#call());
        if (step.length === 0) break;
        claims.push(...step);
        left -= recipientsOf(step);
      }
    } catch (cause) {
      // H5: nobody else knows of these claims.
      for (const claim of claims) this.finish(returned(claim, this.#standing.parts.clock.now()));
      throw cause;
    }
    const recipients = claims.flatMap((claim) => claim.recipients);
    return { ...first, recipients, body: first.body ?? claims[1]?.body ?? null };
  }

  finish(settlement: Settlement): void {
    if (this.#fenced) return;
    const now = this.#standing.parts.clock.now();
    this.#settler.submit({ ...complete(settlement, now), component: 'inspect' });
  }

  get unsettled(): number {
    return this.#settler.pending;
  }

  wait(signal: AbortSignal): Promise<void> {
    return this.#standing.wake.wait(this.#standing.pace.depthMs, signal);
  }

  ring(): void {
    this.#standing.wake.ring();
  }

  beatAgeMs(): number {
    return this.#standing.leases.ageMs();
  }

  // A store that is slow or away is no fault of who asks it.
  async oldestMs(withinMs: number): Promise<number | null> {
    const enough = new AbortController();
    const late = this.#standing.parts.clock.sleep(withinMs, enough.signal).then(() => null);
    try {
      const due = await Promise.race([this.#due().catch(() => null), late]);
      const now = this.#standing.parts.clock.now();
      return due === null ? null : Math.max(0, ...due.map(({ nextDue }) => now - nextDue));
    } finally {
      enough.abort();
    }
  }

  async fence(clean: boolean): Promise<void> {
    this.#fenced = true;
    this.#settler.stop();
    await this.#end(clean);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#fenced) return;
    await this.#settler.idle(AbortSignal.timeout(CLOSE_MS));
    this.#settler.stop();
    await this.#end(true);
  }

  async #end(clean: boolean): Promise<void> {
    const { log } = this.#standing.parts;
    await this.#standing.leases.end(clean).catch((cause: unknown) => {
      log.warn('queue.retire_failed', { why: reasonOf(cause) });
    });
  }

  async #nextTenant(): Promise<TenantId | null> {
    if (this.#turns?.length === 0) {
      const due = await this.#due();
      this.#turns = due.length === 0 ? null : due.map(({ tenant }) => tenant);
    }
    return this.#turns?.shift() ?? null;
  }

  async #due(from: DestinationKey = INSPECT_DESTINATION): Promise<readonly Depth[]> {
    const { clock, custody } = this.#standing.parts;
    const depth = await custody.depth(this.#call());
    return depth.filter(({ destination, nextDue }) => destination === from && nextDue <= clock.now());
  }

  #ask(wanted: Partial<ClaimRequest & { kind: 'due' }> & { readonly limit: number }): Promise<readonly Claim[]> {
    const { custody, clock, incarnation } = this.#standing.parts;
    const request = { kind: 'due', destination: INSPECT_DESTINATION, tenant: null, fresh: false } as const;
    const all = { ...request, ignoreDue: false, now: clock.now(), ...wanted };
    return custody.claim(all, incarnation.id, this.#call());
  }

  #call() {
    return within(this.#standing.pace.callMs);
  }
}

function recipientsOf(claims: readonly Claim[]): number {
  return claims.reduce((sum, { recipients }) => sum + recipients.length, 0);
}
