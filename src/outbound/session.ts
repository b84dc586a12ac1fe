/**
 * One session with a peer, and the mail that goes over it (RFC 5321 §3.3, RFC 2033 §4.2, RFC 2920 §3).
 *
 * A transaction is one exchange: reset? ─▶ mail ─▶ rcpt × n ─▶ data ─▶ content ─▶ over. Where the peer knows PIPELINING, the envelope and
 * DATA leave in one write, and the next mail's envelope leaves behind the content of the one before: one write and one round
 * trip per mail. Replies are matched to what was asked by their order alone, without a promise each.
 *
 * States: idle ─run─▶ running ─▶ idle (drained) | worn (may not carry more) | lost.
 * What must never happen: an envelope or a final dot after our lease has run out (design 1, Claims); a recipient with two
 * verdicts, or a job that is neither done nor handed back when the run ends; a reply counted for another question.
 * Carries H4 (outcome per recipient), M5, B3.
 */

import type { ServerReply } from '#/codec/smtp/index.ts';
import { endOfData, stuff } from '#/codec/smtp/index.ts';
import type { BlobRef, ClaimedRecipient, PeerReply } from '#/model/index.ts';
import { admit, mustLook } from './admission.ts';
import { scanPieces, sendPieces } from './content.ts';
import { beginExchange, type Exchange, isTooMany, mailLine, opening, rcptLine } from './exchange.ts';
import { type Handshaken, lostReply } from './handshake.ts';
import type { Job, Verdict } from './job.ts';
import { peerReply } from './local-reply.ts';
import type { OutboundLimits } from './settings.ts';
import type { WireListener } from './wire.ts';

/** Where a session gets its work from, and gives it back. */
export interface Feed {
  /** The next job for this session; null: nothing now. */
  next(): Job | null;
  /** Everyone in the job has a verdict. */
  done(job: Job): void;
  /** Some recipients are untried through no fault of the mail: a fresh connection may have it. */
  redo(job: Job): void;
  /** The peer wants less. */
  busy(reply: PeerReply): void;
  /** Whether an attempt may go on (design 1, Claims). */
  mayAttempt(): boolean;
  /** Reads content that came without the claim into `job.body`; rejects where it can't be had. */
  load(job: Job): Promise<void>;
  /** Large content from its beginning. */
  read(job: Job, ref: BlobRef): AsyncIterable<Uint8Array>;
  /** What becomes of a job whose content `load` or `read` could not give. */
  unreadable(job: Job, error: unknown): Verdict;
}

export type RunEnd = 'drained' | 'worn' | 'lost';

const endOfDataText = endOfData.toString('latin1');
/** A job begins again on a fresh connection at most so often without counting as an attempt. */
const restartsMax = 2;

export class Session implements WireListener {
  readonly facts: Handshaken;
  readonly #limits: OutboundLimits;
  readonly #batchMax: number;
  readonly #carryMax: number;
  readonly #peer: string;
  #feed: Feed | null = null;
  #end: ((end: RunEnd) => void) | null = null;
  #current: Exchange | null = null;
  /** Its envelope has left behind the content of the current one. */
  #ahead: Exchange | null = null;
  /** Has more recipients than one transaction took. */
  #rest: Job | null = null;
  /** Its content is still being read. */
  #parked: Job | null = null;
  #parkedReady = false;
  /** A transaction is open at the peer that will not be ended by content. */
  #unclean = false;
  #carried = 0;
  #concluded = 0;
  /** Given up: nothing is begun that was not. */
  #isAborting = false;

  constructor(facts: Handshaken, reuseMax: number, limits: OutboundLimits) {
    const { rcptMax, mailMax } = facts.capabilities.limits;
    this.facts = facts;
    this.#limits = limits;
    // RFC 9422 §4: what the peer says of its limits is obeyed.
    this.#batchMax = Math.min(rcptMax ?? limits.recipientsMax, 1000);
    this.#carryMax = Math.min(reuseMax, mailMax ?? reuseMax);
    this.#peer = `${facts.target.host}[${facts.target.address}]:${facts.target.port}`;
    facts.wire.listen(this);
  }

  /** May carry another mail. */
  get usable(): boolean {
    return this.facts.wire.lost === null && this.#carried < this.#carryMax;
  }

  /** Works on what the feed has until it has no more, or the session can't. One run at a time. */
  run(feed: Feed): Promise<RunEnd> {
    const { promise, resolve } = Promise.withResolvers<RunEnd>();
    // What the peer said while nothing was asked must not be taken for the answer to the first question.
    this.facts.wire.hearDue();
    this.#feed = feed;
    this.#end = resolve;
    if (this.facts.wire.lost === null) this.#advance();
    else this.#finish('lost');
    return promise;
  }

  /** Takes leave of the peer. */
  quit(): void {
    this.facts.wire.quit();
  }

  /** Gives up at once; running transactions count as interrupted. */
  abort(why: string): void {
    this.#isAborting = true;
    this.facts.wire.abort(why);
  }

  reply(reply: ServerReply): void {
    const exchange = this.#current;
    // Nothing was asked: a server that says goodbye, or one that answers twice.
    if (exchange === null) {
      this.abort('spoke unasked');
      return;
    }
    if (reply.code === 421) {
      this.#dismissed(reply);
      return;
    }
    const first = !exchange.heard;
    exchange.heard = true;
    if (first) {
      exchange.job.peer = this.#peer;
      exchange.job.source = this.facts.target.source ?? null;
    }
    switch (exchange.phase) {
      case 'reset':
        this.#afterReset(exchange, reply);
        return;
      case 'mail':
        this.#afterMail(exchange, reply);
        return;
      case 'rcpt':
        this.#afterRcpt(exchange, reply);
        return;
      case 'data':
        this.#afterData(exchange, reply);
        return;
      case 'content':
        this.#afterContent(exchange, reply);
        return;
      case 'void':
        this.#conclude(exchange, true);
        return;
    }
  }

  lost(why: string): void {
    if (this.#feed === null) return;
    const reply = lostReply(this.facts.target, why);
    const current = this.#current;
    if (current?.heard === true) this.#feed.busy(reply);
    if (current?.whole !== true) {
      this.#interrupt({ kind: 'later', reply });
      return;
    }
    // It may have taken the mail and not been able to say so: the one duplicate that SMTP can't exclude (RFC 5321 §6.1).
    const text = `${reply.text} It had the whole message and may have taken it.`;
    this.#interrupt({ kind: 'later', reply: { ...reply, text }, mayHaveArrived: true });
  }

  // ── asking ──

  #advance(): void {
    if (this.#current !== null || this.#feed === null) return;
    const exchange = this.#nextExchange();
    if (exchange === null) {
      if (this.#parked === null) this.#finish(this.usable ? 'drained' : 'worn');
      return;
    }
    this.#current = exchange;
    this.facts.wire.expect('MAIL', this.#limits.commandMs);
    this.facts.wire.write(opening(exchange, this.facts.capabilities));
  }

  #nextExchange(): Exchange | null {
    for (;;) {
      const job = this.#nextJob();
      if (job === null) return null;
      if (job.waiting.length > 0) return this.#begin(job);
      this.#feed?.done(job);
    }
  }

  /** A job that this peer can carry, its content at hand; null where there is none now. */
  #nextJob(): Job | null {
    const rest = this.#rest;
    this.#rest = null;
    if (rest !== null) return rest;
    if (this.#parked !== null) return this.#takeParked();
    if (this.#carried >= this.#carryMax || this.#feed?.mayAttempt() !== true) return null;
    const job = this.#feed.next();
    if (job === null) return null;
    const { capabilities, target } = this.facts;
    // Large content is looked for first: the peer is not troubled with a mail that we could not give it.
    if (job.body === null || job.body.kind === 'blob') return this.#park(job);
    admit(job, capabilities, target.host, null);
    return job;
  }

  #takeParked(): Job | null {
    const job = this.#parked;
    if (!this.#parkedReady) return null;
    this.#parked = null;
    this.#parkedReady = false;
    return job;
  }

  #begin(job: Job): Exchange {
    const exchange = beginExchange(job, this.#batchMax, this.#unclean);
    if (job.waiting.length > 0) this.#rest = job;
    this.#carried += 1;
    return exchange;
  }

  #ask(what: string, command: string, ms: number): void {
    this.facts.wire.expect(what, ms);
    this.facts.wire.write(command);
  }

  // ── hearing ──

  #afterReset(exchange: Exchange, reply: ServerReply): void {
    if (reply.code >= 300) {
      this.abort(`refused RSET (${reply.code})`);
      return;
    }
    exchange.phase = 'mail';
    if (!this.facts.capabilities.pipelining)
      this.#ask('MAIL', mailLine(exchange.job, this.facts.capabilities), this.#limits.commandMs);
  }

  #afterMail(exchange: Exchange, reply: ServerReply): void {
    exchange.phase = 'rcpt';
    if (reply.code >= 300) exchange.refusal = this.#judge(reply);
    if (reply.code >= 400 && reply.code < 500) this.#feed?.busy(this.#told(reply));
    if (this.facts.capabilities.pipelining) {
      this.facts.wire.expect('RCPT', this.#limits.commandMs);
      return;
    }
    if (exchange.refusal !== null) {
      this.#refused(exchange, exchange.refusal);
      return;
    }
    this.#askNextRcpt(exchange);
  }

  #afterRcpt(exchange: Exchange, reply: ServerReply): void {
    const recipient = exchange.batch[exchange.index++];
    if (recipient !== undefined && exchange.refusal === null) this.#hearRcpt(exchange, recipient, reply);
    if (!this.facts.capabilities.pipelining) {
      this.#askNextRcpt(exchange);
      return;
    }
    if (exchange.index < exchange.batch.length) return;
    exchange.phase = 'data';
    this.facts.wire.expect('DATA', this.#limits.dataMs);
  }

  #askNextRcpt(exchange: Exchange): void {
    const next = exchange.batch[exchange.index];
    if (next !== undefined) {
      this.#ask('RCPT', rcptLine(next, exchange.job.mail, this.facts.capabilities), this.#limits.commandMs);
      return;
    }
    if (exchange.taken.length === 0) {
      this.#conclude(exchange, false);
      return;
    }
    exchange.phase = 'data';
    this.#ask('DATA', 'DATA\r\n', this.#limits.dataMs);
  }

  #hearRcpt(exchange: Exchange, recipient: ClaimedRecipient, reply: ServerReply): void {
    if (reply.code < 300) {
      exchange.taken.push(recipient);
    } else if (exchange.taken.length > 0 && isTooMany(reply)) {
      // RFC 5321 §4.5.3.1.10: the others go in a transaction of their own, at once.
      exchange.job.putBack([recipient]);
      this.#rest = exchange.job;
    } else {
      exchange.job.judge([recipient], this.#judge(reply));
    }
  }

  #afterData(exchange: Exchange, reply: ServerReply): void {
    // RFC 5321 §4.3.2: DATA is answered by 354 or a refusal. Anything else is an answer too many, of a peer that is out of step.
    if (reply.code !== 354 && reply.code < 400) {
      this.abort(`answered to DATA with ${reply.code}`);
      return;
    }
    if (reply.code !== 354) {
      this.#refused(exchange, exchange.refusal ?? this.#judge(reply));
      return;
    }
    if (exchange.refusal === null && exchange.taken.length > 0) {
      this.#sendContent(exchange);
      return;
    }
    // RFC 2920 §3.1: nobody was taken, and DATA all the same: an empty message for nobody puts us in step again.
    if (this.facts.lmtp) {
      this.abort('took DATA without a recipient');
      return;
    }
    if (exchange.refusal !== null) exchange.job.judge(exchange.batch, exchange.refusal);
    exchange.phase = 'void';
    this.#ask('an empty message', endOfDataText, this.#limits.finalMs);
  }

  #afterContent(exchange: Exchange, reply: ServerReply): void {
    const verdict = this.#judge(reply);
    if (!this.facts.lmtp) {
      exchange.job.judge(exchange.taken, verdict);
      this.#conclude(exchange, true);
      return;
    }
    // RFC 2033 §4.2: one reply for each recipient that was taken, in order.
    const recipient = exchange.taken[exchange.index++];
    if (recipient !== undefined) exchange.job.judge([recipient], verdict);
    if (exchange.index >= exchange.taken.length) this.#conclude(exchange, true);
  }

  /** All of the batch that is still open hears this, and the transaction is over without content. */
  #refused(exchange: Exchange, verdict: Verdict): void {
    const open = exchange.refusal === null ? exchange.taken : exchange.batch;
    exchange.job.judge(open, verdict);
    this.#conclude(exchange, false);
  }

  #conclude(exchange: Exchange, clean: boolean): void {
    this.#unclean = !clean;
    this.#concluded += 1;
    this.#current = this.#ahead;
    this.#ahead = null;
    if (exchange.job.over) this.#feed?.done(exchange.job);
    if (this.#current === null) this.#advance();
    else this.facts.wire.expect('MAIL', this.#limits.commandMs);
  }

  #judge(reply: ServerReply): Verdict {
    const told = this.#told(reply);
    if (reply.code < 300)
      return { kind: 'taken', reply: told, reports: this.facts.capabilities.dsn, final: this.facts.lmtp };
    return reply.code >= 500 ? { kind: 'refused', reply: told } : { kind: 'later', reply: told };
  }

  #told(reply: ServerReply): PeerReply {
    return peerReply(reply, this.facts.target.host);
  }

  // ── content ──

  #sendContent(exchange: Exchange): void {
    const { body } = exchange.job;
    if (this.#feed?.mayAttempt() !== true || body === null || this.#isAborting) {
      this.#forgo(true);
      return;
    }
    exchange.phase = 'content';
    exchange.index = 0;
    if (body.kind === 'blob') return void this.#stream(exchange, body.ref);
    exchange.whole = true;
    this.#ahead = this.facts.capabilities.pipelining ? this.#nextExchange() : null;
    const next = this.#ahead === null ? '' : opening(this.#ahead, this.facts.capabilities);
    this.facts.wire.expect('the message', this.#limits.finalMs);
    this.facts.wire.writeAll(stuff(body.chunks), endOfDataText + next);
  }

  async #stream(exchange: Exchange, ref: BlobRef): Promise<void> {
    const { wire } = this.facts;
    try {
      const content = this.#feed?.read(exchange.job, ref);
      if (content === undefined || !(await sendPieces(wire, content, this.#limits.blockMs))) return;
    } catch (error) {
      if (this.#feed !== null) exchange.job.judgeRest(this.#feed.unreadable(exchange.job, error));
      this.#forgo(false);
      return;
    }
    if (this.#feed?.mayAttempt() !== true) {
      this.#forgo(true);
      return;
    }
    exchange.whole = true;
    wire.expect('the message', this.#limits.finalMs);
    wire.write(endOfDataText);
  }

  #park(job: Job): null {
    this.#parked = job;
    this.#parkedReady = false;
    void this.#prepare(job);
    return null;
  }

  async #prepare(job: Job): Promise<void> {
    const { capabilities, target } = this.facts;
    try {
      if (job.body === null || job.body.kind === 'blob') await this.#feed?.load(job);
      const blob = job.body?.kind === 'blob' && mustLook(job.mail, capabilities) ? job.body : null;
      const content = blob === null ? undefined : this.#feed?.read(job, blob.ref);
      admit(job, capabilities, target.host, content === undefined ? null : await scanPieces(content));
    } catch (error) {
      if (this.#feed !== null && this.#parked === job) job.judgeRest(this.#feed.unreadable(job, error));
    }
    if (this.#parked !== job) return;
    this.#parkedReady = true;
    this.#advance();
  }

  // ── breaking off ──

  // RFC 5321 §3.8: 421 may answer any command; the peer closes.
  #dismissed(reply: ServerReply): void {
    const told = this.#told(reply);
    this.#feed?.busy(told);
    this.#interrupt({ kind: 'later', reply: told });
    this.abort('closed the session');
  }

  /** We may not go on: nothing of the message has been completed. */
  #forgo(soon: boolean): void {
    this.#interrupt({ kind: 'untried', soon });
    this.abort('was left by us');
  }

  #interrupt(verdict: Verdict): void {
    const [current, ahead, parked] = [this.#current, this.#ahead, this.#parked];
    this.#current = null;
    this.#ahead = null;
    this.#parked = null;
    this.#rest = null;
    // The next part of the same mail was only announced: its recipients wait again, whatever becomes of this part (H4).
    if (ahead !== null && ahead.job === current?.job) ahead.job.putBack(ahead.batch);
    if (current !== null) this.#breakOff(current, verdict);
    if (ahead !== null && ahead.job !== current?.job) this.#again(ahead.job, ahead.batch, verdict);
    if (parked !== null) this.#again(parked, [], verdict);
    this.#finish('lost');
  }

  /** A kept connection that died before it answered to anything costs no attempt. */
  #breakOff({ job, batch, heard, phase }: Exchange, verdict: Verdict): void {
    const stale = this.#concluded > 0 && !heard && phase !== 'content';
    if (stale) {
      this.#again(job, batch, verdict);
      return;
    }
    job.judge(batch, verdict);
    if (job.over) this.#feed?.done(job);
    else this.#again(job, [], verdict);
  }

  #again(job: Job, batch: readonly ClaimedRecipient[], verdict: Verdict): void {
    job.putBack(batch);
    job.restarts += 1;
    if (job.restarts <= restartsMax) {
      this.#feed?.redo(job);
      return;
    }
    job.judgeRest(verdict);
    this.#feed?.done(job);
  }

  #finish(end: RunEnd): void {
    const tell = this.#end;
    this.#feed = null;
    this.#end = null;
    this.facts.wire.expect('nothing', Number.POSITIVE_INFINITY);
    tell?.(end);
  }
}
