/**
 * The connection below a session: octets in and out, TLS put over it, and an end that lets the peer read why.
 *
 *   open ── secure() ──▶ shaking hands ── `secure` ──▶ open ── close(text) ──▶ lingering ──▶ gone
 *
 * What must never happen: an error event that nobody hears; a write after the end; a peer that holds a dead connection for ever.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ImapTls, ListenerKind } from './world.ts';

export interface WireEvents {
  data(chunk: Buffer): void;
  /** What was written has left; more may be. */
  drained(): void;
  /** The peer says no more, but may still read. */
  ended(): void;
  /** Nothing can be said or heard any more. */
  gone(): void;
}

/** What a refused peer may still send while it lingers, octets. */
const LINGERING_BYTES_MAX = 1024 * 1024;

export class Wire {
  #socket: Socket;
  readonly #events: WireEvents;
  #state: 'open' | 'lingering' | 'gone' = 'open';
  #paused = false;
  #lingeringBytes = 0;

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

  /** Octets that arrived and were not handed out: must be none when TLS begins (RFC 9051 §11.1). */
  get unreadBytes(): number {
    return this.#socket.readableLength;
  }

  write(octets: string | Uint8Array): void {
    if (this.#state !== 'open' || octets.length === 0) return;
    if (typeof octets === 'string') this.#socket.write(octets, 'utf8');
    else this.#socket.write(octets);
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
  secure(tls: ImapTls, kind: ListenerKind, rest?: Buffer): TLSSocket {
    const plain = this.#socket;
    plain.removeAllListeners('data').removeAllListeners('drain').removeAllListeners('end').removeAllListeners('close');
    // What comes between here and the first read of TLS must wait for it, in order.
    plain.pause();
    if (rest !== undefined && rest.length > 0) plain.unshift(rest);
    const secured = tls.secure(plain, kind);
    this.#socket = secured;
    this.#paused = false;
    this.#attach(secured);
    return secured;
  }

  /** Says a last word, then waits a little for the peer to read it. */
  close(text: string): void {
    if (this.#state !== 'open') return;
    this.#state = 'lingering';
    this.#socket.end(text, 'utf8');
    this.#paused = true;
    this.resume();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#leave();
  }

  #attach(socket: Socket): void {
    // Scripts close their side when they have said all; the answers must still reach them.
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
    this.#events.gone();
  }
}
