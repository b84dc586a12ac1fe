/**
 * Mail of ours that we can't read. A store that is slow or busy may have it later; content that is gone, damaged or without its key comes
 * back from a backup only, and until then another attempt is no use: a person must know (H5).
 */
import type { Claim } from '#/model/index.ts';
import { Fault, type FaultCode } from '#/model/index.ts';
import type { Log } from '#/ports/index.ts';
import type { Verdict } from './job.ts';

const DETAILS: ReadonlyMap<FaultCode, string> = new Map([
  ['body.missing', 'its content is missing on our disk; restore it from a backup, then release it'],
  ['body.damaged', 'its content is damaged on our disk; restore it from a backup, then release it'],
  ['key.missing', 'the key that opens its content is missing; restore it from a backup, then release it'],
]);

/** What becomes of its recipients: held where only a person can help, which is logged as an incident; else tried again later. */
export function unreadable({ mail, recipients }: Claim, error: unknown, log: Log): Verdict {
  const why = error instanceof Fault ? error.code : String(error);
  const detail = error instanceof Fault ? DETAILS.get(error.code) : undefined;
  if (detail === undefined) {
    log.warn('outbound.content-unread', { message: mail.id, why });
    return { kind: 'untried', soon: false };
  }
  log.error('outbound.content-lost', { incident: true, message: mail.id, recipients: recipients.length, why });
  return { kind: 'decided', outcome: { kind: 'held', reason: 'set-aside', detail } };
}
