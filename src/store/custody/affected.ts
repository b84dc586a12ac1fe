/** What the question for affected mail means (H6): one reading of it for all keepers. */
import type { JournalEvent, MailInCustody, RecipientNumber, TenantId } from '#/model/index.ts';
import { PROBE_TENANT } from '#/model/index.ts';
import type { AffectedCount, AffectedPage, AffectedQuery, AffectedRecipient, RecipientPlace } from '#/ports/index.ts';
import type { Progress } from './moves.ts';
import type { RecipientFacts } from './shapes.ts';

type EventSource = Pick<JournalEvent, 'component' | 'worker'>;

/** Whether an event makes its recipient an affected one. Probes are nobody's mail. */
export function isAffecting(query: AffectedQuery, event: JournalEvent): boolean {
  const { at, tenant, rule, destination } = event;
  if (at < query.from || at >= query.to || tenant === PROBE_TENANT) return false;
  if (query.tenant !== undefined && query.tenant !== tenant) return false;
  if (query.policy !== undefined && query.policy !== rule) return false;
  if (query.destination !== undefined && !destinationsOf(query.destination).some((one) => one === destination))
    return false;
  const isStage = query.component === undefined || query.component === event.stage;
  return isByWorker(query, event) && (isStage || query.component === event.component);
}

/** Whether an event by this source can be meant, as far as its worker goes. */
export function isByWorker({ worker }: AffectedQuery, source: EventSource): boolean {
  return worker === undefined || source.worker === worker || source.worker.startsWith(`${worker}/`);
}

/** The keys that a next hop has in rows: one that an operator chose is marked. */
export function destinationsOf(destination: string): readonly string[] {
  return [destination, `${destination}!`];
}

/** An affected recipient as lists show it. */
export function affectedOf(
  mail: Pick<MailInCustody, 'id' | 'tenant' | 'sender' | 'facts' | 'receivedAt'>,
  { n, address }: Pick<RecipientFacts, 'n' | 'address'>,
  { state, reason }: Pick<Progress, 'state' | 'reason'>,
): AffectedRecipient {
  const { id: message, tenant, sender: from, facts, receivedAt } = mail;
  return { message, n, tenant, from, subject: facts.subject, receivedAt, address, state, reason };
}

/** Before, at or behind another place. */
export function comparePlaces(one: RecipientPlace, other: RecipientPlace): number {
  if (one.message !== other.message) return one.message < other.message ? -1 : 1;
  return one.n - other.n;
}

/** A page of at most `limit` out of items of which one more was looked for. */
export function pageOf(items: readonly AffectedRecipient[], limit: number): AffectedPage {
  const kept = items.slice(0, limit);
  const last = kept.at(-1);
  const next = items.length > limit && last !== undefined ? { message: last.message, n: last.n } : null;
  return { items: kept, next };
}

/** Counts recipients that come in order of message, one line a tenant. */
export class AffectedTally {
  readonly #counts = new Map<TenantId, { messages: number; recipients: number; unserved: number }>();
  #last = '';

  add(tenant: TenantId, { message }: { readonly message: string; readonly n: RecipientNumber }, served: boolean): void {
    const count = this.#counts.getOrInsertComputed(tenant, () => ({ messages: 0, recipients: 0, unserved: 0 }));
    if (this.#last !== message) count.messages += 1;
    this.#last = message;
    count.recipients += 1;
    if (!served) count.unserved += 1;
  }

  /** In order of tenant. */
  counts(): AffectedCount[] {
    const sorted = [...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1));
    return sorted.map(([tenant, count]) => ({ tenant, ...count }));
  }
}
