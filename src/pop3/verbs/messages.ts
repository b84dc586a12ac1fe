/**
 * RETR and TOP (RFC 1939 §5 and §7): a message, octet for octet as it is stored. What another program has deleted since sign-in still
 * comes while it can be recovered.
 *
 * What must never happen: `+OK` before its first octets are there; the final dot behind less than the whole (O4). Trouble in the middle
 * closes the connection, which every client takes for what it is: not all of the message.
 */
import { type Command, MessageBody, type Reply, replies } from '#/codec/pop3/index.ts';
import { Fault, isFault } from '#/model/index.ts';
import type { Answer, Said } from '../answer.ts';
import type { OpenMaildrop, Session } from '../session.ts';
import { refusalOf } from './lists.ts';

type Retr = Extract<Command, { verb: 'RETR' | 'DELE' }>;
type Top = Extract<Command, { verb: 'TOP' }>;

export function retr({ message }: Retr, open: OpenMaildrop, session: Session): Answer {
  const { pieceBytes } = session.world.settings.limits;
  const reply = replies.messageFollows(open.drop.size(message));
  return refusalOf(message, open.drop) ?? send(new Reader(message, open, session, pieceBytes), null, reply);
}

export function top({ message, lines }: Top, open: OpenMaildrop, session: Session): Answer {
  const { topPieceBytes } = session.world.settings.limits;
  return (
    refusalOf(message, open.drop) ?? send(new Reader(message, open, session, topPieceBytes), lines, replies.topFollows)
  );
}

async function send(reader: Reader, bodyLines: number | null, reply: Reply): Promise<Said> {
  const { world } = reader.session;
  try {
    const first = await reader.next();
    return { kind: 'part', reply, pieces: pieces(first, reader, new MessageBody(bodyLines)) };
  } catch (fault) {
    const reply = replyFor(fault);
    // That others delete and that clients leave is nobody's fault.
    const isNews = reply !== replies.messageGone && !reader.session.isOver;
    if (isNews) world.log.warn('pop3.message-unread', { what: fault instanceof Error ? fault.message : 'unknown' });
    return reply;
  }
}

async function* pieces(first: Uint8Array, reader: Reader, body: MessageBody): AsyncGenerator<Buffer> {
  let stuffed = body.push(first);
  while (!reader.atEnd && !body.full) {
    yield Buffer.concat(stuffed);
    stuffed = body.push(await reader.next());
  }
  yield Buffer.concat([...stuffed, ...body.end()]);
  if (!body.full) reader.session.world.counters.retrieved.add();
}

/** The octets of one message, in order. */
class Reader {
  readonly session: Session;
  readonly #message: number;
  readonly #open: OpenMaildrop;
  readonly #pieceBytes: number;
  readonly #size: number;
  #from = 0;

  constructor(message: number, open: OpenMaildrop, session: Session, pieceBytes: number) {
    this.session = session;
    this.#message = message;
    this.#open = open;
    this.#pieceBytes = pieceBytes;
    this.#size = open.drop.size(message);
  }

  get atEnd(): boolean {
    return this.#from >= this.#size;
  }

  /** The next octets; a store that has fewer than it said is at fault. */
  async next(): Promise<Uint8Array> {
    const { account, drop } = this.#open;
    const wanted = Math.min(this.#pieceBytes, this.#size - this.#from);
    if (wanted === 0) return new Uint8Array();
    const { mailboxes } = this.session.world;
    const piece = await mailboxes.octets(account, drop.emailId(this.#message), this.#from, wanted, this.session.call());
    if (piece.length !== wanted) throw new Fault('body.damaged', 'It is shorter than its size.');
    this.#from += wanted;
    return piece;
  }
}

function replyFor(fault: unknown): Reply {
  if (isFault(fault, 'body.missing')) return replies.messageGone;
  // RFC 3206 §4.2: nothing that the user could wait for.
  const needsHelp = isFault(fault, 'body.damaged') || isFault(fault, 'key.missing');
  return needsHelp ? replies.messageUnreadable : replies.messageLater;
}
