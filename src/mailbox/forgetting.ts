/**
 * Forgets delivery keys that nobody can ask for any more: those whose recipients custody knows as ended for more than a day (design 1, Local
 * delivery is exactly once). One account after the other, once in some hours, in small steps.
 *
 * What must never happen: a key that is forgotten while its delivery may be asked for again: its recipient lives, ended lately, or is unknown
 * to custody; keys that are not custody's (what was brought in from elsewhere keeps its own for ever); anything while time can't be trusted.
 */
import { type AccountKey, isLive, isMailId, type MailId, mailIdAt, within } from '#/model/index.ts';
import {
  type Clock,
  type DeliveryKey,
  type Journal,
  type Log,
  type Mailboxes,
  Rounds,
  type Trace,
} from '#/ports/index.ts';
import { forgetRoundMs, keptAfterEndMs, keysAtOnceMax, keysCallMs, keysPauseMs } from './limits.ts';

export interface ForgettingParts {
  readonly mailboxes: Pick<Mailboxes, 'accounts' | 'deliveriesBefore' | 'forgetDeliveries'>;
  /** What custody knows. */
  readonly journal: Pick<Journal, 'trace'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeIsSteady: () => Promise<boolean>;
}

const PAGE_ACCOUNTS = 100;

/** Runs until it is disposed. */
export function startForgetting(parts: ForgettingParts): AsyncDisposable {
  const rounds = new Rounds(parts.clock, {
    firstMs: forgetRoundMs,
    work: async () => {
      await round(parts, rounds.signal);
      return forgetRoundMs;
    },
    failed: (why) => {
      parts.log.warn('mailbox.keys-kept', { why });
      return forgetRoundMs;
    },
  });
  return rounds.start();
}

async function round(parts: ForgettingParts, signal: AbortSignal): Promise<void> {
  for (let after: AccountKey | null = null; ; ) {
    const page: readonly AccountKey[] = await parts.mailboxes.accounts(
      after,
      PAGE_ACCOUNTS,
      within(keysCallMs, signal),
    );
    for (const account of page) {
      if (signal.aborted || !(await parts.timeIsSteady())) return;
      await ofAccount(account, parts, signal);
    }
    after = page.at(-1) ?? null;
    if (page.length < PAGE_ACCOUNTS) return;
  }
}

/** An id is made at acceptance, so what is younger than a day has not ended for a day. */
async function ofAccount(account: AccountKey, parts: ForgettingParts, signal: AbortSignal): Promise<void> {
  const { mailboxes, clock } = parts;
  const before = mailIdAt(clock.now() - keptAfterEndMs);
  for (let after: DeliveryKey | null = null; ; ) {
    const keys: readonly DeliveryKey[] = await mailboxes.deliveriesBefore(
      account,
      before,
      after,
      keysAtOnceMax,
      within(keysCallMs, signal),
    );
    const ended = await endedOf(keys, parts, signal);
    if (ended.length > 0) await mailboxes.forgetDeliveries(account, ended, within(keysCallMs, signal));
    after = keys.at(-1) ?? null;
    await clock.sleep(keysPauseMs, signal);
    if (keys.length < keysAtOnceMax || signal.aborted) return;
  }
}

async function endedOf(
  keys: readonly DeliveryKey[],
  { journal, clock }: ForgettingParts,
  signal: AbortSignal,
): Promise<readonly DeliveryKey[]> {
  const ids = [...new Set(keys.map(({ message }) => message).filter(isMailId))];
  if (ids.length === 0) return [];
  const traces = await journal.trace({ ids }, ids.length, within(keysCallMs, signal));
  const byId = new Map<MailId, Trace>(traces.map((trace) => [trace.id, trace]));
  const before = clock.now() - keptAfterEndMs;
  return keys.filter((key) => isLongEnded(byId.get(key.message), key, before));
}

function isLongEnded(trace: Trace | undefined, { recipient }: DeliveryKey, before: number): boolean {
  const found = trace?.recipients.find(({ n }) => n === recipient);
  if (trace === undefined || found === undefined || isLive(found.state)) return false;
  const own = trace.events.filter((event) => event.recipient === recipient);
  return own.length > 0 && own.every(({ at }) => at < before);
}
