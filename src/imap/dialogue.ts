/**
 * One connection's dialogue. The stepper says what was heard, a verb answers, and behind it the client is told what others have changed.
 * Commands run one after the other, as they came; what comes meanwhile waits in the socket.
 *
 *   reading ── a command, an APPEND's announcement ──▶ busy ── its reply ──▶ reading
 *      │  ◀── DONE ── idling ◀── IDLE ──┘
 *      ├── STARTTLS ──▶ shaking hands ──▶ reading
 *      └── LOGOUT, BYE, the peer leaves ──▶ ended
 *
 * What must never happen: two commands of one connection at once; anything heard in the clear believed after STARTTLS (RFC 9051 §11.1); a
 * literal that ends before its octets do; a wait without a deadline (B3).
 */
import { type Command, formatContinue, formatReply, ImapStepper, type Reply, type Step } from '#/codec/imap/index.ts';
import type { Wire } from '#/wire/index.ts';
import * as answers from './answers.ts';
import { Appending } from './appending.ts';
import { capabilities } from './capabilities.ts';
import { type Output, PeerGone } from './output.ts';
import type { Session } from './session.ts';
import { append } from './verbs/append.ts';
import { type Ask, looksForNews, perform, refusalOf, tellingOf } from './verbs/index.ts';
import type { World } from './world.ts';

/** A command that was answered in part: its next line is not a command. */
interface Expected {
  readonly tag: string;
  readonly take: (line: string) => void;
}

export class Dialogue {
  readonly #world: World;
  readonly #session: Session;
  readonly #wire: Wire;
  readonly #output: Output;
  readonly #stepper = new ImapStepper();
  readonly #startedAt: number;
  /** The last whole command or piece of a message. Monotonic ms. */
  #heardAt: number;
  #saidAt: number;
  #busy = false;
  #expected: Expected | null = null;
  #idling = false;
  #appending: Appending | null = null;
  /** Of the APPEND whose messages arrive. */
  #appendTag = '';
  #tls: 'no' | 'due' | 'handshake' = 'no';
  #stop: AbortController | null = null;
  #errors = 0;
  #peerEnded = false;
  /** Changes could not be told; it is tried again by the next look, and not at once. */
  #tellingFailed = false;
  #ended = false;

  constructor(session: Session, wire: Wire) {
    this.#world = session.world;
    this.#session = session;
    this.#wire = wire;
    this.#output = session.output;
    this.#startedAt = this.#heardAt = this.#saidAt = session.world.now;
  }

  /** Says the greeting (RFC 9051 §7.1.1, with its capabilities as of §7.2.2). */
  greet(): void {
    const { hostname } = this.#world.settings;
    this.#say(null, {
      status: 'OK',
      code: `CAPABILITY ${capabilities(this.#session).join(' ')}`,
      text: `${hostname} Holdfast`,
    });
    this.#pump();
  }

  /** Takes what the peer sent. */
  hear(chunk: Buffer): void {
    if (this.#ended) return;
    this.#stepper.feed(chunk);
    this.#pump();
  }

  /** The peer has closed its side: what it said is still answered. */
  heardLast(): void {
    this.#peerEnded = true;
    if (this.#tls === 'handshake') this.#wire.destroy();
    else this.#pump();
  }

  /** The peer has taken what was said. */
  drained(): void {
    this.#output.drained();
    if (!this.#ended) this.#pump();
  }

  /** The connection is lost. */
  dispose(): void {
    this.#ended = true;
    this.#abandon();
  }

  /** The service closes: who waits for nothing goes now, who runs a command when it is over. */
  leave(): void {
    if (!this.#busy) this.#hangUp(answers.closing);
  }

  /** One look at the deadlines, about once a second. */
  check(): void {
    if (this.#ended) return;
    const { now, settings, directory } = this.#world;
    const { signInMs, silenceMs, stallMs, stillHereMs } = settings.limits;
    const { person } = this.#session;
    const idleSince = Math.max(this.#heardAt, this.#saidAt);
    if (this.#output.isStuck() || (this.#output.isFull && now > idleSince + stallMs)) this.#wire.destroy();
    else if (person === null && now > this.#startedAt + signInMs) this.#hangUp(answers.signInTimedOut);
    else if (this.#busy) return;
    else if (this.#session.directory !== directory.current() && !this.#isStillSomebody())
      this.#hangUp(answers.switchedOff);
    else if (this.#appending !== null && now > this.#heardAt + stallMs) this.#hangUp(answers.timedOut);
    else if (now > this.#heardAt + silenceMs) this.#hangUp(answers.timedOut);
    else if (this.#idling && this.#session.selected?.isStale === true) this.#tellIdler();
    else if (this.#idling && now > this.#saidAt + stillHereMs) this.#sayStillHere();
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────

  #pump(): void {
    while (!this.#busy && !this.#ended && this.#tls === 'no' && !this.#output.isFull) {
      const step = this.#stepper.next();
      if (step.kind === 'hungry') break;
      this.#take(step);
    }
    if (this.#ended) return;
    if (!this.#busy) this.#output.flush();
    if (this.#tls === 'due') this.#beginTls();
    else if (this.#peerEnded && !this.#busy && !this.#output.isFull) this.#end('');
    this.#rest();
  }

  /** Reads on, or lets the peer wait: while a command runs, what follows it stays in the network. */
  #rest(): void {
    if (this.#ended) return;
    const hasEnough = this.#stepper.buffered() > this.#world.settings.limits.pipelinedBytesMax;
    if (this.#output.isFull || (this.#busy && hasEnough)) this.#wire.pause();
    else this.#wire.resume();
  }

  #take(step: Exclude<Step, { kind: 'hungry' }>): void {
    switch (step.kind) {
      case 'command':
        this.#command(step.tag, step.command);
        break;
      case 'refuse':
        this.#dropAppending();
        this.#errs();
        this.#say(step.tag, step.reply);
        if (step.hangUp) this.#end('');
        break;
      case 'continue':
        this.#output.say(formatContinue('Go on'));
        break;
      case 'line':
        this.#line(step.text);
        break;
      default:
        this.#appendStep(step);
    }
  }

  #command(tag: string, command: Command): void {
    this.#heardAt = this.#world.now;
    this.#world.counters.commands.add(1, { command: command.name });
    const refusal = refusalOf(command, this.#session);
    if (refusal !== null) {
      this.#dropAppending();
      this.#reply(tag, command.name, refusal);
      return;
    }
    switch (command.name) {
      case 'LOGOUT':
        this.#say(null, answers.loggedOut);
        this.#end(formatReply(tag, answers.done));
        break;
      case 'STARTTLS':
        this.#startTls(tag);
        break;
      case 'IDLE':
        this.#idle(tag);
        break;
      case 'APPEND':
        this.#append(tag, command);
        break;
      default:
        this.#perform(tag, command, () => perform(command, this.#session, tag));
    }
  }

  /** Runs a verb, tells what has happened, and says its reply. */
  #perform(tag: string, command: Command, verb: () => Ask | Reply | Promise<Reply>): void {
    this.#work(async () => {
      const answer = await verb();
      if ('challenge' in answer) this.#ask(tag, command, answer);
      else {
        const { selected } = this.#session;
        const news = looksForNews(command) && answer.status === 'OK';
        if (selected !== null && (news || selected.isStale)) await this.#tell(tellingOf(command));
        this.#reply(tag, command.name, answer);
      }
    }, tag);
  }

  /** Tells what others have changed. A failure of the store is none of the command's: it is told by the next one. */
  async #tell(telling: 'all' | 'none gone'): Promise<void> {
    const { selected } = this.#session;
    if (selected === null) return;
    this.#tellingFailed = false;
    try {
      if ((await selected.sync(telling, this.#session.call())) === 'gone') this.#hangUp(answers.mailboxGone);
    } catch (fault) {
      if (fault instanceof PeerGone) throw fault;
      selected.touched();
      this.#tellingFailed = true;
      this.#log(fault);
    }
  }

  #ask(tag: string, command: Command, { challenge, next }: Ask): void {
    this.#output.say(formatContinue(challenge));
    this.#stepper.expectLine(tag);
    this.#expected = { tag, take: (line) => this.#perform(tag, command, () => next(line)) };
  }

  #line(text: string): void {
    this.#heardAt = this.#world.now;
    const expected = this.#expected;
    this.#expected = null;
    expected?.take(text);
  }

  // ── IDLE ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** RFC 2177 §3: changes are told as they happen, until DONE. */
  #idle(tag: string): void {
    this.#output.say(formatContinue('idling'));
    this.#stepper.expectLine(tag);
    this.#idling = true;
    const { selected } = this.#session;
    if (selected !== null) selected.awake = () => this.#tellIdler();
    this.#expected = { tag, take: (line) => this.#idleEnds(tag, line) };
    if (selected?.isStale === true) this.#tellIdler();
  }

  #tellIdler(): void {
    if (this.#busy || this.#ended) return;
    this.#work(async () => {
      await this.#tell('all');
      this.#saidAt = this.#world.now;
    }, null);
  }

  #idleEnds(tag: string, line: string): void {
    this.#idling = false;
    const { selected } = this.#session;
    if (selected !== null) selected.awake = null;
    if (line.trim().toUpperCase() === 'DONE') this.#perform(tag, { name: 'NOOP' }, () => answers.done);
    else this.#reply(tag, 'IDLE', answers.idleEndsWithDone);
  }

  #sayStillHere(): void {
    this.#saidAt = this.#world.now;
    this.#output.say('* OK Still here\r\n');
    this.#output.flush();
  }

  // ── APPEND ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #appendStep(step: Extract<Step, { kind: 'append' | 'chunk' | 'end' }>): void {
    this.#heardAt = this.#world.now;
    if (step.kind === 'append') this.#announce(step);
    else if (step.kind === 'end') this.#appending?.end();
    else {
      const refusal = this.#appending?.take(step.bytes) ?? null;
      if (refusal !== null) this.#refuseAppend(this.#appendTag, refusal);
    }
  }

  #announce(step: Extract<Step, { kind: 'append' }>): void {
    this.#appendTag = step.tag;
    if (this.#session.person === null) {
      this.#refuseAppend(step.tag, answers.signInFirst);
      return;
    }
    const appending = this.#appending ?? new Appending(this.#session);
    this.#appending = appending;
    this.#work(async () => {
      const refusal = await appending.announce(step.mailbox, step.head, step.bytes);
      if (refusal !== null) this.#refuseAppend(step.tag, refusal);
      else if (step.synchronizing) this.#output.say(formatContinue('Go on'));
    }, step.tag);
  }

  #refuseAppend(tag: string, refusal: Reply): void {
    this.#dropAppending();
    this.#stepper.abandon();
    this.#reply(tag, 'APPEND', refusal);
  }

  #append(tag: string, command: Extract<Command, { name: 'APPEND' }>): void {
    const appending = this.#appending ?? new Appending(this.#session);
    this.#appending = null;
    this.#perform(tag, command, async () => {
      using arrived = appending;
      return await append(command.mailbox, arrived.mails, this.#session);
    });
  }

  #dropAppending(): void {
    this.#appending?.[Symbol.dispose]();
    this.#appending = null;
  }

  // ── TLS ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #startTls(tag: string): void {
    if (this.#session.tls) this.#reply(tag, 'STARTTLS', answers.tlsAlready);
    else if (!this.#world.tls.ready(this.#session.kind)) this.#reply(tag, 'STARTTLS', answers.tlsNotReady);
    // RFC 9051 §11.1: what came along in the clear could be somebody else's. It is not run, and not carried over.
    else if (this.#stepper.buffered() + this.#wire.unreadBytes > 0) this.#hangUp(answers.nothingAfterStartTls);
    else {
      this.#say(tag, answers.beginTls);
      this.#tls = 'due';
    }
  }

  #beginTls(): void {
    this.#tls = 'handshake';
    this.#stepper.discard();
    const socket = this.#wire.secure((plain) => this.#world.tls.secure(plain, this.#session.kind));
    socket.once('secure', () => {
      this.#tls = 'no';
      this.#session.tls = true;
      this.#pump();
    });
  }

  // ── Speaking ───────────────────────────────────────────────────────────────────────────────────────────────────

  #reply(tag: string, name: Command['name'], reply: Reply): void {
    if (reply.status !== 'OK') this.#world.counters.refused.add(1, { command: name, status: reply.status });
    if (reply.status === 'BAD') this.#errs();
    if (name === 'LOGIN' || name === 'AUTHENTICATE') this.#signedIn();
    this.#say(tag, reply);
    if (reply.status === 'BYE') this.#end('');
  }

  #signedIn(): void {
    if (this.#session.person !== null) this.#stepper.signIn();
  }

  #errs(): void {
    this.#errors += 1;
    if (this.#errors > this.#world.settings.limits.errorsMax) this.#hangUp(answers.tooManyErrors);
  }

  #say(tag: string | null, reply: Reply): void {
    if (this.#ended) return;
    this.#saidAt = this.#world.now;
    if (this.#session.readsUtf8) this.#stepper.enableUtf8();
    this.#output.say(formatReply(tag, reply));
  }

  #hangUp(reply: Reply): void {
    // In the midst of a literal, words would be its octets.
    if (this.#output.isMidway) this.#wire.destroy();
    else this.#end(formatReply(null, reply));
  }

  #end(lastWord: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#output.flush();
    this.#wire.close(lastWord, 'utf8');
    this.#abandon();
  }

  #abandon(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.#expected = null;
    this.#dropAppending();
    this.#stepper.discard();
    this.#output.drained();
    this.#session.end();
  }

  // ── Working ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Does what waits for the world, then reads on. A failure is said to the command with this tag. */
  #work(work: () => Promise<void>, tag: string | null): void {
    this.#busy = true;
    this.#stop = new AbortController();
    this.#session.signal = this.#stop.signal;
    work()
      .catch((fault: unknown) => this.#failed(fault, tag))
      .then(() => this.#rested())
      .catch((fault: unknown) => this.#log(fault));
  }

  #rested(): void {
    this.#busy = false;
    this.#stop = null;
    this.#session.signal = null;
    if (this.#ended) return;
    if (this.#world.closing) {
      this.#hangUp(answers.closing);
      return;
    }
    // Somebody changed something while it was told of other changes.
    if (this.#idling && !this.#tellingFailed && this.#session.selected?.isStale === true) this.#tellIdler();
    this.#pump();
  }

  #failed(fault: unknown, tag: string | null): void {
    if (fault instanceof PeerGone || this.#ended) return;
    this.#log(fault);
    // Half a literal can't be taken back: the client must not take what it has for the whole (O4).
    if (this.#output.isMidway || tag === null) this.#wire.destroy();
    else {
      if (this.#appending !== null) {
        this.#dropAppending();
        this.#stepper.abandon();
      }
      this.#say(tag, answers.replyForFault(fault));
    }
  }

  #log(fault: unknown): void {
    const what = fault instanceof Error ? fault.message : 'unknown';
    this.#world.log.warn('imap.fault', { listener: this.#session.kind, what });
  }

  #isStillSomebody(): boolean {
    const { person } = this.#session;
    const directory = this.#world.directory.current();
    this.#session.directory = directory;
    if (person === null) return true;
    const { tenant, address } = person.account;
    const found = directory.user(address);
    return found !== undefined && !found.alias && found.tenant.id === tenant && !found.user.disabled;
  }
}
