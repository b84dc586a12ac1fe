/**
 * POP3 as a server reads it: octets go in, steps come out. No socket, no clock, no engine.
 *
 *              ┌───────────────── a line ends ──────────────────┐
 *              ▼                                                │
 *   feed ──▶ command ── expectSasl() ─────────▶ sasl  one line ─┤
 *              │     ── the line is too long ─▶ overlong ───────┘
 *              └──── refuse with hangUp ─▶ closed: reads nothing more
 *
 * Moves of the session: `feed` what arrived, then `next` until it says `hungry`.
 *
 * What must never happen: two readings of one stream, however it is cut into pieces; memory by the peer's leave: after `hungry` no more is
 * kept than one line within its limit; anything heard before TLS believed after it (`discard`).
 *
 * Departs from RFC 1939 §3 in one thing: a line may end with LF alone. Commands come from the client only, so there is nobody
 * whose words could be smuggled into somebody else's, and people test with what is at hand.
 *
 * Carries RFC 1939 §3, RFC 2449 §4, RFC 5034 §4, RFC 6856 §2.2; B3.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { authLineBytesMax, commandLineBytesMax, overlongLineBytesMax } from './limits.ts';
import { type Parsed, parseCommand } from './parse-command.ts';
import * as replies from './replies.ts';
import type { Reply } from './reply.ts';

/** What the session is to do next. */
export type Step =
  | Parsed
  /** The answer to a SASL challenge, as it stands. */
  | { readonly kind: 'line'; readonly text: string }
  /** Nothing more to do before more is fed. */
  | { readonly kind: 'hungry' };

const hungry: Step = { kind: 'hungry' };
const empty: Buffer = Buffer.alloc(0);

const LF = 0x0a;
const CR = 0x0d;
/** First octet of a TLS handshake (RFC 8446 §5.1): no command begins so. */
const TLS_HANDSHAKE = 0x16;
/** No command and no argument has any. */
const controls = /[\0-\x1f\x7f]/;

export class Pop3Stepper {
  #mode: 'command' | 'sasl' | 'overlong' | 'closed' = 'command';
  #input: Buffer = empty;
  #at = 0;
  /** Of a line that is too long: the refusal that waits for its end, and how much of it has gone by. */
  #refusal: Reply = replies.lineTooLong;
  #skippedBytes = 0;

  /** Takes what the peer sent. Ask for steps until `hungry` before feeding again, or the rest is copied together. */
  feed(chunk: Buffer): void {
    if (this.#mode === 'closed') return;
    this.#input = this.buffered() === 0 ? chunk : Buffer.concat([this.#input.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /** Octets that were fed and not yet read. After STLS there must be none (RFC 2595 §4). */
  buffered(): number {
    return this.#input.length - this.#at;
  }

  /** Forgets all that was fed, and the dialogue with it: TLS begins. */
  discard(): void {
    this.#release();
    this.#mode = 'command';
  }

  /** The session has sent a challenge: one line of SASL follows. */
  expectSasl(): void {
    this.#mode = 'sasl';
  }

  /** The next step of the dialogue. */
  next(): Step {
    if (this.#mode === 'closed') return hungry;
    return this.#mode === 'overlong' ? this.#skipLine() : this.#line();
  }

  #line(): Step {
    if (this.#mode === 'command' && this.#input[this.#at] === TLS_HANDSHAKE) return this.#hangUp(replies.plainTextPort);
    const lineFeed = this.#input.indexOf(LF, this.#at);
    const bytes = (lineFeed < 0 ? this.#input.length : lineFeed + 1) - this.#at;
    const bytesMax = this.#lineBytesMax();
    if (bytes > bytesMax) return this.#beginSkipping(bytesMax);
    if (lineFeed < 0) return this.#wait();
    const ended = lineFeed > this.#at && this.#input[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
    const line = this.#input.subarray(this.#at, ended);
    this.#at = lineFeed + 1;
    return this.#read(line);
  }

  #read(line: Buffer): Step {
    const wasSasl = this.#mode === 'sasl';
    this.#mode = 'command';
    const ascii = isAscii(line);
    // RFC 6856 §2.2: what is not ASCII is UTF-8.
    if (!ascii && !isUtf8(line)) return { kind: 'refuse', reply: replies.notUtf8, hangUp: false };
    const text = ascii ? line.toString('latin1') : line.toString('utf8');
    if (controls.test(text)) return { kind: 'refuse', reply: replies.controlInLine, hangUp: false };
    if (wasSasl) return { kind: 'line', text };
    const step = parseCommand(text);
    return step.kind === 'refuse' && step.hangUp ? this.#hangUp(step.reply) : step;
  }

  /** AUTH, which may carry its first answer, may be longer than other commands. */
  #lineBytesMax(): number {
    if (this.#mode === 'sasl') return authLineBytesMax;
    const isAuth =
      this.buffered() > commandLineBytesMax &&
      this.#input.toString('latin1', this.#at, this.#at + 5).toUpperCase() === 'AUTH ';
    return isAuth ? authLineBytesMax : commandLineBytesMax;
  }

  #beginSkipping(bytesMax: number): Step {
    this.#refusal = bytesMax === authLineBytesMax ? replies.authLineTooLong : replies.lineTooLong;
    this.#skippedBytes = 0;
    this.#mode = 'overlong';
    return this.#skipLine();
  }

  /** One answer to one line, however long; but a line without end is no line. */
  #skipLine(): Step {
    const lineFeed = this.#input.indexOf(LF, this.#at);
    const until = lineFeed < 0 ? this.#input.length : lineFeed + 1;
    this.#skippedBytes += until - this.#at;
    this.#at = until;
    if (this.#skippedBytes > overlongLineBytesMax) return this.#hangUp(this.#refusal);
    if (lineFeed < 0) return this.#wait();
    this.#mode = 'command';
    return { kind: 'refuse', reply: this.#refusal, hangUp: false };
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
