/**
 * Reports of what the queue itself decides. A report that can't be made must not keep its mail from ending: it would be claimed and
 * given back for ever (H5), or a claim would never end. The outcome is then recorded without it, and the log tells us.
 */
import type { ArrivedMail, Claim } from '#/model/index.ts';
import type { Log, NoticeMaker } from '#/ports/index.ts';
import { reasonOf } from './settler.ts';

/** The report of these outcomes, ready to be born with them; empty where nobody wants one, or none could be made. Never rejects. */
export async function noticesOf(
  claim: Claim,
  outcomes: Parameters<NoticeMaker['notice']>[1],
  kind: 'delay' | 'failure',
  { notices, log }: { readonly notices: NoticeMaker; readonly log: Log },
): Promise<readonly ArrivedMail[]> {
  try {
    const mail = await notices.notice(claim, outcomes, kind);
    return mail === null ? [] : [mail];
  } catch (cause) {
    log.error('queue.notice_failed', { incident: true, message: claim.mail.id, kind, why: reasonOf(cause) });
    return [];
  }
}
