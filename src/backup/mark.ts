/**
 * The mark of a restored store: a small fact in custody that says its mail may have been served already. Whoever opens the store for
 * writing obeys it before anything else, whatever became of the process that restored it.
 *
 * What must never happen: mail of an earlier time that is claimed before it was held; a mark that counts as obeyed because an earlier
 * one was. So a mark is told by its time, and the one that stands in a copied file has a name that no running store writes.
 */
import { z } from 'zod';
import { within } from '#/model/index.ts';
import { type Clock, type Custody, type Log, OBEYED, RESTORED_COPY, Refusal, type RestoreMark } from '#/ports/index.ts';

/** The mark of a database that was restored by its own means. */
const RESTORED_IN_PLACE = 'store.restored-in-place';

const CALL_MS = 60_000;
/** Recipients in one step: bounded, so that a deadline means something. */
const STEP = 10_000;
/** Heartbeats come every 2 s. */
const WATCH_MS = 5_000;

const mark = z.object({ by: z.string(), at: z.number(), snapshotAt: z.number().nullable() });
const UNREADABLE: RestoreMark = { by: 'unknown', at: 0, snapshotAt: null };

export interface HoldParts {
  readonly custody: Pick<Custody, 'recall' | 'remember' | 'beats' | 'retire' | 'act'>;
  readonly log: Log;
}

/**
 * Where the store is restored and its mail is not held yet: holds it, then writes down that it is done. To be called before anything
 * claims. A crash in its middle leaves the mark, and the next opening goes on. Returns how many recipients it held.
 */
export async function holdRestored(parts: HoldParts): Promise<number> {
  let held = 0;
  for (const name of [RESTORED_COPY, RESTORED_IN_PLACE]) held += await obey(name, parts);
  return held;
}

export interface MarkParts extends HoldParts {
  readonly clock: Clock;
  /** Mailboxes came back with the rest: gives no UID again that mail programs know. Done anew, it does no harm. */
  readonly renewMailboxes: () => Promise<void>;
}

/** Marks a store whose database was restored by its own means, and holds its mail. Refuses while a server works on it. */
export async function markRestored(by: string, parts: MarkParts): Promise<number> {
  const { custody, clock } = parts;
  await refuseWhereServed(parts);
  // Before the mark: whoever starts a server on it finds both done.
  await parts.renewMailboxes();
  const text = JSON.stringify({ by, at: clock.now(), snapshotAt: null } satisfies RestoreMark);
  await custody.remember(RESTORED_IN_PLACE, text, within(CALL_MS));
  return holdRestored(parts);
}

async function obey(name: string, { custody, log }: HoldParts): Promise<number> {
  const text = await custody.recall(name, within(CALL_MS));
  if (text === null || text === (await custody.recall(name + OBEYED, within(CALL_MS)))) return 0;
  // The workers of that time are no more, and what they had claimed may have been served like the rest.
  for (const { incarnation } of await custody.beats(within(CALL_MS)))
    await custody.retire(incarnation.id, false, within(CALL_MS));
  const { by, snapshotAt } = read(text);
  let held = 0;
  for (let more = true; more; ) {
    const step = await custody.act({ kind: 'restored' }, {}, by, STEP, within(CALL_MS));
    held += step.recipients;
    more = step.more && step.recipients > 0;
  }
  await custody.remember(name + OBEYED, text, within(CALL_MS));
  log.warn('store.restored', { recipients: held, snapshotAt: snapshotAt && new Date(snapshotAt).toISOString() });
  return held;
}

async function refuseWhereServed({ custody, clock }: MarkParts): Promise<void> {
  const before = new Map((await custody.beats(within(CALL_MS))).map((each) => [each.incarnation.id, each.beat]));
  if (before.size === 0) return;
  await clock.sleep(WATCH_MS);
  for (const { incarnation, beat } of await custody.beats(within(CALL_MS))) {
    if (before.get(incarnation.id) === beat) continue;
    throw new Refusal(
      2,
      `A server on ${incarnation.host} works on this store (${incarnation.role}, process ${incarnation.pid}). Stop every server of the installation first: what they send meanwhile can't be called back.`,
    );
  }
}

// What can't be read is obeyed: holding mail once too often is a nuisance, sending it twice is not.
function read(text: string): RestoreMark {
  try {
    return mark.parse(JSON.parse(text));
  } catch {
    return UNREADABLE;
  }
}
