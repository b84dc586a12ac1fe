/**
 * Mail of ours that we can't read. A store that is slow or busy may have it soon; one that is away has it when it is back, and until then
 * the mail waits as for a peer, so that its trace says why. Content that is gone, damaged or without its key comes back from a backup
 * only, and until then another attempt is no use: a person must know (H5).
 */
import type { Claim } from '#/model/index.ts';
import { Fault, type FaultCode, isFault } from '#/model/index.ts';
import type { Log } from '#/ports/index.ts';
import type { Verdict } from './job.ts';
import { localReply } from './local-reply.ts';

const DETAILS: ReadonlyMap<FaultCode, string> = new Map([
  ['body.missing', 'its content is missing on our disk; restore it from a backup, then release it'],
  ['body.damaged', 'its content is damaged on our disk; restore it from a backup, then release it'],
  ['key.missing', 'the key that opens its content is missing; restore it from a backup, then release it'],
]);

/** No peer's answer: its mail is not begun there. */
const AWAY = localReply(0, '4.3.0', 'our store of large content does not answer; it is tried again by itself');

/** What becomes of its recipients: held where only a person can help, which is logged as an incident; else tried again. */
export function unreadable({ mail, recipients }: Claim, error: unknown, log: Log): Verdict {
  const why = error instanceof Fault ? error.code : String(error);
  const detail = error instanceof Fault ? DETAILS.get(error.code) : undefined;
  if (detail === undefined) {
    log.warn('outbound.content-unread', { message: mail.id, why });
    return isFault(error, 'store.unavailable') ? { kind: 'later', reply: AWAY } : { kind: 'untried', soon: false };
  }
  log.error('outbound.content-lost', { incident: true, message: mail.id, recipients: recipients.length, why });
  return { kind: 'decided', outcome: { kind: 'held', reason: 'set-aside', detail } };
}
