/** DATA (RFC 5321 §4.1.1.4) and BDAT (RFC 3030 §2): the body follows. */
import { type Command, type Reply, replies } from '#/codec/smtp/index.ts';
import { openLarge } from '../acceptance.ts';
import type { Answer } from '../answer.ts';
import { Content } from '../content.ts';
import type { Session } from '../session.ts';
import type { Transaction } from '../transaction.ts';

type Bdat = Extract<Command, { verb: 'BDAT' }>;

export function data(session: Session): Answer {
  const ready = readyForBody(session);
  if ('code' in ready) return ready;
  if (ready.chunked) return replies.chunksBegun;
  begin(ready, session);
  return { reply: replies.startMailInput, follows: { kind: 'data' } };
}

/** The octets follow at once, wanted or not; so the reply follows them. */
export function bdat({ size, last }: Bdat, session: Session): Answer {
  const ready = readyForBody(session);
  const refusal = 'code' in ready ? ready : null;
  if (!('code' in ready)) {
    ready.chunked = true;
    begin(ready, session);
  }
  return { reply: null, follows: { kind: 'chunk', size, last, refusal } };
}

function readyForBody({ transaction, world }: Session): Transaction | Reply {
  if (transaction === null) return replies.mailFirst;
  // RFC 5321 §3.3: 554 where all recipients were refused, 503 where none was named.
  if (!transaction.hasRecipients) return transaction.asked > 0 ? replies.noValidRecipients : replies.rcptFirst;
  return transaction.content === null && world.budget.exhausted ? replies.tryLater : transaction;
}

function begin(transaction: Transaction, session: Session): void {
  transaction.content ??= new Content(session.world.budget, () => openLarge(session, transaction));
}
