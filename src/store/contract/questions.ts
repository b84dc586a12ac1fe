/** What the parts of the custody suite share: two workers, and what a test asks of a keeper. */
import assert from 'node:assert/strict';
import type { ArrivedMail, Claim, MailId, Outcome, RecipientState, Settlement, TenantId } from '#/model/index.ts';
import type { ClaimRequest, Custody, Journal, Trace } from '#/ports/index.ts';
import { PARTNER, type StandingClock, settlementOf, soon, worker } from './samples.ts';

/** How a part of the suite declares a test: with a keeper of its own, two living workers, and balanced books at its end. */
export type Declare = (title: string, run: (custody: Custody & Journal, clock: StandingClock) => Promise<void>) => void;

export const W1 = worker('1').id;
export const W2 = worker('2').id;

/** A settlement of two recipients, and the report that tells of it. */
export function bothWays(claim: Claim, first: Outcome, second: Outcome, born: ArrivedMail): Settlement {
  const outcomes = [
    { n: 1, outcome: first },
    { n: 2, outcome: second },
  ];
  return { ...settlementOf(claim, first), outcomes, born: [born] };
}

export function due(clock: StandingClock): ClaimRequest & { kind: 'due' } {
  return {
    kind: 'due',
    destination: PARTNER,
    tenant: null,
    fresh: false,
    ignoreDue: false,
    now: clock.now(),
    limit: 100,
  };
}

export async function booksOf(
  custody: Custody,
  tenant: TenantId,
): Promise<Awaited<ReturnType<Custody['books']>>[number] | undefined> {
  return (await custody.books(soon())).find((books) => books.tenant === tenant);
}

export async function traceOf(custody: Journal, id: MailId): Promise<Trace> {
  const [trace] = await custody.trace({ ids: [id] }, 1, soon());
  assert.ok(trace, `${id} is not found`);
  return trace;
}

export async function statesOf(custody: Journal, id: MailId): Promise<RecipientState[]> {
  return (await traceOf(custody, id)).recipients.map(({ state }) => state);
}

export function kinds(trace: Trace): string[] {
  return trace.events.map(({ kind }) => kind);
}

export function ids(claims: readonly Claim[]): MailId[] {
  return claims.map((claim) => claim.mail.id);
}

export function ids2(traces: readonly Trace[]): MailId[] {
  return traces.map(({ id }) => id);
}

/** Both sides agree with each other and with the live books. */
export async function assertBalanced(custody: Custody): Promise<void> {
  for (const each of await custody.recount(soon())) assert.ok(each.balanced, JSON.stringify(each));
}
