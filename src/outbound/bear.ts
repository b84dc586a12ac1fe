/** What the rules of a claim's recipients make of its mail, as much of it as goes into one settlement. */
import type { BornMail, ClaimedRecipient } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Birth, Log } from '#/ports/index.ts';
import type { Births } from './births.ts';
import type { Job, Verdict } from './job.ts';
import { localReply } from './local-reply.ts';
import type { OutboundLimits } from './settings.ts';

export interface BearParts {
  readonly births: Births;
  readonly log: Log;
  readonly limits: Pick<OutboundLimits, 'mailboxMs' | 'bornBytesMax'>;
  /** Aborts when this process is asked to end. */
  readonly stopping: AbortSignal;
}

const NOT_FORWARDED = localReply(0, '4.3.0', 'it could not be forwarded now; it is tried again by itself');
const NOT_HANDED_ON = localReply(
  0,
  '4.3.0',
  'it could not be handed to its recipient’s company now; it is tried again by itself',
);
/** A success by its code: should time run out, it was delivered all the same (queue/attention.ts). */
const ONLY_KEPT = localReply(
  250,
  '2.1.5',
  'Delivered; it could not be forwarded or answered yet, which is tried again',
);
/** Octets that a recipient's row takes, about. */
const rowBytes = 512;

/**
 * Whose births are not made now gets another verdict, and the delivery is asked for again: mailboxes know it, and answer the same. What only
 * waits (no disk, enough born at once, this process ends) counts as no attempt. Never rejects.
 */
export async function bear(job: Job, parts: BearParts): Promise<readonly BornMail[]> {
  if (job.crosses) return await crossing(job, parts);
  const born: BornMail[] = [];
  let bytes = 0;
  for (const recipient of job.claim.recipients) {
    const asked = job.births.get(recipient.n);
    if (asked === undefined || job.verdicts.get(recipient.n)?.kind === 'later') continue;
    if (!parts.births.hasRoom) job.verdicts.set(recipient.n, { kind: 'untried', soon: false });
    else if (bytes >= parts.limits.bornBytesMax) job.verdicts.set(recipient.n, { kind: 'untried', soon: true });
    else {
      const made = await bornOf(job, recipient, asked, parts);
      bytes += made.reduce((sum, mail) => sum + weightOf(mail), 0);
      born.push(...made);
    }
  }
  return born;
}

/** The mail at the doors of other tenants; where it can't be brought there now, nobody is served. */
async function crossing(job: Job, { births, log, limits, stopping }: BearParts): Promise<readonly BornMail[]> {
  const { mail, body } = job;
  const crossing = job.claim.recipients.filter(({ n }) => job.verdicts.get(n)?.kind === 'taken');
  const judge = (verdict: Verdict): void => {
    for (const { n } of crossing) job.verdicts.set(n, verdict);
  };
  if (!births.hasRoom) judge({ kind: 'untried', soon: false });
  else {
    try {
      if (body === null) throw new Error('a mail was handed on that nobody had read');
      return await births.cross({ mail, body, recipients: crossing }, within(limits.mailboxMs, stopping));
    } catch (error) {
      judge(stopping.aborted ? { kind: 'untried', soon: true } : { kind: 'later', reply: NOT_HANDED_ON });
      if (!stopping.aborted) log.warn('outbound.crossing-failed', { message: mail.id, why: String(error) });
    }
  }
  return [];
}

async function bornOf(
  job: Job,
  recipient: ClaimedRecipient,
  asked: readonly Birth[],
  { births, log, limits, stopping }: BearParts,
): Promise<readonly BornMail[]> {
  // As it leaves: a forward of a mail that must go by verified TLS must, too.
  const { mail } = job;
  try {
    if (job.body === null) throw new Error('a mail was delivered that nobody had read');
    return await births.make({ mail, body: job.body, recipient }, asked, within(limits.mailboxMs, stopping));
  } catch (error) {
    job.verdicts.set(recipient.n, unborn(job.verdicts.get(recipient.n), stopping.aborted));
    if (!stopping.aborted) log.warn('outbound.forward-failed', { message: mail.id, why: String(error) });
    return [];
  }
}

/** What a settlement carries of it. */
function weightOf({ body, recipients }: BornMail): number {
  return (body.kind === 'memory' ? body.size : 0) + recipients.length * rowBytes;
}

function unborn(verdict: Verdict | undefined, isStopping: boolean): Verdict {
  if (isStopping) return { kind: 'untried', soon: true };
  return { kind: 'later', reply: verdict?.kind === 'taken' && verdict.final ? ONLY_KEPT : NOT_FORWARDED };
}
