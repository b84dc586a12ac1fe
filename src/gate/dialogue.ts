/**
 * One connection's dialogue. The stepper says what was heard, a verb decides, the turn keeps the answer until it may be written.
 *
 *   reading ── a verb asks the world, a blob is written, TLS begins ──▶ stalled ──▶ reading
 *      │ ◀──── committed ────┐
 *      └── a body is whole ──▶ committing: commands are still read, their replies wait behind
 *      └── QUIT, 421, the peer leaves ──▶ ended
 *
 * While it is stalled, or holds a step that must wait for the commit (another body's end, STARTTLS), the socket is paused.
 *
 * What must never happen: a 250 before the commit that it reports (H3); anything heard in the clear believed after STARTTLS; a step lost
 * or taken twice; a wait without a deadline (B3).
 */
import assert from 'node:assert/strict';
import { type Command, type Reply, replies, SmtpStepper, type Step } from '#/codec/smtp/index.ts';
import type { Wire } from '#/wire/index.ts';
import { complete } from './acceptance.ts';
import type { Answer, Follow, Turned } from './answer.ts';
import { BodyPhase, deadlineOf, mustLeave, type Pace } from './deadlines.ts';
import { Misbehaviour } from './misbehaviour.ts';
import type { Session } from './session.ts';
import { tlsFactsOf } from './tls-facts.ts';
import type { Transaction } from './transaction.ts';
import { Turn } from './turn.ts';
import { perform } from './verbs/index.ts';
import type { World } from './world.ts';

/** The world keeps its own deadlines; ours comes this much later, ms, and only for a world that forgets. */
const SLACK_MS = 2_000;

/** Replies that may wait behind a commit before reading stops, octets. */
const WAITING_BYTES_MAX = 8 * 1024;

export class Dialogue {
  readonly #world: World;
  readonly #session: Session;
  readonly #wire: Wire;
  readonly #stepper: SmtpStepper;
  readonly #turn = new Turn();
  readonly #pace: Pace;
  readonly #misbehaviour: Misbehaviour;
  /** Monotonic ms at which what it waits for has taken too long; null where it waits for nothing but the peer. */
  #stalledUntil: number | null = null;
  #held: Step | null = null;
  #expectsSasl: ((line: string) => Answer) | null = null;
  #body: { readonly last: boolean; readonly refusal: Reply | null } | null = null;
  #commit: object | null = null;
  #tls: 'no' | 'due' | 'handshake' = 'no';
  #endDue = false;
  #peerEnded = false;
  #ended = false;

  constructor(session: Session, wire: Wire) {
    const { world } = session;
    this.#world = world;
    this.#session = session;
    this.#wire = wire;
    this.#stepper = new SmtpStepper({ bodyBytesMax: world.settings.messageBytesMax });
    this.#pace = { startedAt: world.now, heardAt: world.now, body: null, commitAt: null };
    this.#misbehaviour = new Misbehaviour(world.settings.limits);
  }

  /** Says the banner. */
  greet(): void {
    this.#say(replies.banner(this.#world.settings.hostname));
    this.#pump();
  }

  /** Takes what the peer sent. */
  hear(chunk: Buffer): void {
    if (this.#ended) return;
    this.#stepper.feed(chunk);
    if (this.#pace.body !== null) this.#pace.body.heardAt = this.#world.now;
    this.#pump();
  }

  /** The peer has closed its side: what it said is still answered. */
  heardLast(): void {
    this.#peerEnded = true;
    if (this.#tls === 'handshake') this.#wire.destroy();
    else this.#pump();
  }

  /** The peer has taken what was written. */
  drained(): void {
    this.#pump();
  }

  /** The connection is lost. */
  dispose(): void {
    this.#ended = true;
    this.#abandon();
  }

  /** One look at the deadlines, about once a second. */
  check(): void {
    const { now } = this.#world;
    if (this.#ended) return;
    if (this.#commit !== null) {
      if (this.#pace.commitAt !== null && now > this.#pace.commitAt) this.#tooLate();
    } else if (this.#stalledUntil !== null) {
      if (now > this.#stalledUntil) this.#hangUp(replies.overloaded);
    } else this.#checkSilence();
  }

  #checkSilence(): void {
    const between = this.#session.transaction === null && this.#body === null;
    if (between && mustLeave(this.#pace, this.#session, this.#world)) this.#hangUp(replies.closing);
    else if (this.#world.now > deadlineOf(this.#pace, this.#session, this.#world)) this.#hangUp(replies.timedOut);
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────

  #pump(): void {
    for (let step = this.#nextStep(); step !== null; step = this.#nextStep()) this.#take(step);
    this.#flush();
    this.#rest();
  }

  /** What can be done now; null where there is nothing, or it must wait. */
  #nextStep(): Step | null {
    if (this.#stalledUntil !== null || this.#ended || this.#endDue || this.#tls === 'due' || this.#isFull())
      return null;
    const step = this.#held ?? this.#stepper.next();
    this.#held = this.#mustWait(step) ? step : null;
    return step.kind === 'hungry' || this.#held !== null ? null : step;
  }

  /** The peer doesn't read, or pipelines far ahead of a commit. */
  #isFull(): boolean {
    const { unsentReplyBytesMax } = this.#world.settings.limits;
    return this.#turn.waitingBytes > WAITING_BYTES_MAX || this.#wire.unsentBytes > unsentReplyBytesMax;
  }

  /** While a commit is pending: nothing that begins another, or changes who is talking. */
  #mustWait(step: Step): boolean {
    if (this.#commit === null) return false;
    if (step.kind === 'end') return this.#body?.last === true;
    return step.kind === 'command' && (step.command.verb === 'STARTTLS' || step.command.verb === 'XCLIENT');
  }

  #take(step: Step): void {
    switch (step.kind) {
      case 'command':
        this.#perform(step.command);
        break;
      case 'refuse':
        this.#refused(step.reply, step.hangUp);
        break;
      case 'line':
        this.#saslLine(step.text);
        break;
      case 'chunk':
        this.#chunk(step.bytes);
        break;
      case 'end':
        this.#bodyEnded();
        break;
      default:
        break;
    }
  }

  #perform(command: Command): void {
    this.#pace.heardAt = this.#world.now;
    if (this.#misbehaviour.dawdles(command.verb)) this.#hangUp(replies.tooManyErrors);
    else this.#answer(perform(command, this.#session), command.verb);
  }

  #saslLine(line: string): void {
    const next = this.#expectsSasl;
    assert(next !== null, 'A line of SASL came that nobody asked for.');
    this.#expectsSasl = null;
    this.#answer(next(line), 'AUTH');
  }

  #answer(answer: Answer, verb: Command['verb']): void {
    const tell = (told: Reply | Turned): void => this.#tell(told, verb);
    if (!(answer instanceof Promise)) tell(answer);
    else
      this.#stallFor(
        answer.catch((fault: unknown) => this.#fault(fault)),
        tell,
      );
  }

  /** Says what a verb decided, and prepares for what follows. */
  #tell(told: Reply | Turned, verb: Command['verb']): void {
    if (this.#session.transaction === null) this.#pace.body = null;
    if ('code' in told) this.#say(told, verb);
    else this.#turnTo(told);
  }

  #turnTo({ reply, follows }: Turned): void {
    // RFC 3207 §4: what came along in the clear could be somebody else's. It is not run, and not carried over.
    if (follows.kind === 'tls' && this.#stepper.buffered() + this.#wire.unreadBytes > 0) {
      this.#hangUp(replies.nothingAfterStartTls);
      return;
    }
    if (reply !== null) this.#say(reply);
    this.#expect(follows);
  }

  #expect(follows: Follow): void {
    switch (follows.kind) {
      case 'sasl':
        this.#expectsSasl = follows.next;
        this.#stepper.expectAuth();
        break;
      case 'data':
        this.#beginBody(true, null);
        this.#stepper.expectData();
        break;
      case 'chunk':
        this.#beginBody(follows.last, follows.refusal);
        this.#stepper.expectChunk(follows.size, follows.last);
        break;
      case 'tls':
        this.#tls = 'due';
        break;
    }
  }

  /** A line that can't be read, or a body that must be refused. */
  #refused(reply: Reply, hangUp: boolean): void {
    this.#expectsSasl = null;
    if (this.#body === null) this.#say(reply);
    else {
      const { refusal } = this.#endBody(true);
      // RFC 2033 §4.2: one answer for each recipient.
      const times = this.#session.rules.protocol === 'lmtp' ? (this.#session.transaction?.named.length ?? 1) : 1;
      for (let i = 0; i < times; i++) this.#say(refusal ?? reply);
      this.#session.reset();
    }
    if (hangUp) this.#end();
  }

  // ── Bodies and commits ─────────────────────────────────────────────────────────────────────────────────────────

  #beginBody(last: boolean, refusal: Reply | null): void {
    this.#body = { last, refusal };
    this.#pace.body ??= new BodyPhase(this.#world.now);
  }

  #endBody(last: boolean): { readonly refusal: Reply | null } {
    const body = this.#body;
    assert(body !== null, 'A body ended that nobody asked for.');
    this.#body = null;
    this.#pace.heardAt = this.#world.now;
    if (last) this.#pace.body = null;
    return body;
  }

  #chunk(bytes: Buffer): void {
    if (this.#pace.body !== null) this.#pace.body.bytes += bytes.length;
    if (this.#body === null || this.#body.refusal !== null) return;
    const wait = this.#session.transaction?.content?.take(bytes) ?? null;
    if (wait !== null) this.#stallFor(wait, () => undefined);
  }

  #bodyEnded(): void {
    const last = this.#body?.last === true;
    const { refusal } = this.#endBody(last);
    if (refusal !== null) {
      this.#say(refusal);
      return;
    }
    const { transaction } = this.#session;
    assert(transaction?.content, 'A body was read without a mail.');
    if (last) this.#finish(transaction);
    else this.#say(transaction.content.fault ?? replies.chunkOk(transaction.content.size));
  }

  #finish(transaction: Transaction): void {
    this.#session.transaction = null;
    const answer = complete(this.#session, transaction);
    if (!(answer instanceof Promise)) {
      for (const reply of answer) this.#say(reply);
      return;
    }
    const commit = {};
    this.#commit = commit;
    this.#pace.commitAt = this.#world.now + this.#world.settings.limits.commitMs + SLACK_MS;
    this.#turn.hold();
    answer
      .then((spoken) => {
        if (this.#commit === commit) this.#committed(spoken);
      })
      .catch((fault: unknown) => this.#broken(fault));
  }

  #committed(spoken: readonly Reply[]): void {
    this.#commit = null;
    this.#pace.commitAt = null;
    this.#pace.heardAt = this.#world.now;
    if (spoken.some(({ code }) => code === 250)) this.#misbehaviour.moved();
    this.#turn.release(spoken);
    if (this.#endDue || spoken.some(({ code }) => code === 421)) this.#end();
    else this.#pump();
  }

  /** The store has not kept its deadline: 451, never 250; what comes of it later is the queue's to withdraw. */
  #tooLate(): void {
    this.#world.log.warn('gate.commit-late', this.#session.labels);
    this.#committed([replies.tryLater]);
  }

  // ── Speaking ───────────────────────────────────────────────────────────────────────────────────────────────────

  #say(reply: Reply, verb?: Command['verb']): void {
    this.#turn.say(reply);
    if (reply.code >= 400) this.#count(reply, verb);
    if (reply.code === 421 || reply.code === 221) this.#end();
  }

  #count(reply: Reply, verb: Command['verb'] | undefined): void {
    const { principal } = this.#session;
    this.#world.counters.refused.add(1, { code: String(reply.code) });
    if (principal !== null && verb !== 'AUTH') this.#world.usage.seen(principal, reply.lines.join(' '));
    if (this.#misbehaviour.erred(reply, verb)) this.#hangUp(replies.tooManyErrors);
  }

  #flush(): void {
    if (this.#ended) return;
    this.#wire.write(this.#turn.take());
    if (this.#tls === 'due') this.#beginTls();
    if (this.#peerEnded && this.#stalledUntil === null && this.#commit === null && this.#held === null) this.#end();
  }

  /** Reads on, or lets the peer wait. */
  #rest(): void {
    if (this.#ended || this.#wire.state !== 'open') return;
    const stalled = this.#stalledUntil !== null && this.#tls !== 'handshake';
    if (stalled || this.#held !== null || this.#isFull()) this.#wire.pause();
    else this.#wire.resume();
  }

  #beginTls(): void {
    this.#tls = 'handshake';
    this.#stalledUntil = this.#world.now + this.#world.settings.limits.handshakeMs;
    this.#stepper.discard();
    const asks = this.#session.wantsCertificate;
    const socket = this.#wire.secure((plain) => this.#world.tls.secure(plain, this.#session.kind, asks));
    socket.once('secure', () => {
      this.#tls = 'no';
      this.#session.secured(tlsFactsOf(socket, asks ? this.#world.tls.clientNames(socket) : []));
      this.#goOn();
    });
  }

  #hangUp(reply: Reply): void {
    this.#turn.say(reply);
    this.#end();
  }

  /** Ends the connection, behind a commit that is still to be reported. */
  #end(): void {
    this.#endDue = true;
    if (this.#ended || this.#commit !== null) return;
    this.#ended = true;
    this.#wire.close(this.#turn.take());
    this.#abandon();
  }

  #abandon(): void {
    this.#body = null;
    this.#expectsSasl = null;
    this.#held = null;
    this.#stepper.discard();
    this.#session.reset();
  }

  // ── Waiting ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Reads nothing more until the work is done. */
  #stallFor<T>(work: Promise<T>, then: (value: T) => void): void {
    this.#stalledUntil = this.#world.now + this.#world.settings.limits.commitMs + SLACK_MS;
    work
      .then((value) => {
        if (this.#ended) return;
        then(value);
        this.#goOn();
      })
      .catch((fault: unknown) => this.#broken(fault));
  }

  #goOn(): void {
    this.#stalledUntil = null;
    this.#pace.heardAt = this.#world.now;
    this.#pump();
  }

  #fault(fault: unknown): Reply {
    const what = fault instanceof Error ? fault.message : 'unknown';
    this.#world.log.warn('gate.fault', { ...this.#session.labels, what });
    return replies.tryLater;
  }

  /** A mistake of ours in one dialogue ends that dialogue, not the others. */
  #broken(fault: unknown): void {
    this.#fault(fault);
    this.#commit = null;
    this.#hangUp(replies.overloaded);
  }
}
