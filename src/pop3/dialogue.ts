/**
 * One connection's dialogue. The stepper says what was heard, a verb decides, and what it says is written in order; the replies of
 * commands that came together leave together (RFC 2449 §6.6).
 *
 *   reading ── a verb asks the world ─────────────▶ asking  ──▶ reading
 *      │    ── a reply has a multi-line part ─────▶ sending ──▶ reading
 *      │    ── STLS ──────────────────────────────▶ shaking hands ──▶ reading
 *      └── QUIT, too many errors, silence, the peer leaves ──▶ ended
 *
 * Only while it is reading is the next command looked at, and the socket read.
 *
 * What must never happen: anything heard in the clear believed after STLS; a final dot behind less than the whole (O4); a command taken
 * twice or while another is under way; a wait without a deadline, or octets without a bound for a peer that doesn't read (B3).
 */
import assert from 'node:assert/strict';
import { type Command, Pop3Stepper, type Reply, replies, type Step } from '#/codec/pop3/index.ts';
import type { Wire } from '#/wire/index.ts';
import type { Answer, Follow, Pieces, Said } from './answer.ts';
import { Misbehaviour } from './misbehaviour.ts';
import { Outlet } from './outlet.ts';
import type { Session } from './session.ts';
import { perform } from './verbs/index.ts';
import { isUnderPressure, type World } from './world.ts';

export class Dialogue {
  readonly #world: World;
  readonly #session: Session;
  readonly #wire: Wire;
  readonly #outlet: Outlet;
  readonly #stepper = new Pop3Stepper();
  readonly #misbehaviour: Misbehaviour;
  readonly #startedAt: number;
  /** The last whole command or its answer: single octets of a command buy no time. Monotonic ms. */
  #heardAt: number;
  #state: 'reading' | 'asking' | 'sending' | 'shaking hands' | 'ended' = 'reading';
  #expectsSasl: { readonly command: Command; readonly next: (line: string) => Answer } | null = null;
  #peerEnded = false;

  constructor(session: Session, wire: Wire) {
    const { world } = session;
    this.#world = world;
    this.#session = session;
    this.#wire = wire;
    this.#outlet = new Outlet(wire, world.settings.limits.unsentBytesMax);
    this.#misbehaviour = new Misbehaviour(world.settings.limits);
    this.#startedAt = world.now;
    this.#heardAt = world.now;
    session.flushed = () => this.#outlet.flushed();
  }

  /** Says the banner. */
  greet(): void {
    this.#say(replies.banner(this.#world.settings.hostname));
    this.#pump();
  }

  /** Takes what the peer sent. */
  hear(chunk: Buffer): void {
    if (this.#state === 'ended') return;
    this.#stepper.feed(chunk);
    this.#pump();
  }

  /** The peer has closed its side: what it said is still answered. */
  heardLast(): void {
    this.#peerEnded = true;
    if (this.#state === 'shaking hands') this.#wire.destroy();
    else this.#pump();
  }

  /** The peer has taken what was written. */
  drained(): void {
    this.#outlet.wake();
    this.#pump();
  }

  /** The connection is lost. */
  dispose(): void {
    this.#state = 'ended';
    this.#stepper.discard();
    this.#expectsSasl = null;
    this.#session.end();
    this.#outlet.wake();
  }

  /** One look at the deadlines, about once a second. */
  check(): void {
    const { now, settings } = this.#world;
    if (this.#state === 'ended') return;
    if (now > this.#startedAt + settings.limits.sessionMs) this.#wire.destroy();
    else if (!this.#session.isStillSomebody()) this.#shutOut();
    else if (this.#state === 'reading') this.#checkSilence();
    else this.#checkWork();
  }

  /** An administrator has switched the account off. */
  #shutOut(): void {
    if (this.#state === 'reading') this.#hangUp(replies.switchedOff);
    else this.#wire.destroy();
  }

  #checkSilence(): void {
    const { now, settings, closing } = this.#world;
    // RFC 1939 §3: who is silent is left without a word, and without an UPDATE.
    if (now > this.#silentUntil()) this.#end();
    else if (closing && now > this.#heardAt + settings.limits.drainSilenceMs) this.#hangUp(replies.closing);
  }

  #silentUntil(): number {
    const { commandMs, signInMs, signInMsUnderPressure } = this.#world.settings.limits;
    const silence = this.#heardAt + commandMs;
    if (this.#session.open !== null) return silence;
    return Math.min(silence, this.#startedAt + (isUnderPressure(this.#world) ? signInMsUnderPressure : signInMs));
  }

  #checkWork(): void {
    if (this.#outlet.hasMoved()) this.#session.renew(this.#world.settings.limits.unreadMs);
    if (this.#world.now <= this.#session.busyUntil) return;
    if (this.#state === 'asking') this.#hangUp(replies.overloaded);
    else this.#wire.destroy();
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────

  #pump(): void {
    for (let step = this.#nextStep(); step !== null; step = this.#nextStep()) this.#take(step);
    this.#rest();
  }

  /** What can be done now; null where there is nothing, or it must wait. */
  #nextStep(): Step | null {
    if (this.#state !== 'reading' || this.#outlet.isFull) return null;
    const step = this.#stepper.next();
    return step.kind === 'hungry' ? null : step;
  }

  #take(step: Step): void {
    this.#heardAt = this.#world.now;
    if (step.kind === 'command') this.#answer(step.command, perform(step.command, this.#session));
    else if (step.kind === 'line') this.#saslLine(step.text);
    else if (step.kind === 'refuse') this.#refused(step.reply, step.hangUp);
  }

  #saslLine(line: string): void {
    const expected = this.#expectsSasl;
    assert(expected !== null, 'A line of SASL came that nobody asked for.');
    this.#expectsSasl = null;
    this.#answer(expected.command, expected.next(line));
  }

  #refused(reply: Reply, hangUp: boolean): void {
    this.#expectsSasl = null;
    this.#conclude(null, reply);
    if (hangUp) this.#end();
  }

  /** Writes what is ready, and reads on or lets the peer wait. */
  #rest(): void {
    if (this.#state === 'ended') return;
    this.#outlet.flush();
    if (this.#state === 'reading' && this.#peerEnded && !this.#outlet.isFull) this.#end();
    else if (this.#state === 'asking' || this.#state === 'sending' || this.#outlet.isFull) this.#wire.pause();
    else this.#wire.resume();
  }

  // ── Answering ──────────────────────────────────────────────────────────────────────────────────────────────────

  #answer(command: Command, answer: Answer): void {
    if (!(answer instanceof Promise)) {
      this.#tell(command, answer);
      return;
    }
    this.#state = 'asking';
    answer.then((said) => this.#goOn(() => this.#tell(command, said))).catch((fault: unknown) => this.#broken(fault));
  }

  /** Says what a verb decided, and prepares for what follows. */
  #tell(command: Command, said: Said): void {
    if ('ok' in said) this.#conclude(command, said);
    else this.#follow(command, said);
  }

  #follow(command: Command, follow: Follow): void {
    switch (follow.kind) {
      case 'sasl':
        this.#outlet.challenge(follow.challenge);
        this.#expectsSasl = { command, next: follow.next };
        this.#stepper.expectSasl();
        break;
      case 'part':
        this.#part(command, follow.reply, follow.pieces);
        break;
      case 'tls':
        this.#beginTls(follow.reply);
        break;
      case 'end':
        this.#hangUp(follow.reply);
        break;
    }
  }

  #conclude(command: Command | null, reply: Reply): void {
    this.#say(reply);
    if (this.#misbehaviour.counts(reply, command)) this.#hangUp(replies.tooManyErrors);
  }

  #say(reply: Reply): void {
    this.#outlet.say(reply);
    if (!reply.ok) this.#world.counters.refused.add(1, { code: reply.code ?? 'none' });
  }

  // ── Multi-line parts ───────────────────────────────────────────────────────────────────────────────────────────

  #part(command: Command, reply: Reply, pieces: Pieces): void {
    // No word may come between the status line and what it announces.
    if (this.#misbehaviour.counts(reply, command)) {
      this.#hangUp(replies.tooManyErrors);
      return;
    }
    this.#say(reply);
    this.#state = 'sending';
    this.#send(pieces).catch((fault: unknown) => this.#cutShort(fault));
  }

  async #send(pieces: Pieces): Promise<void> {
    for await (const piece of pieces) {
      if (this.#isOver()) return;
      this.#outlet.write(piece);
      if (this.#outlet.isFull) this.#session.renew(this.#world.settings.limits.unreadMs);
      await this.#outlet.room();
      if (this.#isOver()) return;
    }
    this.#goOn(() => undefined);
  }

  #isOver(): boolean {
    return this.#state === 'ended';
  }

  /** The rest of a message can't be read: without its end, nobody takes it for whole. */
  #cutShort(fault: unknown): void {
    if (this.#isOver()) return;
    this.#world.counters.cutShort.add();
    this.#world.log.warn('pop3.cut-short', { listener: this.#session.kind, what: wordsOf(fault) });
    this.#wire.destroy();
  }

  // ── TLS, and the end ───────────────────────────────────────────────────────────────────────────────────────────

  #beginTls(reply: Reply): void {
    // RFC 2595 §4: what came along in the clear could be somebody else's. It is not run, and not carried over.
    if (this.#stepper.buffered() + this.#wire.unreadBytes > 0) {
      this.#hangUp(replies.nothingAfterStls);
      return;
    }
    this.#say(reply);
    this.#outlet.flush();
    this.#state = 'shaking hands';
    this.#session.renew(this.#world.settings.limits.handshakeMs);
    this.#stepper.discard();
    const socket = this.#wire.secure((plain) => this.#world.tls.secure(plain, this.#session.kind));
    socket.once('secure', () => this.#goOn(() => this.#session.secured()));
  }

  /** Goes back to reading, unless the connection has ended meanwhile. */
  #goOn(then: () => void): void {
    if (this.#isOver()) return;
    this.#state = 'reading';
    this.#heardAt = this.#world.now;
    then();
    this.#pump();
  }

  #hangUp(reply: Reply): void {
    if (this.#isOver()) return;
    this.#say(reply);
    this.#end();
  }

  #end(): void {
    if (this.#isOver()) return;
    this.#outlet.close();
    this.dispose();
  }

  /** A mistake of ours in one dialogue ends that dialogue, not the others. */
  #broken(fault: unknown): void {
    if (this.#isOver()) return;
    this.#world.log.warn('pop3.fault', { listener: this.#session.kind, what: wordsOf(fault) });
    this.#hangUp(replies.overloaded);
  }
}

function wordsOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : 'unknown';
}
