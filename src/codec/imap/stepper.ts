/**
 * IMAP as a server reads it: octets go in, steps come out. No socket, no clock, no engine; the session above asks for the
 * next step, does what it says, and tells the stepper what the dialogue has come to.
 *
 *                 ┌─────────────────── a command ends ─────────────────────┐
 *                 ▼                                                        │
 *   feed ──▶   line   ── ends in {n} ──────────▶ literal  n octets, then the line goes on
 *                 │    ── APPEND: ends in {n} ─▶ message  n octets handed on, then the line goes on
 *                 │    ── expectLine(tag) ─────▶ raw      one line of SASL, or DONE ─┤
 *                 │    ── refused, abandon() ──▶ skip     to the command's end ──────┤
 *                 └────── refuse with hangUp ──▶ closed   reads nothing more
 *
 * Moves of the session: `feed` what arrived, then `next` until it says `hungry`. At `continue`, and at `append` where `synchronizing`,
 * it answers `+` and goes on, or answers the tag and says `abandon`. A message of APPEND comes as `append`, `chunk`s (views of what was fed)
 * and `end`; its command comes when all have come. If `refuse` comes instead, what was handed out of that APPEND is void.
 *
 * What must never happen:
 * - two readings of one stream: however it is cut into pieces, the steps are the same, and octets of a literal are never a command, except
 *   those that a client sends though its literal was refused before it was let;
 * - memory by the peer's leave: after `hungry` no more is kept than one command within its limit, and none of it is allotted
 *   because a literal was announced;
 * - an octet that came before TLS read after it.
 *
 * Departs from RFC 9051 §2.2: a lone LF ends a line too, and empty lines are passed over; clients send both (M1).
 * Carries RFC 9051 §2.2, §4.3, §6.3.12; RFC 3502; RFC 3516 §4; RFC 6855 §4; RFC 7888; B3, M1.
 */
import type { MailboxName } from '#/model/index.ts';
import type { AppendHead } from './command.ts';
import { Inflow } from './inflow.ts';
import {
  appendMailsMax,
  commandBytesMax,
  drainBytesMax,
  literalsMax,
  refusalsMax,
  saslLineBytesMax,
  setCommandBytesMax,
  strangerCommandBytesMax,
  strangerDrainBytesMax,
  strangerRefusalsMax,
} from './limits.ts';
import { type Literal, literalOf, textEnd } from './literal.ts';
import {
  answerTo,
  isKnown,
  type Parsed,
  parseCommand,
  parseOpening,
  type Refused,
  refuse,
  refuseUnknown,
} from './parse.ts';
import { type Announced, readAppend, readAppendHead } from './read-append.ts';
import { Reader } from './reader.ts';
import * as replies from './replies.ts';
import type { Reply } from './reply.ts';
import { Skipper } from './skipper.ts';

/** What the session is to do next. */
export type Step =
  /** A command, or the refusal that it earned; after `hangUp`, answer and close. */
  | Parsed
  /** The client waits for `+` before it sends a literal. */
  | { readonly kind: 'continue'; readonly tag: string }
  /** A message of `bytes` octets is to come; where `synchronizing`, the client waits for `+`. */
  | {
      readonly kind: 'append';
      readonly tag: string;
      readonly mailbox: MailboxName;
      readonly head: AppendHead;
      readonly bytes: number;
      readonly synchronizing: boolean;
    }
  /** Octets of the message, in order: a view of what was fed. */
  | { readonly kind: 'chunk'; readonly bytes: Buffer }
  /** The message is whole. */
  | { readonly kind: 'end' }
  /** A line that is no command, as it stands, each octet a character. */
  | { readonly kind: 'line'; readonly text: string }
  /** Nothing more to do before more is fed. */
  | { readonly kind: 'hungry' };

interface AppendUnderWay {
  readonly tag: string;
  readonly mailbox: MailboxName;
  readonly mails: AppendHead[];
  /** The message that came last stands in `UTF8 (…)`. */
  wrapped: boolean;
}

const hungry: Step = { kind: 'hungry' };
const end: Step = { kind: 'end' };
const empty: Buffer = Buffer.alloc(0);
const beginBytes = 256;

/** First octet of a TLS handshake (RFC 8446 §5.1): no command begins so. */
const TLS_HANDSHAKE = 0x16;
/** They name messages one by one. */
const setCommands = /^(?:UID |FETCH$|STORE$|COPY$|MOVE$|SEARCH$|SORT$|THREAD$)/;

export class ImapStepper {
  #mode: 'line' | 'literal' | 'message' | 'raw' | 'skip' | 'closed' = 'line';
  #signedIn = false;
  #utf8 = false;
  readonly #inflow = new Inflow();
  #literals = 0;
  /** Octets of the literal that are still to come. */
  #left = 0;
  /** The client waits for the session's `+`; until then it sends nothing. */
  #waits = false;
  #append: AppendUnderWay | null = null;
  readonly #skipper = new Skipper();
  /** The answer at the end of a command that is skipped; null where the session has answered. */
  #answer: Refused | null = null;
  /** Of the command that has asked for a raw line. */
  #rawTag = '';
  #refusals = 0;

  /** Somebody has signed in: the bounds of people apply. */
  signIn(): void {
    this.#signedIn = true;
  }

  /** The client has enabled IMAP4rev2 or UTF8=ACCEPT: names are UTF-8 from the next command on (RFC 9051 §6.3.1, RFC 6855 §3). */
  enableUtf8(): void {
    this.#utf8 = true;
  }

  /** Takes what the client sent. Ask for steps until `hungry` before feeding again, or the rest is copied together. */
  feed(piece: Buffer): void {
    if (this.#mode !== 'closed') this.#inflow.feed(piece);
  }

  /** Octets that were fed and not yet read. After STARTTLS there must be none (RFC 9051 §6.2.1). */
  buffered(): number {
    return this.#inflow.buffered;
  }

  /** Forgets all that was fed, and the command with it: TLS begins. */
  discard(): void {
    this.#inflow.release();
    if (this.#mode !== 'closed') this.#endCommand();
  }

  /** One line that is no command follows: an answer of SASL (RFC 9051 §6.2.2), or DONE (RFC 2177 §3). `tag` is that of its command. */
  expectLine(tag: string): void {
    this.#rawTag = tag;
    this.#mode = 'raw';
  }

  /** The session has answered the command that is being read, and wants no more of it. What the client sends of it all the same is skipped. */
  abandon(): void {
    // RFC 9051 §4.3: a client that is refused before it sends a literal sends neither it nor the rest.
    if (this.#waits) this.#endCommand();
    else if (this.#append !== null || this.#inflow.held > 0) this.#beginSkip(this.#left, null);
    this.#waits = false;
  }

  /** The next step of the dialogue. */
  next(): Step {
    this.#waits = false;
    let step = this.#move();
    while (step === null) step = this.#move();
    if (step.kind === 'command') this.#refusals = 0;
    return step.kind === 'refuse' ? this.#refuse(step) : step;
  }

  /** One move; null where it leads to no step. */
  #move(): Step | null {
    switch (this.#mode) {
      case 'line':
        return this.#line();
      case 'raw':
        return this.#rawLine();
      case 'literal':
        return this.#literal();
      case 'message':
        return this.#message();
      case 'skip':
        return this.#skip();
      case 'closed':
        return hungry;
    }
  }

  #line(): Step | null {
    const begins = this.#inflow.held === 0 && this.#append === null;
    if (begins && this.#inflow.first === TLS_HANDSHAKE) return refuse(null, replies.plainTextPort);
    const line = this.#inflow.readLine(() => this.#commandBytesMax());
    if (line === 'hungry') return this.#wait();
    if (line === 'long')
      return this.#beginSkip(0, refuse(this.#append?.tag ?? parseOpening(this.#inflow.begin()).tag, replies.tooLong));
    const literal = literalOf(line, this.#inflow.lineFrom);
    if (this.#append !== null) return this.#appendGoesOn(this.#append, line, literal);
    return literal === null ? this.#commandEnds(line) : this.#literalFollows(line, literal);
  }

  #rawLine(): Step | null {
    const line = this.#inflow.readLine(() => saslLineBytesMax);
    if (line === 'hungry') return this.#wait();
    if (line === 'long') return this.#beginSkip(0, refuse(this.#rawTag, replies.saslLineTooLong));
    const text = line.toString('latin1', 0, textEnd(line, 0));
    this.#endCommand();
    return { kind: 'line', text };
  }

  #commandBytesMax(): number {
    const name = this.#append === null ? parseOpening(this.#inflow.begin()).name : 'APPEND';
    if (name === 'AUTHENTICATE') return saslLineBytesMax;
    if (!this.#signedIn) return strangerCommandBytesMax;
    return setCommands.test(name) ? setCommandBytesMax : commandBytesMax;
  }

  #commandEnds(line: Buffer): Step | null {
    const text = line.toString('latin1', 0, textEnd(line, this.#inflow.lineFrom));
    this.#endCommand();
    return text.trim() === '' ? null : parseCommand(text, this.#utf8);
  }

  #literalFollows(line: Buffer, literal: Literal): Step | null {
    const opening = parseOpening(line.toString('latin1', 0, beginBytes));
    const { tag, name } = opening;
    // RFC 9051 §4.3: what is no command is refused before its literal is asked for.
    if (tag === null || !isKnown(name))
      return this.#refuseAt(literal, refuseUnknown(line.toString('latin1', 0, literal.at)));
    if (name === 'APPEND') return this.#appendBegins(tag, opening.end, line, literal);
    return this.#takeLiteral(tag, line, literal);
  }

  #takeLiteral(tag: string, line: Buffer, literal: Literal): Step | null {
    this.#inflow.keep(line);
    if (literal.binary) return this.#refuseAt(literal, refuse(tag, replies.binaryLiteral));
    if (++this.#literals > literalsMax) return this.#refuseAt(literal, refuse(tag, replies.tooManyLiterals));
    const room = Math.min(this.#commandBytesMax() - this.#inflow.held, commandBytesMax);
    if (literal.bytes > room) return this.#refuseAt(literal, refuse(tag, replies.tooLong));
    this.#expectOctets('literal', literal);
    return literal.synchronizing ? { kind: 'continue', tag } : null;
  }

  #expectOctets(mode: 'literal' | 'message', literal: Literal): void {
    this.#mode = mode;
    this.#left = literal.bytes;
    this.#waits = literal.synchronizing;
  }

  #literal(): Step | null {
    const piece = this.#takeOctets();
    this.#inflow.keepOctets(piece);
    if (this.#left === 0) this.#mode = 'line';
    else if (piece.length === 0) return this.#wait();
    return null;
  }

  #appendBegins(tag: string, argumentsFrom: number, line: Buffer, literal: Literal): Step | null {
    if (!this.#signedIn) return this.#refuseAt(literal, refuse(tag, replies.signInFirst));
    const reader = new Reader(line.toString('latin1', 0, literal.at), this.#utf8, argumentsFrom);
    const announced = readAppend(reader);
    if (announced === null && reader.fault === null) return this.#takeLiteral(tag, line, literal);
    const mailbox = announced?.mailbox ?? ('INBOX' as MailboxName);
    return this.#announce({ tag, mailbox, mails: [], wrapped: false }, announced, reader.fault, literal);
  }

  #appendGoesOn(append: AppendUnderWay, line: Buffer, literal: Literal | null): Step | null {
    const reader = new Reader(line.toString('latin1', 0, literal?.at ?? textEnd(line, 0)), this.#utf8);
    if (append.wrapped) reader.expect(')');
    if (literal !== null) return this.#announce(append, readAppendHead(reader), reader.fault, literal);
    reader.end();
    this.#endCommand();
    const { tag, mailbox, mails } = append;
    if (reader.fault !== null) return refuse(tag, answerTo(reader.fault, 'APPEND'));
    return { kind: 'command', tag, command: { name: 'APPEND', mailbox, mails } };
  }

  #announce(
    append: AppendUnderWay,
    announced: Omit<Announced, 'mailbox'> | null,
    fault: Reply | 'form' | null,
    literal: Literal,
  ): Step | null {
    const { tag, mailbox, mails } = append;
    const { bytes, synchronizing } = literal;
    const refusal = fault === null ? refusalOf(literal, mails.length) : answerTo(fault, 'APPEND');
    if (announced === null || refusal !== null) return this.#refuseAt(literal, refuse(tag, refusal ?? replies.noTag));
    this.#inflow.endCommand();
    mails.push(announced.head);
    this.#append = { ...append, wrapped: announced.wrapped };
    this.#expectOctets('message', literal);
    return { kind: 'append', tag, mailbox, head: announced.head, bytes, synchronizing };
  }

  #message(): Step {
    if (this.#left === 0) {
      this.#mode = 'line';
      return end;
    }
    const bytes = this.#takeOctets();
    return bytes.length === 0 ? this.#wait() : { kind: 'chunk', bytes };
  }

  /** The next piece of the literal that is there. */
  #takeOctets(): Buffer {
    const piece = this.#inflow.takeOctets(this.#left);
    this.#left -= piece.length;
    return piece;
  }

  /** Refuses a command whose line announces a literal: what doesn't wait for our word is on its way. */
  #refuseAt(literal: Literal, refused: Refused): Step | null {
    if (!literal.synchronizing && !refused.hangUp) return this.#beginSkip(literal.bytes, refused, true);
    this.#endCommand();
    return refused;
  }

  /** Skips so many octets of a literal and what follows of the command; `lineIsOver`: the line before them is whole. */
  #beginSkip(octets: number, answer: Refused | null, lineIsOver = false): null {
    this.#skipper.begin({
      octets,
      line: lineIsOver || octets > 0 ? empty : this.#inflow.unfinishedLine(),
      skipped: lineIsOver ? 0 : this.#inflow.held,
      bytesMax: this.#signedIn ? drainBytesMax : strangerDrainBytesMax,
      literals: this.#mode !== 'raw',
    });
    this.#endCommand();
    this.#answer = answer;
    this.#mode = 'skip';
    return null;
  }

  #skip(): Step | null {
    const came = this.#inflow.skip(this.#skipper);
    if (came === 'hungry') return this.#wait();
    if (came === 'flood') return refuse(null, replies.tooMuchRefused);
    this.#mode = 'line';
    return this.#answer;
  }

  #refuse(refused: Refused): Refused {
    const tooMany = ++this.#refusals > (this.#signedIn ? refusalsMax : strangerRefusalsMax);
    const step = tooMany ? refuse(null, replies.tooManyErrors) : refused;
    if (!step.hangUp) return step;
    this.discard();
    this.#mode = 'closed';
    return step;
  }

  /** All that was fed is read: what must be kept has memory of its own. */
  #wait(): Step {
    this.#inflow.release();
    return hungry;
  }

  #endCommand(): void {
    this.#inflow.endCommand();
    this.#literals = 0;
    this.#left = 0;
    this.#append = null;
    this.#answer = null;
    this.#mode = 'line';
  }
}

/** Why a message that is announced is not taken. */
function refusalOf(literal: Literal, mailsBefore: number): Reply | null {
  if (literal.bytes === 0) return replies.emptyMail;
  if (!Number.isFinite(literal.bytes)) return replies.literalNotANumber;
  return mailsBefore >= appendMailsMax ? replies.tooManyMails : null;
}
