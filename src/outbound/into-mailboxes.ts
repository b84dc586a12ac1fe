/**
 * The last step of mail whose recipients live here: one call to their mailboxes, which knows each message and recipient, so that it may be
 * repeated.
 *
 * What must never happen: one mail's own trouble (content that is gone, that is slow, that nobody foresaw) taken for that of the mailboxes,
 * which would close them to all mail.
 */
import { type Call, isFault, type PeerReply } from '#/model/index.ts';
import type { LocalAnswer, LocalDelivery } from '#/ports/index.ts';
import type { Job, Verdict } from './job.ts';
import { localReply } from './local-reply.ts';

interface HomeParts {
  readonly local: LocalDelivery | null;
  /** Reads the job's content from custody. */
  load(): Promise<void>;
  unreadable(error: unknown): Verdict;
}

/** `judged`: each recipient has its verdict. `unread`: so it has, and the mailboxes were not asked. `away`: nobody is judged. */
export type AtHome = { readonly kind: 'judged' | 'unread' } | { readonly kind: 'away'; readonly reply: PeerReply };

const AWAY: AtHome = {
  kind: 'away',
  reply: localReply(0, '4.3.0', 'the mailboxes do not answer; it is tried again by itself'),
};
const UNANSWERED = localReply(0, '4.3.0', 'the mailboxes said nothing of this recipient; it is tried again by itself');
const NOT_TAKEN = localReply(0, '4.3.0', 'the mailboxes did not take it in time; it is tried again by itself');

/** Never rejects. */
export async function intoMailboxes(job: Job, parts: HomeParts, call: Call): Promise<AtHome> {
  try {
    if (job.body === null) await parts.load();
  } catch (error) {
    job.judgeRest(parts.unreadable(error));
    return { kind: 'unread' };
  }
  // A change that can't be made has its verdict by now.
  if (job.over) return { kind: 'unread' };
  if (parts.local === null || job.body === null) return AWAY;
  const { id, tenant, sender, hops, receivedAt } = job.mail;
  const mail = { id, tenant, sender, hops, receivedAt, body: job.body, recipients: job.waiting };
  try {
    judge(job, await parts.local.deliver(mail, call));
  } catch (error) {
    if (isAway(error) || call.signal?.aborted === true) return AWAY;
    job.judgeRest(isUnreadable(error) ? parts.unreadable(error) : { kind: 'later', reply: NOT_TAKEN });
  }
  return { kind: 'judged' };
}

function isAway(error: unknown): boolean {
  return isFault(error, 'server.unreachable') || isFault(error, 'store.unavailable');
}

/** They read large content by themselves. */
function isUnreadable(error: unknown): boolean {
  return isFault(error, 'body.missing') || isFault(error, 'body.damaged') || isFault(error, 'key.missing');
}

function judge(job: Job, answers: readonly LocalAnswer[]): void {
  job.peer = 'mailboxes';
  for (const answer of answers) {
    job.judge(
      job.waiting.filter(({ n }) => n === answer.n),
      verdictOf(answer),
    );
    if (answer.births !== undefined && answer.births.length > 0) job.births.set(answer.n, answer.births);
  }
  job.judgeRest({ kind: 'later', reply: UNANSWERED });
}

function verdictOf({ kind, reply }: LocalAnswer): Verdict {
  if (kind === 'stored' || kind === 'passed') return { kind: 'taken', reply, reports: false, final: kind === 'stored' };
  if (kind === 'discarded') return { kind: 'decided', outcome: { kind: 'discarded', reason: reply.text } };
  return { kind, reply };
}
