/**
 * STAT, LIST and UIDL (RFC 1939 §5 and §7): the maildrop as it was at sign-in, without what is marked. All of it is in memory before the
 * first word of a list is said, so a list is whole, or the connection was lost (O5).
 */
import { type Command, type Reply, replies } from '#/codec/pop3/index.ts';
import type { Answer } from '../answer.ts';
import type { Maildrop } from '../maildrop.ts';

/** Octets of a list that are made in one go: large enough to be cheap, small enough to leave the loop to others. */
const LIST_PIECE_BYTES = 32 * 1024;

export function stat(drop: Maildrop): Answer {
  return replies.stat(drop.count, drop.bytes);
}

export function list({ message }: Extract<Command, { verb: 'LIST' | 'UIDL' }>, drop: Maildrop): Answer {
  const whole = replies.listFollows(drop.count, drop.bytes);
  return listing(message, drop, whole, (number) => drop.size(number));
}

export function uidl({ message }: Extract<Command, { verb: 'LIST' | 'UIDL' }>, drop: Maildrop): Answer {
  return listing(message, drop, replies.uidlFollows, (number) => drop.uidl(number));
}

function listing(
  message: number | null,
  drop: Maildrop,
  whole: Reply,
  describe: (message: number) => number | string,
): Answer {
  if (message === null) return { kind: 'part', reply: whole, pieces: lines(drop, describe) };
  return refusalOf(message, drop) ?? replies.one(message, describe(message));
}

/** Why there is nothing to say of a message; null where there is. */
export function refusalOf(message: number, drop: Maildrop): Reply | null {
  if (!drop.has(message)) return replies.noSuchMessage;
  return drop.isMarked(message) ? replies.markedAlready : null;
}

/** No command is read before the list is over, so no mark changes under it. */
function* lines(drop: Maildrop, describe: (message: number) => number | string): Generator<string> {
  let piece = '';
  for (let message = 1; message <= drop.last; message++) {
    if (drop.isMarked(message)) continue;
    piece += `${message} ${describe(message)}\r\n`;
    if (piece.length < LIST_PIECE_BYTES) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}.\r\n`;
}
