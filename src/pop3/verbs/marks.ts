/** DELE and RSET (RFC 1939 §5): marks of this session, which become deletions at QUIT and nowhere else. */
import { type Command, replies } from '#/codec/pop3/index.ts';
import type { Answer } from '../answer.ts';
import type { Maildrop } from '../maildrop.ts';
import { refusalOf } from './lists.ts';

export function dele({ message }: Extract<Command, { verb: 'RETR' | 'DELE' }>, drop: Maildrop): Answer {
  const refusal = refusalOf(message, drop);
  if (refusal !== null) return refusal;
  drop.mark(message);
  return replies.marked(message);
}

export function rset(drop: Maildrop): Answer {
  drop.reset();
  return replies.reset(drop.count, drop.bytes);
}
