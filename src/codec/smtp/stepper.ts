/**
 * SMTP as a server reads it: octets go in, steps come out. No socket, no clock, no engine; the session above asks for the
 * next step, does what it says, and tells the stepper what the dialogue has come to.
 *
 *                 ┌──────────────── a line ends, a body ends ────────────────┐
 *                 ▼                                                          │
 *   feed ──▶  command  ── expectAuth() ───────▶ auth      one line of SASL ──┤
 *                 │    ── expectData() ───────▶ data      until CRLF . CRLF ─┤
 *                 │    ── expectChunk(n, …) ──▶ chunk     n octets ──────────┤
 *                 │    ── the line is too long ▶ overlong  until CRLF ───────┘
 *                 └────── refuse with hangUp ─▶ closed    reads nothing more
 *
 * Moves of the session: `feed` what arrived, then `next` until it says `hungry`. Body octets come as views of what was fed,
 * unstuffed; if a body ends in `refuse`, what was handed out of it is void.
 *
 * What must never happen:
 * - two readings of one stream: however it is cut into pieces, the steps are the same;
 * - an end of mail anywhere but at CRLF . CRLF, or a command taken from a line that CRLF does not end (SMTP smuggling);
 * - memory by the peer's leave: after `hungry` no more is kept than one line within its limit.
 *
 * Carries RFC 5321 §2.3.8, §4.1.1.4, §4.5.2, §4.5.3; RFC 3030 §2; RFC 4954 §4; H3 (what gets a 250 is what was sent), M1, B3.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { BodyScanner } from './body-scanner.ts';
import {
  authLineBytesMax,
  bodyWindowBytes,
  commandLineBytesMax,
  drainBytesMax,
  overlongLineBytesMax,
} from './limits.ts';
import { type Parsed, parseCommand } from './parse-command.ts';
import * as replies from './replies.ts';
import type { Reply } from './reply.ts';

/** What the session is to do next. */
export type Step =
  /** A command, or the refusal that its line earned; after `hangUp`, answer and close. */
  | Parsed
  /** The answer to an AUTH challenge, as it stands (RFC 4954 §4). */
  | { readonly kind: 'line'; readonly text: string }
  /** Octets of the body, in order: a view of what was fed. */
  | { readonly kind: 'chunk'; readonly bytes: Buffer }
  /** The body of DATA, or the chunk of BDAT, is whole. Where it must be refused, `refuse` comes instead. */
  | { readonly kind: 'end' }
  /** Nothing more to do before more is fed. */
  | { readonly kind: 'hungry' };

const hungry: Step = { kind: 'hungry' };
const end: Step = { kind: 'end' };
const empty: Buffer = Buffer.alloc(0);

const LF = 0x0a;
const CR = 0x0d;
/** First octet of a TLS handshake (RFC 8446 §5.1): no command begins so. */
const TLS_HANDSHAKE = 0x16;
/** RFC 5321 §4.1.2: no command and no argument has any. */
const controls = /[\0-\x1f\x7f]/;

export class SmtpStepper {
  readonly #bodyBytesMax: number;
  readonly #drainTo: number;
  #mode: 'command' | 'auth' | 'data' | 'chunk' | 'overlong' | 'closed' = 'command';
  #input: Buffer = empty;
  #at = 0;
  /** The refusal that waits for the end of an overlong line, and how much of the line has gone by. */
  #overlong = { reply: replies.lineTooLong, bytes: 0 };
  #body: BodyScanner;
  /** Octets of the body that went by, dots included. */
  #wireBytes = 0;
  #chunkBytesLeft = 0;
  #chunkIsLast = false;

  /** `bodyBytesMax`: the largest content that will be taken; beyond it the body is read, dropped and refused (RFC 1870 §6.3). */
  constructor(settings: { readonly bodyBytesMax: number }) {
    this.#bodyBytesMax = settings.bodyBytesMax;
    // Dots add at most a third of the content: one to a line, and a line that has one is three octets or more.
    this.#drainTo = settings.bodyBytesMax * 1.5 + drainBytesMax;
    this.#body = new BodyScanner({ dots: false, bytesMax: settings.bodyBytesMax });
  }

  /** Takes what the peer sent. Ask for steps until `hungry` before feeding again, or the rest is copied together. */
  feed(chunk: Buffer): void {
    if (this.#mode === 'closed') return;
    this.#input = this.buffered() === 0 ? chunk : Buffer.concat([this.#input.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /** Octets that were fed and not yet read. After STARTTLS there must be none (RFC 3207 §4). */
  buffered(): number {
    return this.#input.length - this.#at;
  }

  /** Forgets all that was fed, and the dialogue with it: TLS begins (RFC 3207 §4.2). */
  discard(): void {
    this.#release();
    this.#mode = 'command';
    this.#beginBody(false);
  }

  /** The session has answered 354: a body follows. */
  expectData(): void {
    this.#beginBody(true);
    this.#mode = 'data';
  }

  /** A BDAT command was read: its octets follow at once, whether the session wants them or not (RFC 3030 §2). */
  expectChunk(size: number, last: boolean): void {
    this.#chunkBytesLeft = size;
    this.#chunkIsLast = last;
    this.#mode = 'chunk';
  }

  /** The session has answered 334: one line of SASL follows. */
  expectAuth(): void {
    this.#mode = 'auth';
  }

  /** The next step of the dialogue. */
  next(): Step {
    switch (this.#mode) {
      case 'command':
      case 'auth':
        return this.#line();
      case 'data':
        return this.#data();
      case 'chunk':
        return this.#chunk();
      case 'overlong':
        return this.#skipLine();
      case 'closed':
        return hungry;
    }
  }

  #line(): Step {
    if (this.#mode === 'command' && this.#input[this.#at] === TLS_HANDSHAKE) return this.#hangUp(replies.plainTextPort);
    const lineBytesMax = this.#lineBytesMax();
    const lineFeed = this.#input.indexOf(LF, this.#at);
    const bytes = (lineFeed < 0 ? this.#input.length : lineFeed + 1) - this.#at;
    if (bytes > lineBytesMax) return this.#beginSkipping();
    if (lineFeed < 0) return this.#wait();
    // RFC 5321 §2.3.8. Going on after a bare LF would run commands that someone smuggled into a line of someone else's.
    if (bytes < 2 || this.#input[lineFeed - 1] !== CR) return this.#hangUp(replies.bareLineEnd);
    const line = this.#input.subarray(this.#at, lineFeed - 1);
    this.#at = lineFeed + 1;
    return this.#read(line);
  }

  #read(line: Buffer): Step {
    const wasAuth = this.#mode === 'auth';
    this.#mode = 'command';
    const ascii = isAscii(line);
    // RFC 6531 §3.1: what is not ASCII is UTF-8.
    if (!ascii && !isUtf8(line)) return { kind: 'refuse', reply: replies.notUtf8, hangUp: false };
    const text = ascii ? line.toString('latin1') : line.toString('utf8');
    if (controls.test(text)) return { kind: 'refuse', reply: replies.controlInLine, hangUp: false };
    if (wasAuth) return { kind: 'line', text };
    const step = parseCommand(text);
    if (step.kind === 'refuse') return step.hangUp ? this.#hangUp(step.reply) : step;
    // A new transaction: nothing of an earlier body, cut short by RSET or EHLO, may colour the next one.
    if (step.command.verb === 'MAIL') this.#beginBody(false);
    return step;
  }

  /** RFC 4954 §4.1 lets AUTH, which may carry its first answer, be longer than other commands. */
  #lineBytesMax(): number {
    if (this.#mode === 'auth') return authLineBytesMax;
    const isAuth =
      this.buffered() > commandLineBytesMax &&
      this.#input.toString('latin1', this.#at, this.#at + 5).toUpperCase() === 'AUTH ';
    return isAuth ? authLineBytesMax : commandLineBytesMax;
  }

  #beginSkipping(): Step {
    const isAuth = this.#lineBytesMax() === authLineBytesMax;
    this.#overlong = { reply: isAuth ? replies.authLineTooLong : replies.lineTooLong, bytes: 0 };
    this.#mode = 'overlong';
    return this.#skipLine();
  }

  /** One answer to one line, however long; but a line without end is no line. */
  #skipLine(): Step {
    const found = this.#input.indexOf('\r\n', this.#at, 'latin1');
    // A CR at the end may be the first half of the CRLF: it stays.
    const half = found < 0 && this.#input[this.#input.length - 1] === CR ? 1 : 0;
    const until = found < 0 ? this.#input.length - half : found + 2;
    this.#overlong.bytes += until - this.#at;
    this.#at = until;
    if (this.#overlong.bytes > overlongLineBytesMax) return this.#hangUp(this.#overlong.reply);
    if (found < 0) return this.#wait();
    this.#mode = 'command';
    return { kind: 'refuse', reply: this.#overlong.reply, hangUp: false };
  }

  #data(): Step {
    for (;;) {
      if (this.#body.ended) return this.#endOfBody();
      const window = this.#window(this.#drainTo - this.#wireBytes);
      if (window.length === 0) return this.#wireBytes >= this.#drainTo ? this.#hangUp(this.#tooLarge()) : this.#wait();
      const content = this.#take(window);
      if (content.length > 0) return { kind: 'chunk', bytes: content };
    }
  }

  #chunk(): Step {
    if (this.#wireBytes + this.#chunkBytesLeft > this.#drainTo) return this.#hangUp(this.#tooLarge());
    while (this.#chunkBytesLeft > 0) {
      const window = this.#window(this.#chunkBytesLeft);
      if (window.length === 0) return this.#wait();
      this.#chunkBytesLeft -= window.length;
      const content = this.#take(window);
      if (content.length > 0) return { kind: 'chunk', bytes: content };
    }
    if (this.#chunkIsLast) this.#body.finish();
    return this.#endOfBody();
  }

  /** The next piece of the body that is there, at most `bytesMax` of it. */
  #window(bytesMax: number): Buffer {
    return this.#input.subarray(this.#at, this.#at + Math.min(bytesMax, bodyWindowBytes));
  }

  /** Reads a window of the body; the content in it, nothing where the body is condemned. */
  #take(window: Buffer): Buffer {
    const { used, content } = this.#body.scan(window);
    this.#at += used;
    this.#wireBytes += used;
    return this.#body.fault === null ? content : empty;
  }

  #endOfBody(): Step {
    const fault = this.#body.fault;
    // The chunks of one message share their line rules and their fault; its last one ends both.
    if (this.#mode === 'data' || this.#chunkIsLast) this.#beginBody(false);
    this.#mode = 'command';
    return fault === null ? end : { kind: 'refuse', reply: fault, hangUp: false };
  }

  #beginBody(dots: boolean): void {
    this.#body = new BodyScanner({ dots, bytesMax: this.#bodyBytesMax });
    this.#wireBytes = 0;
  }

  #tooLarge(): Reply {
    return this.#body.fault ?? replies.tooLarge(this.#bodyBytesMax);
  }

  /** Keeps what is left in memory of its own, lest half a line hold a whole packet. */
  #wait(): Step {
    if (this.buffered() === 0) this.#release();
    else if (this.#at > 0) {
      this.#input = Buffer.from(this.#input.subarray(this.#at));
      this.#at = 0;
    }
    return hungry;
  }

  #hangUp(reply: Reply): Step {
    this.#release();
    this.#mode = 'closed';
    return { kind: 'refuse', reply, hangUp: true };
  }

  #release(): void {
    this.#input = empty;
    this.#at = 0;
  }
}
