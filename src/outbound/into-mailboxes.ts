/** The last step of mail whose recipients live here: one call to their mailboxes, which knows each message and recipient, so that it may be repeated. */
import type { Call, PeerReply } from '#/model/index.ts';
import type { LocalAnswer, LocalDelivery } from '#/ports/index.ts';
import type { Job, Verdict } from './job.ts';
import { localReply } from './local-reply.ts';

interface HomeParts {
  readonly local: LocalDelivery | null;
  /** Reads the job's content from custody. */
  load(): Promise<void>;
  unreadable(error: unknown): Verdict;
}

const AWAY = localReply(0, '4.3.0', 'the mailboxes do not answer; it is tried again by itself');
const UNANSWERED = localReply(0, '4.3.0', 'the mailboxes said nothing of this recipient; it is tried again by itself');

/** Judges all recipients of the job; a reply where the mailboxes are away, and nobody is judged then. Never rejects. */
export async function intoMailboxes(job: Job, parts: HomeParts, call: Call): Promise<PeerReply | null> {
  if (job.body === null) {
    try {
      await parts.load();
    } catch (error) {
      job.judgeRest(parts.unreadable(error));
      return null;
    }
  }
  try {
    if (parts.local === null || job.body === null) return AWAY;
    const { id, tenant, sender, hops, receivedAt } = job.claim.mail;
    const mail = { id, tenant, sender, hops, receivedAt, body: job.body, recipients: job.waiting };
    judge(job, await parts.local.deliver(mail, call));
    return null;
  } catch {
    return AWAY;
  }
}

function judge(job: Job, answers: readonly LocalAnswer[]): void {
  job.peer = 'mailboxes';
  for (const answer of answers)
    job.judge(
      job.waiting.filter(({ n }) => n === answer.n),
      verdictOf(answer),
    );
  job.judgeRest({ kind: 'later', reply: UNANSWERED });
}

function verdictOf({ kind, reply }: LocalAnswer): Verdict {
  return kind === 'stored' ? { kind: 'taken', reply, reports: false, final: true } : { kind, reply };
}
