/**
 * Octets in and out, TLS put over them, and an end that lets the peer read why.
 *
 *   open ── secure() ──▶ shaking hands ── `secure` ──▶ open ── close(text) ──▶ lingering ──▶ gone
 *
 * What must never happen: an error event that nobody hears; a write after the end; a peer that holds a dead connection for ever.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

export interface WireEvents {
  data(chunk: Buffer): void;
  /** All that was written has left; more may be. */
  drained(): void;
  /** The peer says no more, but may still read. */
  ended(): void;
  /** Nothing can be said or heard any more. */
  gone(): void;
}

/** What a refused peer may still send while it lingers, octets. */
const LINGERING_BYTES_MAX = 1024 * 1024;
/** Octets of one write: small enough that `unsentBytes` shows that a slow peer takes something. */
const WRITE_BYTES = 64 * 1024;
const NOTHING: Buffer = Buffer.alloc(0);

export class Wire {
  #socket: Socket;
  readonly #events: WireEvents;
  #state: 'open' | 'lingering' | 'gone' = 'open';
  #paused = false;
  #lingeringBytes = 0;
  #flushed: ((all: boolean) => void) | null = null;

  constructor(socket: Socket, events: WireEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.setNoDelay(true);
    this.#attach(socket);
  }

  get state(): 'open' | 'lingering' | 'gone' {
    return this.#state;
  }

  /** Octets that the peer has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Whether the peer has so much to take that it must take some first; below the socket's own mark, nothing would say that it has. */
  isFull(bytesMax: number): boolean {
    return this.#socket.writableLength > Math.max(bytesMax, this.#socket.writableHighWaterMark);
  }

  /** Octets that arrived and were not handed out: must be none when TLS begins (RFC 3207 §4, RFC 9051 §11.1, RFC 2595 §4). */
  get unreadBytes(): number {
    return this.#socket.readableLength;
  }

  /** Text of ASCII in `latin1`, which costs least; any text in `utf8`. */
  write(octets: string | Uint8Array, encoding: 'latin1' | 'utf8' = 'latin1'): void {
    if (this.#state !== 'open' || octets.length === 0) return;
    if (typeof octets === 'string') this.#socket.write(octets, encoding);
    else
      for (let at = 0; at < octets.length; at += WRITE_BYTES) this.#socket.write(octets.subarray(at, at + WRITE_BYTES));
  }

  /** Resolves when all that was written has left this process; false where the connection is lost first. One at a time. */
  flushed(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#flushed = resolve;
      if (this.#state === 'gone') resolve(false);
      else this.#socket.write(NOTHING, (error) => resolve(error === null || error === undefined));
    });
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Puts TLS over the connection; its event `secure` follows, or `gone`. `rest`: octets of the handshake that were read already. */
  secure(over: (plain: Socket) => TLSSocket, rest: Buffer = NOTHING): TLSSocket {
    const plain = this.#socket;
    plain.removeAllListeners('data').removeAllListeners('drain').removeAllListeners('end').removeAllListeners('close');
    // What comes between here and the first read of TLS must wait for it, in order.
    plain.pause();
    if (rest.length > 0) plain.unshift(rest);
    const secured = over(plain);
    this.#socket = secured;
    this.#paused = false;
    this.#attach(secured);
    return secured;
  }

  /** Says a last word, then waits a little for the peer to read it. */
  close(text: string, encoding: 'latin1' | 'utf8' = 'latin1'): void {
    if (this.#state !== 'open') return;
    this.#state = 'lingering';
    this.#socket.end(text, encoding);
    this.#paused = true;
    this.resume();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#leave();
  }

  #attach(socket: Socket): void {
    // Scripts and some devices close their side when they have said all; the replies must still reach them.
    socket.allowHalfOpen = true;
    socket.on('data', (chunk: Buffer) => this.#heard(chunk));
    socket.on('drain', () => this.#events.drained());
    socket.on('end', () => this.#ended());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#leave());
  }

  #heard(chunk: Buffer): void {
    if (this.#state === 'open') this.#events.data(chunk);
    else this.#countLingering(chunk.length);
  }

  #countLingering(bytes: number): void {
    this.#lingeringBytes += bytes;
    if (this.#lingeringBytes > LINGERING_BYTES_MAX) this.destroy();
  }

  #ended(): void {
    if (this.#state === 'open') this.#events.ended();
    else this.destroy();
  }

  #leave(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#flushed?.(false);
    this.#events.gone();
  }
}
