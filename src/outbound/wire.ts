/**
 * One connection to a peer: bytes out, replies in, a deadline on every wait.
 *
 * States: open ─▶ lost, once and for good, with the reason in plain words. Replies go to the listener of the hour: `ask` while the session
 * is being made, the session afterwards.
 * What must never happen: a wait without a deadline; an error event without a listener; a word to the listener after `lost`.
 */
import type { Socket } from 'node:net';
import { ReplyParser, type ServerReply } from '#/codec/smtp/index.ts';
import type { Target } from './targets.ts';
import type { TurnShare } from './turn-share.ts';
import type { Watch, Watched } from './watch.ts';

export interface WireListener {
  reply(reply: ServerReply): void;
  /** The connection is gone; `why` completes the sentence "HOST …". */
  lost(why: string): void;
}

/** Up to here one copy and one plain write cost less than a vector of views. */
const gatheredBytesMax = 16 * 1024;

/** Thrown by `ask` when the connection goes. */
export class WireLost extends Error {}

export class Wire implements Watched {
  readonly target: Target;
  readonly #socket: Socket;
  readonly #watch: Watch;
  readonly #turns: TurnShare;
  readonly #parser = new ReplyParser();
  #listener: WireListener | null = null;
  #waitsFor = 'nothing';
  /** The peer has said something that is read on its turn. */
  #due = false;
  #lost: string | null = null;
  deadlineAt = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, target: Target, { watch, turns }: { readonly watch: Watch; readonly turns: TurnShare }) {
    this.#socket = socket;
    this.target = target;
    this.#watch = watch;
    this.#turns = turns;
    socket.setNoDelay(true);
    socket.on('data', this.#onData);
    socket.on('error', this.#onError);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onEnd);
    watch.add(this);
  }

  /** Why it is gone, or null while it is open. */
  get lost(): string | null {
    return this.#lost;
  }

  /** Octets that came unasked. */
  get buffered(): number {
    return this.#parser.buffered();
  }

  listen(listener: WireListener | null): void {
    this.#listener = listener;
  }

  /** Sets what is waited for from now, and for how long; `what` completes "did not answer to …". */
  expect(what: string, ms: number): void {
    this.#waitsFor = what;
    this.deadlineAt = performance.now() + ms;
  }

  /** Text as UTF-8, for SMTPUTF8 addresses (RFC 6531 §3.2). */
  write(text: string): void {
    if (this.#lost === null) this.#socket.write(text);
  }

  /** Views and closing text in one write; false when the socket wants a rest. */
  writeAll(pieces: readonly Uint8Array[], end: string): boolean {
    if (this.#lost !== null) return true;
    if (sizeOf(pieces) <= gatheredBytesMax) return this.#socket.write(Buffer.concat([...pieces, Buffer.from(end)]));
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    const rested = end === '' || this.#socket.write(end);
    this.#socket.uncork();
    return rested && !this.#socket.writableNeedDrain;
  }

  /** Resolves when what was written has left, or the connection has. */
  drained(): Promise<void> {
    if (this.#lost !== null || !this.#socket.writableNeedDrain) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (): void => {
      this.#socket.off('drain', done);
      this.#socket.off('close', done);
      resolve();
    };
    this.#socket.on('drain', done);
    this.#socket.on('close', done);
    return promise;
  }

  /** One command and its reply, while the session is being made; null only listens. Rejects with WireLost. */
  ask(command: string | null, what: string, ms: number): Promise<ServerReply> {
    const { promise, resolve, reject } = Promise.withResolvers<ServerReply>();
    if (this.#lost !== null) return Promise.reject(new WireLost(this.#lost));
    this.expect(what, ms);
    this.#listener = {
      reply: (reply) => {
        this.#listener = null;
        resolve(reply);
      },
      lost: (why) => reject(new WireLost(why)),
    };
    if (command !== null) this.write(command);
    this.#read();
    return promise;
  }

  /** Gives the socket away, for TLS; the wire is of no use afterwards. */
  detach(): Socket {
    this.#release('became a TLS connection');
    return this.#socket;
  }

  /** Takes leave and closes, without waiting for the answer. */
  quit(): void {
    if (this.#lost !== null) return;
    this.#release('was closed by us');
    this.#silence();
    this.#socket.end('QUIT\r\n');
    this.#socket.setTimeout(2_000, () => this.#socket.destroy());
    this.#socket.resume();
  }

  /** Tells what the peer has said so far, whosever turn it is. */
  hearDue(): void {
    this.#readDue();
  }

  /** Closes at once; whoever waits hears `why`, behind what the peer has said so far. */
  abort(why: string): void {
    this.#readDue();
    this.#lose(why);
  }

  late(): void {
    if (!this.#due) this.#lose(`did not answer to ${this.#waitsFor} in time`);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#parser.feed(chunk);
    if (this.#due) return;
    this.#due = true;
    this.#turns.run(this.#readDue);
  };

  readonly #readDue = (): void => {
    if (!this.#due) return;
    this.#due = false;
    this.#read();
  };

  // What it said before it went counts: an answer that is not heard would be a mail sent twice.
  readonly #onError = (error: Error): void => {
    this.#readDue();
    this.#lose(`closed the connection (${error.message}) while we waited for its answer to ${this.#waitsFor}`);
  };

  readonly #onEnd = (): void => {
    this.#readDue();
    this.#lose(`closed the connection while we waited for its answer to ${this.#waitsFor}`);
  };

  #read(): void {
    while (this.#listener !== null && this.#lost === null) {
      const step = this.#parser.next();
      if (step.kind === 'hungry') return;
      if (step.kind === 'malformed') {
        this.#lose(`answered to ${this.#waitsFor} with no SMTP: ${step.why}`);
        return;
      }
      this.#listener.reply(step.reply);
    }
  }

  #lose(why: string): void {
    if (this.#lost !== null) return;
    const listener = this.#listener;
    this.#release(why);
    this.#silence();
    this.#socket.destroy();
    listener?.lost(why);
  }

  #release(why: string): void {
    this.#lost = why;
    this.#listener = null;
    this.deadlineAt = Number.POSITIVE_INFINITY;
    this.#watch.delete(this);
    this.#socket.off('data', this.#onData);
    this.#socket.off('error', this.#onError);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
  }

  // A socket that nobody listens to must not end the process by its last error.
  #silence(): void {
    this.#socket.on('error', () => {});
  }
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  return bytes;
}
